"""Small data and models, made anew for every test that asks."""

import gc
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from mmengine.runner.checkpoint import CheckpointLoader
from mmpretrain.registry import MODELS

from mmwsol.engine.checkpoints import install_safe_loading
from tests.support import folders
from tests.support.models import BIRDS, read_config, shrink, tiny_localizer

torch.set_num_threads(1)
# mmengine collects garbage for every dataset that is made; what is imported is none
gc.freeze()
# `nohup make test` and `make test &` have them ignored, by all that is started here too
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, 'SIGHUP'):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


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
def safe_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has mmengine read checkpoints as our tools have it, during the test."""
    schemes = dict(CheckpointLoader._schemes)
    monkeypatch.setattr(CheckpointLoader, '_schemes', schemes)
    install_safe_loading()


@pytest.fixture
def cub_root(tmp_path: Path) -> Path:
    return folders.make_cub(tmp_path / 'CUB_200_2011')


@pytest.fixture
def openimages_root(tmp_path: Path) -> Path:
    return folders.make_openimages(tmp_path / 'OpenImages')


@pytest.fixture
def voc_root(tmp_path: Path) -> Path:
    return folders.make_voc(tmp_path / 'VOC2012')


@pytest.fixture
def trained(tiny_config, tmp_path, cub_root) -> tuple[str, str]:
    """Config and checkpoint of a small model for the three birds."""
    config = tiny_config('cam/resnet50_cub.py')
    config.model.head.num_classes = 3
    for split in ('train', 'val', 'test'):
        config[f'{split}_dataloader'].dataset.data_root = str(cub_root)
    config.dump(tmp_path / 'config.py')
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    meta = dict(dataset_meta=dict(classes=BIRDS))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), tmp_path / 'model.pth')
    return str(tmp_path / 'config.py'), str(tmp_path / 'model.pth')


@pytest.fixture
def tiny_config() -> Callable[[str], Config]:
    """Config of a file below configs/, shrunk."""
    return lambda path: shrink(read_config(path))


@pytest.fixture
def pnsc():
    """A Localizer with PNSC on 4 classes."""

    def build(**head):
        head = {'type': 'PNSCHead', 'loss_contrast': dict(type='PNSCLoss'), **head}
        return tiny_localizer(head, dict(type='SoftFusionNeck', num_maps=4))

    return build
