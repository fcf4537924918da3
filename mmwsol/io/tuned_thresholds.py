"""Thresholds chosen on another split, from the metrics that were written for it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmwsol.functional.protocol import Protocol, parse_threshold
from mmwsol.io.text import is_number, read_json


def tuned_for(protocol: Protocol) -> dict[str, float]:
    """Metrics in the file that a protocol's ``threshold`` names; empty if it names none."""
    _, file = parse_threshold(protocol.threshold)
    return tuned_metrics(file, protocol.percentile) if isinstance(file, str) else {}


def unjudged(metrics: Mapping[str, Any]) -> list[str]:
    """Prefixes of metrics, such as ``loc``, that could judge none of their images.

    >>> unjudged({'loc/num_images': 2.0, 'loc/num_invalid': 2.0, 'pix/num_images': 2.0})
    ['loc']
    """
    numbers = {name: value for name, value in metrics.items() if is_number(value)}
    found = []
    for name, invalid in numbers.items():
        start, last = name[: name.rfind('/') + 1], name[name.rfind('/') + 1 :]
        if last == 'num_invalid' and invalid:
            # of an image with several labels, each is judged
            count = numbers.get(f'{start}num_images', 0)
            if invalid >= numbers.get(f'{start}num_pairs', count):
                found.append(start.rstrip('/'))
    return found


def tuned_metrics(file: str, percentile: float = 100.0) -> dict[str, float]:
    """Metrics of another split, without a prefix such as ``loc/``.

    Args:
        file: The JSON file that ``tools/test.py --out`` or ``tools/eval_maps.py --out`` wrote.
        percentile: The percentile of a map that the thresholds must be shares of.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It does not hold thresholds chosen by 'oracle', or shares of another
            percentile, or one outside [0, 1], or none of its images could be judged.
    """
    path = Path(file)
    if not path.is_file():
        raise FileNotFoundError(
            f'Expected the metrics of a held-out split in {file}, which `threshold` names, '
            'but there is no such file; write it with tools/test.py --out or '
            'tools/eval_maps.py --out.'
        )
    content = read_json(path, dict)
    protocol = content.get('protocol')
    how = protocol.get('threshold') if isinstance(protocol, dict) else None
    if how != 'oracle':
        raise ValueError(
            f"Expected thresholds chosen by 'oracle' on the held-out split in {file}, but "
            f'got {repr(how)[:80]}.'
        )
    other = protocol.get('percentile', 100.0)
    if other != percentile:
        raise ValueError(
            f'Expected thresholds that are shares of percentile {percentile:g} of a map in '
            f'{file}, but got shares of percentile {repr(other)[:80]}; write it with '
            f'`test_evaluator.0.percentile={percentile:g}`.'
        )
    metrics = content.get('metrics', content)
    metrics = metrics if isinstance(metrics, dict) else {}
    # masks have a threshold too, of the same name
    boxes = {name.rpartition('/')[0] for name in metrics if name.endswith('/gt_known')}
    if {*unjudged(metrics)} & (boxes or {''}):
        raise ValueError(
            f'Expected thresholds of images that could be judged in {file}, but none of its '
            'images could; evaluate images with true boxes and maps.'
        )
    numbers = {
        name.rpartition('/')[2]: value
        for name, value in metrics.items()
        if is_number(value) and (not boxes or name.rpartition('/')[0] in boxes)
    }
    for name, value in numbers.items():
        if name.startswith('threshold') and not 0 <= value <= 1:
            raise ValueError(f'Expected {name!r} in [0, 1] in {file}, but got {value}.')
    return numbers
