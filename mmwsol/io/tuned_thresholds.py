"""Thresholds chosen on another split, from the metrics that were written for it."""

from pathlib import Path

from mmwsol.functional.protocol import Protocol, parse_threshold
from mmwsol.io.text import is_number, read_json


def tuned_for(protocol: Protocol) -> dict[str, float]:
    """Metrics in the file that a protocol's ``threshold`` names; empty if it names none."""
    _, file = parse_threshold(protocol.threshold)
    return tuned_metrics(file) if isinstance(file, str) else {}


def tuned_metrics(file: str) -> dict[str, float]:
    """Metrics of another split, without a prefix such as ``loc/``.

    Args:
        file: The JSON file that ``tools/test.py --out`` or ``tools/eval_maps.py --out`` wrote.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It does not hold thresholds chosen by 'oracle', or one outside [0, 1].
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
    metrics = content.get('metrics', content)
    numbers = {
        name.split('/')[-1]: value
        for name, value in (metrics.items() if isinstance(metrics, dict) else ())
        if is_number(value)
    }
    for name, value in numbers.items():
        if name.startswith('threshold') and not 0 <= value <= 1:
            raise ValueError(f'Expected {name!r} in [0, 1] in {file}, but got {value}.')
    return numbers
