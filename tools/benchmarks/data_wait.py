"""How long training waits for its data."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import NamedTuple

import torch

from tools.benchmarks.timing import synchronize


class DataWait(NamedTuple):
    """Of some steps."""

    loader_rate: float
    """Images a second of the loader alone."""
    loop_rate: float
    """Images a second of loader and steps."""
    waiting: float
    """Share of the loop's time that no step was made, in [0, 1]."""


def data_wait(
    loader: Iterable[dict],
    step: Callable[[dict], object],
    steps: int,
    device: torch.device,
) -> DataWait:
    """Runs a loader alone, and with a step on each batch.

    The first batch, for which workers start, is not measured. Batches made ahead while it
    was used make the first waits short: take more steps than workers times their
    ``prefetch_factor``.

    Args:
        loader: Started again where it ends.
        step: Gets a batch.
        steps: Batches that are measured, of each of the two.
        device: Of the step.
    """
    batches = _endless(loader)
    next(batches)
    start, images = time.perf_counter(), 0
    for _ in range(steps):
        images += len(next(batches)['inputs'])
    loader_rate = images / (time.perf_counter() - start)
    step(next(batches))
    synchronize(device)
    start, images, waited = time.perf_counter(), 0, 0.0
    for _ in range(steps):
        asked = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - asked
        images += len(batch['inputs'])
        step(batch)
        synchronize(device)
    spent = time.perf_counter() - start
    return DataWait(loader_rate, images / spent, waited / spent)


def _endless(loader: Iterable[dict]) -> Iterator[dict]:
    return chain.from_iterable(repeat(loader))
