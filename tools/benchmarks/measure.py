"""Time, operations and memory of the steps of some configs."""

import ctypes
import gc
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import psutil
import torch
from mmengine.config import Config

from tools.benchmarks.flops import Matmul, count_flops
from tools.benchmarks.workload import Workload

MODES = ('train', 'test')
PEAK = 'measured matmul peak'
CLOCKS = ('wall', 'cpu')


def measure(
    configs: Mapping[str, Config],
    rounds: int = 5,
    clock: str = 'wall',
    compile_steps: bool = False,
    **options,
) -> list[dict]:
    """A row for each config, the first being the one that others are compared with.

    Args:
        configs: The configs by name.
        rounds: Rounds in which every config's step is measured once.
        clock: As for :func:`alternate`.
        compile_steps: As for :class:`Workload`; operations and memory are those of the
            uncompiled step.
        **options: Other arguments of :class:`Workload`.

    Returns:
        For each config ``config, batch_size, trainable, parameters``, and under ``train``
        and ``test`` what :func:`figures` returns.
    """
    workloads = {name: Workload(c, **options) for name, c in configs.items()}
    rows = [
        dict(
            config=name,
            batch_size=workload.batch_size,
            **dict(zip(('trainable', 'parameters'), workload.parameters())),
        )
        for name, workload in workloads.items()
    ]
    device, dtype = next((w.device, w.dtype) for w in workloads.values())
    matmul = Matmul(device, dtype)
    for mode in MODES:
        steps = {n: getattr(w, f'{mode}_step') for n, w in workloads.items()}
        flops = {name: count_flops(step) for name, step in steps.items()}
        flops[PEAK] = matmul.flops
        if compile_steps and mode == MODES[0]:
            for workload in workloads.values():
                workload.compile_steps()
        steps[PEAK] = matmul
        times = alternate(steps, rounds, clock)
        for row, workload in zip(rows, workloads.values()):
            row[mode] = figures(times, flops, row, next(iter(workloads)))
            row[mode]['image_size'] = workload.sizes[mode]
    # built anew, when all code has been loaded, and one at a time
    workloads.clear()
    del steps, workload
    for row, config in zip(rows, configs.values()):
        for mode in MODES:
            row[mode]['memory'] = peak_memory(
                lambda c=config, m=mode: _two_steps(c, m, options), device
            )
    return rows


def figures(
    times: Mapping[str, list[float]],
    flops: Mapping[str, int],
    row: dict,
    first: str,
) -> dict:
    """Numbers of a mode from seconds and operations of every config and of the peak.

    Returns:
        ``seconds`` of each round; ``images_per_second``, its quartiles; ``flops`` of an
        image; ``time_ratio`` and ``flops_ratio`` to the first config's image, and their
        quotient ``time_over_flops``; ``peak_flops``, a second's operations of the measured
        matmul peak, and ``peak_share``, how much of it was reached. Ratios are medians of
        the rounds' ratios.
    """
    name = row['config']
    own, base, peak = (np.array(times[n]) for n in (name, first, PEAK))
    quartiles = np.percentile(row['batch_size'] / own, (25, 50, 75))
    time_ratio = float(np.median(own / base))
    flops_ratio = flops[name] / flops[first]
    return dict(
        seconds=times[name],
        images_per_second=quartiles.tolist(),
        flops=flops[name] / row['batch_size'],
        time_ratio=time_ratio,
        flops_ratio=flops_ratio,
        time_over_flops=time_ratio / flops_ratio,
        peak_flops=float(np.median(flops[PEAK] / peak)),
        peak_share=float(np.median((flops[name] / own) / (flops[PEAK] / peak))),
    )


def _two_steps(config: Config, mode: str, options: dict) -> None:
    """The second finds the optimizer's state in place."""
    workload = Workload(config, **options)
    for _ in range(2):
        getattr(workload, f'{mode}_step')()


def alternate(
    steps: Mapping[str, Callable[[], object]], rounds: int, clock: str = 'wall'
) -> dict[str, list[float]]:
    """Seconds of each step in every round, the steps taking turns.

    What else a machine does slows neighbours in time alike: the ratio of two steps of one
    round says more than the ratio of two averages. torch's timer runs a step twice before
    it measures, and waits for a GPU.

    Args:
        steps: The steps by name.
        rounds: How often each is measured.
        clock: `'wall'`, or `'cpu'`: time of all threads of this process, which leaves out
            what other processes take; not for a GPU.
    """
    if clock not in CLOCKS:
        raise ValueError(f'Expected `clock` to be one of {CLOCKS}, but got {clock!r}.')
    if clock == 'cpu' and torch.cuda.is_available():
        raise ValueError("Expected `clock` to be 'wall' with a GPU, but got 'cpu'.")
    # on import it logs what it thinks of the machine's CUDA, which --help need not say
    from torch.utils.benchmark import Timer, timer

    timers = {
        name: Timer(
            'step()',
            globals=dict(step=step),
            timer=timer if clock == 'wall' else time.process_time,
            num_threads=torch.get_num_threads(),
        )
        for name, step in steps.items()
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, one in timers.items():
            times[name].append(one.timeit(1).median)
    return times


def peak_memory(work: Callable[[], object], device: torch.device) -> int | None:
    """Bytes by which memory grows at most while some work is done.

    On a GPU what tensors take, without the allocator's cache; on a CPU the resident pages
    of the process, of which Linux knows the highest number. What the work builds counts,
    models and optimizers included. Libraries load code when first used: work that has been
    done once before is measured better.

    Args:
        work: Work that leaves nothing of what it builds.
        device: The device that it uses.

    Returns:
        None on a CPU of a system that does not tell.
    """
    gc.collect()
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        work()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    status, reset = Path('/proc/self/status'), Path('/proc/self/clear_refs')
    if not reset.exists():
        return None
    # what was freed before must not serve the work unseen
    getattr(ctypes.CDLL(None), 'malloc_trim', lambda _: None)(0)
    before = psutil.Process().memory_info().rss
    reset.write_text('5')  # the highest number, which psutil does not tell, starts anew
    work()
    highest = re.search(r'VmHWM:\s*(\d+) kB', status.read_text())[1]
    return 1024 * int(highest) - before
