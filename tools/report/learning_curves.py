"""Loss and accuracy over epochs, from the log of a training."""

from pathlib import Path
from typing import NamedTuple

from tools.report.scalars import is_evaluation, read_scalars


class LearningCurves(NamedTuple):
    """What a training logged."""

    losses: dict[int, float]
    """Mean training loss of each epoch, of what was logged of it."""
    accuracies: dict[int, dict[str, float]]
    """Metrics of each epoch that was evaluated, in percent."""


def read_learning_curves(folder: Path) -> LearningCurves:
    """Reads a work folder of tools/train.py; of an epoch done twice the last counts.

    Raises:
        ValueError: Nothing was trained in it.
    """
    losses: dict[int, dict[int, float]] = {}
    accuracies: dict[int, dict[str, float]] = {}
    for entry in read_scalars(folder):
        if 'loss' in entry:
            losses.setdefault(entry['epoch'], {})[entry['step']] = entry['loss']
        elif is_evaluation(entry):
            accuracies[entry['step']] = entry
    if not losses:
        raise ValueError(
            f'Expected the work folder of a training, but {folder} has no losses.'
        )
    means = {epoch: sum(own.values()) / len(own) for epoch, own in losses.items()}
    return LearningCurves(dict(sorted(means.items())), dict(sorted(accuracies.items())))
