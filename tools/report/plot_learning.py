"""Several trainings' losses and accuracies over epochs in one picture."""

from matplotlib.figure import Figure

from tools.report.learning_curves import LearningCurves
from tools.report.plot_runs import BELOW


def plot_learning(runs: dict[str, LearningCurves], metric: str, name: str) -> Figure:
    """The training loss on the left, a metric of the evaluations between on the right.

    Args:
        runs: By name; losses of several methods have different terms.
        metric: As the logs call it.
        name: Of the metric, for readers.
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
