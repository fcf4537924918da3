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

from tests.support.models import ROOT, shrink, tiny_localizer

with warnings.catch_warnings():
    warnings.simplefilter('ignore')  # mmcv-lite announces what it lacks
    import mmwsol  # noqa: F401  registers

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


@pytest.fixture
def tiny_config() -> Callable[[str], Config]:
    """Config of a file below configs/, shrunk."""
    return lambda path: shrink(Config.fromfile(ROOT / 'configs' / path))


@pytest.fixture
def pnsc():
    """A Localizer with PNSC on 4 classes."""

    def build(**head):
        head = {'type': 'PNSCHead', 'loss_contrast': dict(type='PNSCLoss'), **head}
        return tiny_localizer(head, dict(type='SoftFusionNeck', num_maps=4))

    return build
