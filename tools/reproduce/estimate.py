"""How long runs will take, from the operations that a step makes."""

import time
from statistics import median

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmpretrain.registry import DATASETS

from tools.benchmarks.flops import Matmul, count_flops
from tools.benchmarks.workload import Workload
from tools.reproduce.steps import Step

SHARES = dict(cpu=0.7, cuda=0.25)
"""Of the measured matmul peak. CPU: measured, docs/performance.md; GPU: assumed."""
IMAGES = 2
"""That operations are counted on."""


class Estimate:
    """Seconds of steps on this machine, one after another, loading of images left out."""

    def __init__(self) -> None:
        self.peaks: dict[str, float] = {}
        self.counted: dict[str, tuple[float, float]] = {}

    def seconds(self, chain: list[Step], configs: list[Config]) -> float:
        """Of a run's training and tests, done or not.

        Raises:
            FileNotFoundError: The data are not there, whose images would be counted.
        """
        train, test = self._operations(configs[0])
        config = configs[0]
        epochs = config.train_cfg.max_epochs
        evaluations = -(-epochs // config.train_cfg.val_interval)
        datasets = [c[f'{part}_dataloader'].dataset for c, part in _parts(configs)]
        sizes = [len(DATASETS.build(dataset)) for dataset in datasets]
        training = sizes[0] * epochs * train / self._rate(config)
        views = [10 if 'tta_model' in c and 'module' in c.model else 1 for c in configs]
        tested = sizes[1] * evaluations + sum(
            size * view for size, view in zip(sizes[2:], views[1:])
        )
        return training + tested * test / self._rate(configs[-1])

    def _operations(self, config: Config) -> tuple[float, float]:
        """Of an image, in training and in a test."""
        key = repr(
            {**config.model, 'backbone': {**config.model.backbone, 'init_cfg': 0}}
        )
        if key not in self.counted:
            workload = Workload(config, batch_size=IMAGES)
            steps = workload.train_step, workload.test_step
            self.counted[key] = tuple(count_flops(step) / IMAGES for step in steps)
        return self.counted[key]

    def _rate(self, config: Config) -> float:
        """Operations a second: a share of what a large matrix product makes."""
        device = torch.device(get_device())
        kind = config.optim_wrapper.get('type', 'OptimWrapper')
        half = {'AutocastOptimWrapper': torch.bfloat16, 'AmpOptimWrapper': torch.half}
        dtype = half.get(kind, torch.float32)
        if str(dtype) not in self.peaks:
            product = Matmul(device, dtype)
            self.peaks[str(dtype)] = product.flops / median(
                _timed(product, device) for _ in range(3)
            )
        return self.peaks[str(dtype)] * SHARES.get(device.type, SHARES['cuda'])


def _timed(product: Matmul, device: torch.device) -> float:
    begin = time.perf_counter()
    product()
    if device.type == 'cuda':
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def _parts(configs: list[Config]) -> list[tuple[Config, str]]:
    return [
        (configs[0], 'train'),
        (configs[0], 'val'),
        *((config, 'test') for config in configs[1:]),
    ]
