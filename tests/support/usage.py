"""What a process takes of the machine, and a picture of it epoch by epoch."""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import psutil
from matplotlib.figure import Figure

_PANELS = {
    'resident memory, MB': ('memory', 1e-6),
    "workers' resident memory, MB": ('workers_memory', 1e-6),
    'open files': ('files', 1),
    'threads': ('threads', 1),
}


class Usage(NamedTuple):
    """What a process takes, and the processes it started, such as data-loading workers."""

    memory: int
    """Resident bytes of the process."""
    workers_memory: int
    """Resident bytes of the processes it started, added up; shared ones count for each."""
    files: int
    """Open files, pipes and sockets of the process."""
    threads: int
    """Threads of the process."""
    workers: int
    """Processes it started that are alive, or that it did not wait for."""


def usage() -> Usage:
    """What this process takes at this moment."""
    process = psutil.Process()
    workers, workers_memory = process.children(), 0
    for worker in workers:
        with suppress(psutil.Error):  # it may have ended just now
            workers_memory += worker.memory_info().rss
    return Usage(
        memory=process.memory_info().rss,
        workers_memory=workers_memory,
        files=process.num_fds(),
        threads=process.num_threads(),
        workers=len(workers),
    )


def growth(amounts: Sequence[float]) -> float:
    """Slope of the line that fits best, an epoch, a batch or whatever was counted."""
    return float(np.polyfit(np.arange(len(amounts)), amounts, 1)[0])


def plot_usage(runs: dict[str, list[Usage]]) -> Figure:
    """Memory, open files and threads over epochs, each from 0.

    Args:
        runs: What was noted after each epoch, by name.
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
