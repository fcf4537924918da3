"""What long runs take of the machine, epoch by epoch, in one picture."""

import numpy as np
from matplotlib.figure import Figure

from tools.benchmarks.usage import Usage

_PANELS = {
    'resident memory, MB': ('memory', 1e-6),
    "workers' resident memory, MB": ('workers_memory', 1e-6),
    'open files': ('files', 1),
    'threads': ('threads', 1),
}


def plot_usage(runs: dict[str, list[Usage]]) -> Figure:
    """Memory, open files and threads over epochs, each from 0.

    Args:
        runs: By name, what was noted after each epoch.
    """
    figure = Figure(figsize=(10, 2.6), dpi=100, layout='constrained')
    for axes, (title, (field, unit)) in zip(
        figure.subplots(1, len(_PANELS)), _PANELS.items()
    ):
        for name, noted in runs.items():
            amounts = np.array([getattr(one, field) for one in noted]) * unit
            axes.plot(np.arange(1, len(noted) + 1), amounts, lw=1.4, label=name)
        axes.set_title(title, fontsize=9)
        axes.set(xlabel='epoch', ylim=(0, 1.2 * axes.dataLim.ymax))
        axes.grid(alpha=0.3)
        axes.spines[['top', 'right']].set_visible(False)
    figure.legend(
        *axes.get_legend_handles_labels(), loc='outside lower center', ncols=2
    )
    return figure
