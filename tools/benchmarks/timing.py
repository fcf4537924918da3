"""Clocks for a noisy machine."""

import time
from collections.abc import Callable, Mapping

import torch

CLOCKS = dict(wall=time.perf_counter, cpu=time.process_time)


def alternate(
    steps: Mapping[str, Callable[[], object]],
    rounds: int,
    device: torch.device,
    warm_up: int = 2,
    clock: str = 'wall',
) -> dict[str, list[float]]:
    """Seconds of each step in every round, the steps taking turns.

    What else a machine does slows neighbours in time alike: the ratio of two steps of one
    round says more than the ratio of two averages.

    Args:
        steps: By name.
        rounds: How often each is measured.
        device: A GPU is waited for before and after each step.
        warm_up: Rounds that are not measured.
        clock: `'wall'`, or `'cpu'`: time of all threads of this process, which leaves out
            what other processes take; not for a GPU.
    """
    if clock not in CLOCKS:
        raise ValueError(
            f'Expected `clock` to be one of {tuple(CLOCKS)}, but got {clock!r}.'
        )
    if clock == 'cpu' and device.type != 'cpu':
        raise ValueError(
            f"Expected `clock` to be 'wall' on {device.type}, but got 'cpu'."
        )
    for _ in range(warm_up):
        for step in steps.values():
            step()
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            synchronize(device)
            start = CLOCKS[clock]()
            step()
            synchronize(device)
            times[name].append(CLOCKS[clock]() - start)
    return times


def synchronize(device: torch.device) -> None:
    """Waits for a GPU to finish what it was given."""
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
