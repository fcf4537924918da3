"""A config's training and test step, ready to be run again and again."""

from contextlib import nullcontext
from copy import deepcopy

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.optim import build_optim_wrapper
from mmengine.runner import load_checkpoint
from mmpretrain.registry import MODELS

from mmwsol.engine.mixed_precision import use_mixed_precision
from tools.benchmarks.synthetic import pipeline_size, synthetic_batch

DTYPES = dict(fp16=torch.float16, bf16=torch.bfloat16, none=torch.float32)


class Workload:
    """Model, optimizer and a batch of noise.

    Weights are random unless a checkpoint is given; nothing is downloaded or read.

    Args:
        config: Of the model.
        batch_size: By default the config's, of training.
        image_size: Side of square images; by default what the pipelines make.
        amp: `'fp16'`, `'bf16'` or `'none'`, in training and test.
        compile_steps: Whether steps run through ``torch.compile``, as with `--compile`.
        checkpoint: File of weights.
    """

    def __init__(
        self,
        config: Config,
        batch_size: int | None = None,
        image_size: int | None = None,
        amp: str = 'none',
        compile_steps: bool = False,
        checkpoint: str | None = None,
    ) -> None:
        config = deepcopy(config)
        config.model.backbone.init_cfg = None
        if amp != 'none':
            use_mixed_precision(config, amp)
        self.device = torch.device(get_device())
        self.dtype = DTYPES[amp]
        self.batch_size = batch_size or config.train_dataloader.batch_size
        self.model = MODELS.build(config.model).to(self.device)
        if checkpoint:
            load_checkpoint(self.model, checkpoint, 'cpu')
        self.optim_wrapper = build_optim_wrapper(self.model, config.optim_wrapper)
        self.model.train()  # freezes what is to be frozen
        loaders = dict(train=config.train_dataloader, test=config.test_dataloader)
        self.sizes = {
            mode: (image_size, image_size)
            if image_size
            else pipeline_size(loader.dataset)
            for mode, loader in loaders.items()
        }
        self.batches = {
            mode: synthetic_batch(self.batch_size, size, self.model.head.num_classes)
            for mode, size in self.sizes.items()
        }
        if compile_steps:
            self.compile_steps()

    def compile_steps(self) -> None:
        """As mmengine's runner does with ``compile=True``."""
        self.model.train_step = torch.compile(self.model.train_step)
        self.model.test_step = torch.compile(self.model.test_step)

    def parameters(self) -> tuple[int, int]:
        """Numbers that are trained, and all."""
        sizes = [(p.requires_grad, p.numel()) for p in self.model.parameters()]
        return sum(size for trained, size in sizes if trained), sum(
            size for _, size in sizes
        )

    def train_step(self, batch: dict | None = None) -> None:
        """Preprocessing, forward pass, losses, backward pass, optimizer."""
        if not self.model.training:
            self.model.train()
        self.model.train_step(batch or self.batches['train'], self.optim_wrapper)

    def test_step(self) -> None:
        """Preprocessing, forward pass, maps at input size."""
        if self.model.training:
            self.model.eval()
        half = torch.autocast(self.device.type, self.dtype)
        with torch.no_grad(), nullcontext() if self.dtype == torch.float32 else half:
            self.model.test_step(self.batches['test'])
