"""A config's training and test step on batches of noise, to be run again and again."""

from contextlib import nullcontext
from copy import deepcopy

import numpy as np
import torch
from mmengine.config import Config, ConfigDict
from mmengine.dataset import Compose
from mmengine.device import get_device
from mmengine.optim import build_optim_wrapper
from mmpretrain.registry import DATASETS, MODELS, TRANSFORMS
from mmpretrain.structures import DataSample

from mmwsol.engine.checkpoints import load_whole
from mmwsol.engine.mixed_precision import use_mixed_precision

DTYPES = dict(fp16=torch.float16, bf16=torch.bfloat16, none=torch.float32)
SHAPES = ((300, 400), (500, 350))  # of images, before the pipeline


class Workload:
    """Model, optimizer and a batch of noise.

    Weights are random unless a checkpoint is given; nothing is downloaded or read.

    Args:
        config: The config of model, optimizer and pipelines.
        batch_size: Images in a batch; by default the config's number for training.
        image_size: Side of square images; by default what the pipelines make.
        amp: `'fp16'`, `'bf16'` or `'none'`, in training and test.
        compile_steps: Whether steps run through ``torch.compile``, as with `--compile`.
        checkpoint: A file of weights.
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
            load_whole(self.model, checkpoint)
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


def synthetic_batch(
    batch_size: int, size: tuple[int, int], num_classes: int, seed: int = 0
) -> dict:
    """What a loader gives: noise, and labels in turn.

    Args:
        batch_size: The number of images.
        size: The size of each, ``(H, W)``.
        num_classes: How many labels there are.
        seed: The seed of the noise.
    """
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(
        256, (batch_size, 3, *size), dtype=torch.uint8, generator=generator
    )
    samples = [DataSample().set_gt_label(i % num_classes) for i in range(batch_size)]
    for sample in samples:  # for a method that learns from boxes
        sample.set_field(torch.tensor([[0, 0, size[1], size[0]]]), 'gt_bboxes')
    return dict(inputs=list(images), data_samples=samples)


def pipeline_size(dataset: ConfigDict) -> tuple[int, int]:
    """``(H, W)`` of what a data set's pipeline makes.

    The transforms are run on noise, without what reads files. Where that leaves the size
    open it is the first image's.
    """
    transforms = Compose(
        [
            TRANSFORMS.build(transform)
            for transform in dataset.pipeline
            if not transform.type.rpartition('.')[2].startswith(('Load', 'Pack'))
        ]
    )
    sizes = set()
    for shape in SHAPES:
        image = np.zeros((*shape, 3), np.uint8)
        results = dict(img=image, img_shape=shape, ori_shape=shape, gt_label=0)
        results['gt_bboxes'] = np.array([[0, 0, *shape[::-1]]], np.float32)
        sizes.add(transforms(results)['img'].shape[:2])
    if len(sizes) == 1:
        return sizes.pop()
    return tuple(DATASETS.build(dataset)[0]['inputs'].shape[-2:])
