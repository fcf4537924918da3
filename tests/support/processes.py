"""Work in processes of their own, which fork from one that has imported everything."""

import gc
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import torch

from tests.support.models import ROOT

# once, before processes fork; pkg_resources is what mmengine asks for versions
IMPORTED = ['mmwsol', 'matplotlib.backends.backend_agg', 'numba', 'pkg_resources']


def start(
    work: Callable[[], object],
    log: Path,
    threads: int = 1,
    folder: Path = ROOT,
    **environment: str,
) -> multiprocessing.Process:
    """Starts work.

    Args:
        work: What is called there; it and its arguments are pickled.
        log: File that the output is appended to.
        threads: The number of torch's threads.
        folder: Where it works, the repository's root by default.
        **environment: Variables to set, such as a launcher's RANK.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(IMPORTED)
    process = context.Process(
        target=_run, args=(work, log, threads, folder, environment)
    )
    process.start()
    return process


def _run(
    work: Callable[[], object],
    log: Path,
    threads: int,
    folder: Path,
    environment: dict[str, str],
) -> None:
    gc.freeze()  # as in conftest
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(folder)
    torch.set_num_threads(threads)
    work()
