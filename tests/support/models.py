"""Narrow models and their data samples."""

import copy
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample

ROOT = Path(__file__).parents[2]
# classes of the fixture `cub_root`
BIRDS = ('001.Albatross', '002.Auklet', '003.Wren')


@cache
def _read(path: str) -> Config:
    return Config.fromfile(ROOT / 'configs' / path)


def read_config(path: str) -> Config:
    """The config of a file below configs/, which is read once; a tenth of a second each."""
    return copy.deepcopy(_read(path))


def shrink(config: Config) -> Config:
    """The same model from random weights, narrow where the backbone allows it."""
    config.model.backbone.init_cfg = None
    backbone, neck, head = (
        config.model.backbone,
        config.model.get('neck'),
        config.model.head,
    )
    if backbone.type in ('TapResNet', 'ResNet'):
        backbone.update(stem_channels=8, base_channels=8)
        expansion = 4 if backbone.depth >= 50 else 1
        channels = (32 * expansion, 64 * expansion)
    else:
        channels = None
    if channels and neck:
        neck.in_channels = channels
    if neck and neck.get('num_convs', 2):
        neck.hidden_channels = head.in_channels = 16
    elif channels:
        head.in_channels = channels[-1]
    if 'level_channels' in head:
        head.hidden_channels = 16
        if channels:
            head.level_channels = (channels[0], channels[0])
    for plugin in config.model.get('plugins', ()):
        if 'in_channels' in plugin.module:
            plugin.module.update(shrunk_plugin(plugin, channels))
    return config


def shrunk_plugin(plugin: dict, channels: tuple[int, int] | None) -> dict:
    """Channels of a plugin whose layer has been shrunk."""
    (layer,) = {name[: len('backbone.layer4')] for name in plugin['after']}
    if layer.startswith('neck'):
        return dict(in_channels=16)
    if channels:
        return dict(in_channels=channels[layer == 'backbone.layer4'])
    return {}


def labels_to_samples(labels: list) -> list[DataSample]:
    """A data sample for each label, with a pseudo box for methods that learn from one."""
    samples = [DataSample().set_gt_label(int(label)) for label in labels]
    for sample in samples:
        sample.set_field(torch.tensor([[8.0, 4.0, 40.0, 36.0]]), 'gt_bboxes')
    return samples


def images_and_samples(
    generator: torch.Generator, labels: Sequence[int] = (0, 3, 1)
) -> tuple[torch.Tensor, list[DataSample]]:
    """A random image of 64 x 64 pixels for each label, ``(N, 3, 64, 64)``, and its sample."""
    inputs = torch.rand(len(labels), 3, 64, 64, generator=generator)
    return inputs, labels_to_samples(list(labels))


def tiny_localizer(head: dict, neck: dict | None = None, **model) -> torch.nn.Module:
    """A Localizer on 4 classes, always from the same weights; tap (32, 8, 8), (64, 4, 4)."""
    torch.manual_seed(0)
    if neck:
        neck = {'in_channels': (32, 64), 'num_convs': 0, **neck}
    return MODELS.build(
        dict(
            type='Localizer',
            backbone=dict(type='TapResNet', depth=18, stem_channels=8, base_channels=8),
            neck=neck,
            head={'num_classes': 4, 'in_channels': 64, **head},
            **model,
        )
    )


def like_cam(model: torch.nn.Module) -> torch.nn.Module:
    """CAM with the weights of another method's model."""
    cam = tiny_localizer(dict(type='CAMHead'))
    own = cam.state_dict()
    own.update({k: v for k, v in model.state_dict().items() if k in own})
    cam.load_state_dict(own)
    return cam


def toy_configs() -> list[str]:
    """Configs of every method on ToyShapes, as named below configs/."""
    files = ROOT.glob('configs/*/*_toy.py')
    return sorted(str(file.relative_to(ROOT / 'configs')) for file in files)


def toy_model(path: str) -> torch.nn.Module:
    """A narrow model of a toy config, whose classes and places differ."""
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    model = MODELS.build(shrink(read_config(path)).model).eval()
    for parameter in model.head.parameters():
        parameter.data.normal_(std=0.1)
    return model


def random_images(
    count: int, generator: torch.Generator, size: tuple[int, int] = (64, 48)
) -> torch.Tensor:
    """``(N, 3, H, W)`` uint8, BGR."""
    shape = (count, 3, *size)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
