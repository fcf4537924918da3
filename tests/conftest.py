"""Small data and models, made anew for every test that asks."""

import warnings
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample

with warnings.catch_warnings():
    warnings.simplefilter('ignore')  # mmcv-lite announces what it lacks
    import mmwsol  # noqa: F401  registers

ROOT = Path(__file__).parent.parent
torch.set_num_threads(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        '--long',
        action='store_true',
        help='tests that inject faults, marked `faults`, try their full number',
    )


@pytest.fixture
def tries(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """``tries(20, 500)`` is 20 in the default suite and 500 with ``--long``."""
    return lambda short, full: full if request.config.getoption('long') else short


@pytest.fixture(autouse=True)
def scope() -> None:
    init_default_scope('mmpretrain')


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture
def log_messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged as a warning through mmengine during the test."""
    messages: list[str] = []
    logger = MMLogger.get_current_instance()
    monkeypatch.setattr(logger, 'warning', lambda text, *a, **k: messages.append(text))
    return messages


@pytest.fixture
def cub_root(tmp_path: Path) -> Path:
    """A folder in CUB's layout: 3 classes, 4 training and 2 test images each, 40 x 30."""
    root = tmp_path / 'CUB_200_2011'
    names = ['001.Albatross', '002.Auklet', '003.Wren']
    tables: dict[str, list[str]] = {
        name: []
        for name in (
            'images',
            'image_class_labels',
            'train_test_split',
            'bounding_boxes',
        )
    }
    rng = np.random.default_rng(0)
    key = 0
    for label, name in enumerate(names, start=1):
        (root / 'images' / name).mkdir(parents=True)
        for i in range(6):
            key += 1
            path = f'{name}/bird_{i}.jpg'
            image = rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)
            cv2.imwrite(str(root / 'images' / path), image)
            tables['images'].append(f'{key} {path}')
            tables['image_class_labels'].append(f'{key} {label}')
            tables['train_test_split'].append(f'{key} {int(i < 4)}')
            tables['bounding_boxes'].append(f'{key} 4.0 3.0 {20 + i}.0 15.0')
    for name, lines in tables.items():
        (root / f'{name}.txt').write_text('\n'.join(lines) + '\n')
    classes = '\n'.join(f'{i} {name}' for i, name in enumerate(names, start=1))
    (root / 'classes.txt').write_text(classes + '\n')
    return root


def shrink(config: Config) -> Config:
    """The same model from random weights, narrow where the backbone allows it."""
    config.model.backbone.init_cfg = None
    backbone, neck, head = (
        config.model.backbone,
        config.model.get('neck'),
        config.model.head,
    )
    if backbone.type == 'TapResNet':
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


@pytest.fixture
def tiny_config() -> Callable[[str], Config]:
    """Config of a file below configs/, shrunk."""
    return lambda path: shrink(Config.fromfile(ROOT / 'configs' / path))


def labels_to_samples(labels: list) -> list[DataSample]:
    """A data sample for each label."""
    return [DataSample().set_gt_label(int(label)) for label in labels]


def tiny_localizer(head: dict, neck: dict | None = None, **model) -> torch.nn.Module:
    """A Localizer on 4 classes, always from the same weights; tap (32, 8, 8), (64, 4, 4)."""
    torch.manual_seed(0)
    if neck:
        neck = dict(in_channels=(32, 64), num_convs=0, **neck)
    return MODELS.build(
        dict(
            type='Localizer',
            backbone=dict(type='TapResNet', depth=18, stem_channels=8, base_channels=8),
            neck=neck,
            head=dict(num_classes=4, in_channels=64, **head),
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


@pytest.fixture
def pnsc():
    """A Localizer with PNSC on 4 classes."""

    def build(**head):
        head = {'type': 'PNSCHead', 'loss_contrast': dict(type='PNSCLoss'), **head}
        return tiny_localizer(head, dict(type='SoftFusionNeck', num_maps=4))

    return build
