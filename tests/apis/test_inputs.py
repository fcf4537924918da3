"""What the network sees of an image, and the images that a user names."""

import io

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpretrain.registry import DATASETS
from PIL import Image

from mmwsol.apis.image_like import pixels_of
from mmwsol.apis.inputs import after_loading, compose, input_size, list_images, see
from tests.support.images import quarter_turned, stored
from tests.support.models import ROOT


def pipeline(name):
    config = Config.fromfile(ROOT / 'configs/_base_/datasets' / f'{name}.py')
    return config.test_dataloader.dataset.pipeline


def view(name):
    return compose(after_loading(pipeline(name)))


def test_the_size_of_the_input_is_the_pipelines():
    assert input_size(view('cub')) == (224, 224)
    assert input_size(view('cub_legacy')) == (224, 224)
    assert input_size(view('voc')) == (512, 512)
    assert input_size(view('toy')) is None  # the drawings' own


@pytest.mark.parametrize('name', ['cub', 'cub_legacy'])
def test_a_view_is_what_the_data_set_gives(name, cub_root):
    dataset = DATASETS.build(
        dict(
            type='CUBLoc',
            data_root=str(cub_root),
            split='test',
            test_mode=True,
            pipeline=pipeline(name),
        )
    )
    image = cv2.imread(dataset.get_data_info(3)['img_path'])
    assert torch.equal(see(image, view(name)), dataset[3]['inputs'])


def test_inputs_are_files_folders_arrays_and_lists_of_these(tmp_path):
    (tmp_path / 'deep/er').mkdir(parents=True)
    for name in ('b.JPG', 'a.png', 'deep/er/c.webp', 'notes.txt', '.hidden.png'):
        (tmp_path / name).touch()
    names = [str(tmp_path / n) for n in ('a.png', 'b.JPG', 'deep/er/c.webp')]
    assert list_images(tmp_path) == names
    array = np.zeros((2, 2, 3), np.uint8)
    assert list_images([str(tmp_path / 'deep'), array])[0] == names[2]
    with pytest.raises(FileNotFoundError, match='nothing here'):
        list_images(str(tmp_path / 'nothing here'))
    (tmp_path / 'none').mkdir()
    with pytest.raises(FileNotFoundError, match='there are none'):
        list_images(tmp_path / 'none')


def noise(*channels: int) -> np.ndarray:
    shape = (24, 32, *channels)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize('mode', ['RGB', 'RGBA', 'L', 'LA', '1', 'P', 'I;16'])
def test_an_image_of_pillow_its_bytes_and_its_file_are_one(tmp_path, mode):
    """Also grey ones, with transparency, a palette, or 16 bits."""
    if mode == 'I;16':
        image = Image.fromarray(noise().astype(np.uint16) * 257)
    else:
        image = Image.fromarray(noise(3)).convert(mode)
    content = stored('PNG', image)
    (tmp_path / 'a.png').write_bytes(content)
    forms = (image, content, tmp_path / 'a.png', Image.open(io.BytesIO(content)))
    assert [pixels_of(form).shape for form in forms] == [(24, 32, 3)] * 4
    for form in forms[1:]:
        np.testing.assert_array_equal(pixels_of(form), pixels_of(image))


def test_images_of_pillow_are_the_way_up_that_they_are_displayed():
    jpeg = quarter_turned(stored('JPEG'))
    image = Image.open(io.BytesIO(jpeg))
    assert image.size == (32, 24)
    assert pixels_of(image).shape == pixels_of(jpeg).shape == (32, 24, 3)


def test_arrays_may_be_grey_or_have_transparency():
    color, grey = noise(4), noise()
    np.testing.assert_array_equal(pixels_of(color), color[..., :3])
    np.testing.assert_array_equal(pixels_of(grey), np.stack([grey] * 3, 2))
    np.testing.assert_array_equal(pixels_of(grey[..., None]), np.stack([grey] * 3, 2))


@pytest.mark.parametrize(
    ('image', 'message'),
    [
        (noise(5), r'got \(24, 32, 5\) of uint8'),
        (noise(3) / 255, 'of float64'),
        (np.zeros((0, 5, 3), np.uint8), r'\(0, 5, 3\)'),
        (Image.new('F', (5, 5)), "mode 'F'"),
        (b'no image', 'content of 8 bytes is not an image that can be decoded'),
        (stored('JPEG')[:-40], 'is truncated'),
    ],
)
def test_images_in_memory_that_cannot_be_read(image, message):
    with pytest.raises(ValueError, match=message):
        pixels_of(image)


def test_forms_of_inputs():
    image, array, content = Image.new('RGB', (4, 3)), noise(3), stored('PNG')
    assert list_images(image) == [image]
    assert list_images(content) == [content]
    mixed = list_images((image, array, content))
    assert mixed[0] is image
    assert mixed[1] is array
    assert len(mixed) == 3
    for wrong in (torch.zeros(3, 4, 4), None, 3, dict(a=image), [array, None]):
        with pytest.raises(TypeError, match='Expected images as files, .* but got'):
            list_images(wrong)
