"""Everything that is to be known about the speed of some configs."""

from collections.abc import Mapping

import numpy as np
from mmengine.config import Config

from tools.benchmarks.flops import count_flops
from tools.benchmarks.matmul import Matmul
from tools.benchmarks.memory import peak_memory
from tools.benchmarks.timing import alternate
from tools.benchmarks.workload import Workload

MODES = ('train', 'test')
PEAK = 'measured matmul peak'


def measure(
    configs: Mapping[str, Config],
    rounds: int = 5,
    warm_up: int = 2,
    clock: str = 'wall',
    compile_steps: bool = False,
    **options,
) -> list[dict]:
    """A row for each config, the first being the one that others are compared with.

    Args:
        configs: By name.
        rounds: In which every config's step is measured once.
        warm_up: Rounds before them.
        clock: As for :func:`alternate`.
        compile_steps: As for :class:`Workload`; operations and memory are those of the
            uncompiled step.
        **options: Others of :class:`Workload`.

    Returns:
        Of each config ``config, batch_size, trainable, parameters`` and under ``train`` and
        ``test``, see :func:`figures`.
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
        times = alternate(steps, rounds, device, warm_up, clock)
        for row, workload in zip(rows, workloads.values()):
            row[mode] = figures(times, flops, row, next(iter(workloads)))
            row[mode]['image_size'] = workload.sizes[mode]
    # anew, when code has been loaded, and none beside it
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
