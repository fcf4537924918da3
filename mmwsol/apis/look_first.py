"""Which images of a run to look at first."""

import csv
import io
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mmwsol.io.atomic import write_atomic

NAME = 'look_first.csv'
ORDERS = ('score', 'name', 'random')
DOUBTS = {
    'class_score': 'the class',
    'map_score': 'the map',
    'familiarity': 'the likeness to its class',
}
"""What is doubted, by the name of the factor of a box's score."""


class Looked(NamedTuple):
    """An image, and what is to be known to decide whether to look at it."""

    name: str
    kind: str = ''
    """The class."""
    score: float | None = None
    """That of its best box; None where it has none."""
    reason: str = ''
    """Why it has none, or what is lowest of what the score is made of."""
    failed: bool = False
    """Whether it could not be read."""

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """What the list is sorted by: failed, without a box, the least certain."""
        return not self.failed, self.score is not None, self.score or 0.0

    @property
    def said(self) -> str:
        """Class and score, or why there is no box."""
        if self.score is None:
            return f'{self.kind}: no box, {self.reason}'
        return f'{self.kind} {self.score:.2f}'


def looked_at(name: str, kind: str, result: dict) -> Looked:
    """What is to be known of a result.

    Args:
        name: The name of its image.
        kind: The name of the class whose boxes it has.
        result: A result of :meth:`LocInferencer.stream`, best box first.
    """
    if 'error' in result:
        return Looked(name, '', None, result['error'], failed=True)
    if not len(result['pred_bboxes']):
        return Looked(name, kind, None, result['reason'] or '')
    factors = dict(
        class_score=result['class_score'],
        map_score=result['map_scores'][0],
        familiarity=result['familiarity'],
    )
    lowest = min(factors, key=lambda factor: factors[factor])
    reason = f'least sure of {DOUBTS[lowest]}, {factors[lowest]:.2f}'
    return Looked(name, kind, float(result['bbox_scores'][0]), reason)


def in_order(images: Sequence[Looked], order: str) -> list[Looked]:
    """Images in one of :data:`ORDERS`; random is the same every time."""
    if order == 'random':
        return random.Random(0).sample(images, len(images))
    if order == 'name':
        return sorted(images, key=lambda image: image.name)
    return sorted(images, key=lambda image: image.rank)


def write_list(images: Sequence[Looked], folder: Path) -> None:
    """Writes the images as a table, those to look at first on top."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator='\n')
    writer.writerow(['image', 'class', 'score', 'reason'])
    for name, kind, score, reason, _ in in_order(images, 'score'):
        writer.writerow([name, kind, '' if score is None else f'{score:.5f}', reason])
    write_atomic(folder / NAME, table.getvalue())
