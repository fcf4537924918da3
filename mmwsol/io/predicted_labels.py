"""Files of the classes that a model predicts, for the evaluation of another model's boxes.

``{"model": "cam/resnet50_cub", "classes": ["001.Black", ...], "best": {"001.Black/1.jpg": [3, 0,
7, 1, 2], ...}}``: who predicted, the names of the classes in their order, and for each image
the numbers of the best scored five (or of all, if they are fewer), best first.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from mmwsol.io.atomic import write_atomic
from mmwsol.io.text import read_json

BEST = 5


class PredictedLabels(NamedTuple):
    """What a file holds."""

    model: str
    """Who predicted."""
    classes: list[str]
    """``K`` names."""
    best: dict[str, list[int]]
    """The best classes of each image, by its path below the image folder."""


def write_labels(file: Path, labels: PredictedLabels) -> None:
    """Writes a file, whole or not at all."""
    write_atomic(file, json.dumps(labels._asdict()))


def read_labels(file: Path) -> PredictedLabels:
    """What a file holds.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It holds something else.
    """
    if not file.is_file():
        raise FileNotFoundError(
            f'Expected the classes that a model predicts in {file}, but there is no such file; '
            'write it with tools/test.py --save-labels.'
        )
    content = read_json(file, dict)
    model, classes = content.get('model'), content.get('classes')
    best = content.get('best')
    problem = ''
    if not isinstance(model, str) or not model.strip():
        problem = f'`model` is {repr(model)[:80]}'
    elif not isinstance(classes, list) or not all(isinstance(c, str) for c in classes):
        problem = '`classes` is no list of names'
    elif not isinstance(best, dict) or not best:
        problem = '`best` has no images'
    else:
        count = min(BEST, len(classes))
        wrong = [k for k, own in best.items() if not _is_best(own, count, len(classes))]
        if wrong:
            problem = (
                f'{len(wrong)} images have something else than {count} different numbers from '
                f'0 to {len(classes) - 1}, the first {wrong[0][:80]!r}: '
                f'{str(best[wrong[0]])[:80]}'
            )
    if problem:
        raise ValueError(
            f'Expected what tools/test.py --save-labels writes in {file}, but {problem}.'
        )
    assert isinstance(best, dict)
    return PredictedLabels(str(model), list(classes or ()), best)


def _is_best(own: Any, count: int, num_classes: int) -> bool:
    return (
        isinstance(own, list)
        and len(own) == count == len({*map(str, own)})
        and all(type(label) is int and 0 <= label < num_classes for label in own)
    )
