"""Accuracy over thresholds, from the files that evaluations write."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmwsol.io.text import is_number, read_json


class BoxCurves(NamedTuple):
    """Accuracies at each of ``T`` thresholds."""

    thresholds: np.ndarray
    """``(T,)`` in [0, 1)."""
    gt_known: np.ndarray
    """``(T,)`` in percent, the protocol's box at IoU 0.5."""
    v2: dict[str, np.ndarray]
    """Of each IoU, such as `'0.3'`, any contour's ``(T,)`` in percent."""

    @property
    def maxboxacc_v2(self) -> float:
        """Mean over IoUs of the curves' maxima."""
        return float(np.mean([curve.max() for curve in self.v2.values()]))


def read_box_curves(file: Path) -> BoxCurves:
    """Reads what ``tools/test.py --out`` or ``tools/eval_maps.py --out`` wrote.

    Raises:
        FileNotFoundError: No such file.
        ValueError: It is something else, or was evaluated without IoU 0.5.
    """
    if not file.is_file():
        raise FileNotFoundError(
            f'Expected the results of an evaluation at {file}, but there is no such file.'
        )
    content = read_json(file)
    curves = content.get('curves') if isinstance(content, dict) else None
    if not isinstance(curves, dict) or 'gt_known_iou50' not in curves:
        raise ValueError(
            f"Expected `curves` with 'gt_known_iou50' in {file}, but there are none; write it "
            'with tools/test.py --out or tools/eval_maps.py --out.'
        )
    start = 'v2_iou'
    try:
        thresholds = np.array(content['thresholds'], float)
        numbers = {name: np.array(curve, float) for name, curve in curves.items()}
        v2 = {
            f'{float(name.removeprefix(start)) / 100:g}': curve
            for name, curve in numbers.items()
            if name.startswith(start)
        }
        for own in (content['thresholds'], *curves.values()):
            if len(own) != len(thresholds) or not all(map(is_number, own)):
                raise ValueError('other values, or more or fewer')
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f'Expected `thresholds`, and a number for each in the `curves` of {file}, but '
            f'got {repr(error)[:200]}.'
        ) from None
    return BoxCurves(thresholds, numbers['gt_known_iou50'], v2)
