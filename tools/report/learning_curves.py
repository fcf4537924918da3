"""Loss and accuracy over epochs, from the logs of trainings."""

from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from tools.report.box_curves import BELOW
from tools.report.scalars import is_evaluation, read_scalars


class LearningCurves(NamedTuple):
    """What a training logged."""

    losses: dict[int, float]
    """Mean of what was logged of the training loss, by epoch."""
    accuracies: dict[int, dict[str, float]]
    """Metrics in percent, by epoch that was evaluated."""


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


def plot_learning_curves(
    runs: dict[str, LearningCurves], metric: str, name: str
) -> Figure:
    """The training loss on the left, a metric of the evaluations between on the right.

    Args:
        runs: The trainings by name; losses of several methods have different terms.
        metric: The name that the logs have for it.
        name: The name for readers.
    """
    figure = Figure(figsize=(10, 4.4), dpi=100, layout='constrained')
    left, right = figure.subplots(1, 2)
    for number, (title, run) in enumerate(runs.items()):
        color = f'C{number % 10}'
        epochs, losses = list(run.losses), list(run.losses.values())
        left.plot(epochs, losses, color=color, lw=1.4, label=title)
        points = {e: m[metric] for e, m in run.accuracies.items() if metric in m}
        right.plot(list(points), list(points.values()), 'o-', color=color, ms=4, lw=1.4)
    left.set(title='training loss, all terms', xlabel='epoch', yscale='log')
    right.set(title=f'{name}, percent', xlabel='epoch', ylim=(0, 102))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.spines[['top', 'right']].set_visible(False)
    left.legend(**BELOW)
    return figure
