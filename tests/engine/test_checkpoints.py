"""Checkpoints that are damaged are seen, and none can run code."""

import random
import struct
import zipfile

import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader

from mmwsol.engine.checkpoints import load_plain
from tests.support import soak
from tests.support.damage import seal


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


@pytest.fixture(params=[False, True])
def small(request, tmp_path):
    """A small checkpoint, of this version and of an earlier one."""
    file = tmp_path / 'small.pth'
    torch.save(dict(weights=torch.arange(100.0)), file)
    if request.param:
        seal(file)
    assert torch.equal(load_plain(file)['weights'], torch.arange(100.0))
    return file


def content_of(file):
    """Places of the bytes in a file that its members consist of."""
    content = file.read_bytes()
    for member in zipfile.ZipFile(file).infolist():
        header = member.header_offset
        name, extra = struct.unpack('<HH', content[header + 26 : header + 30])
        start = header + 30 + name + extra
        yield from range(start, start + member.file_size)


def flip(content, place, chance):
    flipped = bytearray(content)
    flipped[place] ^= 1 << chance.randrange(8)
    return flipped


@pytest.mark.faults
def test_a_flip_of_any_bit_is_seen(small, tries):
    content, chance = small.read_bytes(), random.Random(0)
    inside = [*content_of(small)]
    for place in chance.sample(inside, tries(200, len(inside))):
        small.write_bytes(flip(content, place, chance))
        with pytest.raises(ValueError, match='small.pth, but it'):
            load_plain(small)


@pytest.mark.faults
def test_a_flip_outside_of_what_is_loaded_is_seen_or_changes_nothing(small, tries):
    """Names, times and padding of the archive."""
    content, chance = small.read_bytes(), random.Random(0)
    outside = [*{*range(len(content))}.difference(content_of(small))]
    for place in [0, *chance.sample(outside, tries(200, len(outside)))]:
        small.write_bytes(flip(content, place, chance))
        try:
            loaded = load_plain(small)
        except ValueError:
            continue
        assert soak.same(loaded, dict(weights=torch.arange(100.0)))


@pytest.mark.faults
def test_torch_alone_does_not_see_flipped_weights(small):
    content = bytearray(small.read_bytes())
    place = content.find(torch.arange(100.0).numpy().tobytes()) + 3
    content[place] ^= 1
    small.write_bytes(content)
    assert not torch.equal(torch.load(small)['weights'], torch.arange(100.0))
    with pytest.raises(ValueError, match='small.pth, but its checksum of'):
        load_plain(small)


def test_what_grows_when_it_is_read_is_refused(tmp_path):
    file = tmp_path / 'growing.pth'
    with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('archive/data.pkl', bytes(1 << 20))
    with pytest.raises(ValueError, match='members are larger than the file'):
        load_plain(file)


@pytest.mark.faults
@pytest.mark.parametrize('kept', [0, 22, 800, -1])
def test_a_truncated_file_is_seen(small, kept):
    content = small.read_bytes()
    end = len(content) - len(zipfile.ZipFile(small).comment)
    small.write_bytes(content[:end][:kept])
    with pytest.raises(ValueError, match='small.pth, but it'):
        load_plain(small)
