"""Files that are called images: damaged, odd, far too large, or none at all."""

import os
from pathlib import Path

import mmcv
import numpy as np
import pytest
from mmengine.dataset import Compose
from mmpretrain.registry import TRANSFORMS
from PIL import Image

from mmwsol.apis.inputs import ImageList, list_images
from mmwsol.datasets import CUBLoc, CustomLoc
from mmwsol.io.images import read_image
from tests.support.damage import BINARY, refusal, strike, time_limit
from tests.support.images import bmp, gif, png, stored

pytestmark = pytest.mark.faults


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP', 'TIFF', 'BMP', 'GIF'])
def test_damaged_images(tmp_path, kind, tries):
    file = tmp_path / 'image.jpg'
    file.write_bytes(stored(kind))

    def use():
        image = read_image(file)
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3
        with Image.open(file) as other:
            sizes = (other.size, other.size[::-1])  # EXIF may turn it
        assert image.shape[1::-1] in sizes

    strike([file], use, tmp_path, tries(20, 500), BINARY, some_taken=False)


@pytest.mark.parametrize(
    ('brand', 'said'),
    [
        (b'heic', 'x.jpg is a HEIC photograph, .* convert it to JPEG'),
        (b'qt  ', 'x.jpg is a video'),
        (b'isom', 'x.jpg is a video'),
    ],
)
def test_what_telephones_call_an_image_is_named(tmp_path, brand, said):
    (tmp_path / 'x.jpg').write_bytes(b'\0\0\0\x18ftyp' + brand + bytes(900))
    with pytest.raises(ValueError, match=said):
        read_image(tmp_path / 'x.jpg')


BOMBS = {
    'png': png(60_000, 60_000),
    'deep png': png(30_000, 30_000, 16),
    'just above': png(178_956_971, 1),
    'largest png': png(2**31 - 1, 2**31 - 1),
    'gif': gif(65_535, 65_535),
    'bmp': bmp(100_000, 100_000),
}


@pytest.mark.parametrize('name', BOMBS)
def test_an_image_of_too_many_pixels_is_not_decoded(tmp_path, monkeypatch, name):
    file = tmp_path / 'bomb.jpg'
    file.write_bytes(BOMBS[name])
    monkeypatch.setattr(mmcv, 'imfrombytes', lambda *a, **k: pytest.fail('decoded'))
    with pytest.raises(
        ValueError, match='bomb.jpg (has more than 178956970 pixels|is not)'
    ):
        read_image(file)
    data = CustomLoc.__new__(CustomLoc)  # its check of files alone
    data.broken_images = 'skip'
    assert data._without_broken([dict(img_path=str(file))]) == []


def test_the_limit_of_pixels_can_be_lowered(tmp_path):
    (tmp_path / 'a.png').write_bytes(stored('PNG'))
    assert read_image(tmp_path / 'a.png', 24 * 32).shape == (24, 32, 3)
    with pytest.raises(ValueError, match='a.png has more than 767 pixels'):
        read_image(tmp_path / 'a.png', 24 * 32 - 1)


GREY16 = Image.fromarray(np.arange(24 * 32, dtype=np.uint16).reshape(24, 32) * 80)
TALL, DOT = Image.new('RGB', (1, 10_000)), Image.new('RGB', (1, 1))
FRAMES = dict(save_all=True, append_images=[Image.new('RGB', (32, 24), 'red')])
ODD = {
    'a PNG called .jpg': (stored('PNG'), (24, 32)),
    'a dot': (stored('PNG', DOT), (1, 1)),
    'a line': (stored('JPEG', TALL), (10_000, 1)),
    'a lying line': (stored('PNG', TALL.rotate(90, expand=True)), (1, 10_000)),
    '16 bit': (stored('PNG', GREY16), (24, 32)),
    'animated': (stored('GIF', **FRAMES), (24, 32)),
    'animated WebP': (stored('WEBP', **FRAMES), (24, 32)),
    'several pages': (stored('TIFF', **FRAMES), (24, 32)),
}


@pytest.mark.parametrize('name', ODD)
def test_an_odd_image_goes_through_the_pipeline(tmp_path, name):
    content, size = ODD[name]
    (tmp_path / 'odd.jpg').write_bytes(content)
    steps = [dict(type='Resize', scale=(48, 48)), dict(type='PackInputs')]
    pipeline = Compose([TRANSFORMS.build(step) for step in steps])
    item = ImageList([str(tmp_path / 'odd.jpg')], None, pipeline)[0]
    assert item.error is None
    assert item.size == size
    assert item.data['inputs'].shape == (3, 48, 48)


def make_pipe(path):
    os.mkfifo(path)


def make_loop(path):
    path.symlink_to(path.name)


def make_dangling(path):
    path.symlink_to('nowhere.png')


def make_device(path):
    path.symlink_to('/dev/zero')


def load_all(dataset):
    return [dataset[i] for i in range(len(dataset))]


@pytest.mark.parametrize(
    'make', [Path.mkdir, make_pipe, make_loop, make_dangling, make_device, Path.touch]
)
def test_what_only_has_the_name_of_an_image(tmp_path, make, own):
    place = tmp_path / 'odd.png'
    make(place)
    with time_limit():
        with pytest.raises((ValueError, OSError)) as caught:
            read_image(place)
        assert 'odd.png' in refusal(caught.value, tmp_path)
        listed = ImageList(list_images(own), None, lambda results: results)
        assert all(listed[i].error is None for i in range(len(listed)))
        make(own / 'cat/odd.png')
        skipping = CustomLoc(data_root=str(own), broken_images='skip')
        assert len(skipping) == 4
        if make is not Path.mkdir:  # a folder in a class is one of its folders
            with pytest.raises((ValueError, OSError)) as caught:
                load_all(
                    CustomLoc(
                        data_root=str(own), pipeline=[dict(type='LoadIntactImage')]
                    )
                )
            assert 'odd.png' in refusal(caught.value, own)
        for image in list_images(own):
            if 'odd' in str(image):
                assert ImageList([image], None, None)[0].error


@pytest.mark.parametrize('name', ['images.txt', 'bounding_boxes.txt'])
@pytest.mark.parametrize('make', [Path.mkdir, make_pipe, make_loop, make_device])
def test_what_only_has_the_name_of_a_list(cub_root, name, make):
    (cub_root / name).unlink()
    make(cub_root / name)
    with time_limit(), pytest.raises((ValueError, OSError)) as caught:
        CUBLoc(
            data_root=str(cub_root), split='test', test_mode=True, serialize_data=False
        )
    assert name in refusal(caught.value, cub_root)


def test_folders_that_lead_back_are_walked_once(own):
    for name in ('again', 'and_again'):
        (own / 'cat' / name).symlink_to(own / 'cat')
    with time_limit():
        assert len(CustomLoc(data_root=str(own))) == 4
