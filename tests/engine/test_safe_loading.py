"""Checkpoints that cannot run code."""

import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader

from mmwsol.engine.checkpoints import load_plain


@pytest.mark.usefixtures('safe_loading')
def test_every_scheme_of_addresses_is_read_by_a_safe_loader():
    loaders = {loader.__module__ for loader in CheckpointLoader._schemes.values()}
    assert loaders == {'mmwsol.engine.checkpoints'}


@pytest.mark.usefixtures('safe_loading')
@pytest.mark.parametrize(
    'address',
    ['torchvision://resnet50', 'open-mmlab://vgg16', 'mmcls://vgg11', 's3://a/b.pth'],
)
def test_schemes_without_a_safe_loader_are_refused(address):
    with pytest.raises(ValueError, match=f'Refused to load {address}'):
        CheckpointLoader.load_checkpoint(address)


def test_a_truncated_checkpoint_is_named(tmp_path):
    broken = tmp_path / 'broken.pth'
    torch.save(dict(state_dict=dict(a=torch.zeros(5000))), broken)
    broken.write_bytes(broken.read_bytes()[:5000])
    with pytest.raises(ValueError, match='broken.pth, but it is damaged'):
        load_plain(broken)


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.pth'):
        load_plain(tmp_path / 'nowhere.pth')
