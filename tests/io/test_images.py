"""Every kind of image file is decoded to three channels of bytes."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from mmwsol.datasets import CustomLoc
from mmwsol.io.images import IMAGE_ENDINGS, read_image
from tests.support.folders import put
from tests.support.images import picture, stored


def deep(image):
    """16-bit PNG whose upper bytes are the image's."""
    values = np.asarray(image)[..., ::-1].astype(np.uint16) * 256 + 77
    return cv2.imencode('.png', values)[1].tobytes()


def transparent(image):
    return stored(
        'PNG', Image.merge('RGBA', (*image.split(), Image.new('L', image.size)))
    )


@pytest.mark.parametrize(
    ('orientation', 'least_side', 'size'),
    [
        (1, 300, (300, 500)),
        (6, 300, (500, 300)),
        (1, 301, (600, 1000)),
        (1, 75, (75, 125)),
    ],
)
def test_large_photographs_can_be_decoded_at_a_fraction(
    tmp_path, orientation, least_side, size
):
    y, x = np.indices((600, 1000))
    waves = np.stack([127 + 100 * np.sin(x / 90), 127 + 100 * np.cos(y / 70), y / 4], 2)
    exif = Image.Exif()
    exif[274] = orientation
    file = tmp_path / 'large.jpg'
    Image.fromarray(waves.astype(np.uint8)).save(file, quality=95, exif=exif)
    whole, part = read_image(file), read_image(file, least_side=least_side)
    assert part.shape[:2] == size
    shrunk = cv2.resize(whole, size[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk.astype(int) - part).mean() < 2


RED, GREY = (250, 20, 20), (200, 200, 200)
PICTURES = {
    'baseline.JPG': (stored('JPEG', picture(), quality=100, subsampling=0), RED),
    'chrome.jfif': (stored('JPEG', picture(), quality=100, subsampling=0), RED),
    'old.jpe': (stored('JPEG', picture(), quality=100, subsampling=0), RED),
    'grey.jpeg': (stored('JPEG', picture(color=GREY).convert('L'), quality=100), GREY),
    'cmyk.jpg': (stored('JPEG', picture().convert('CMYK'), quality=100), RED),
    'really_png.jpg': (stored('PNG', picture()), RED),
    'really_jpeg.png': (stored('JPEG', picture(), quality=100, subsampling=0), RED),
    'deep.png': (deep(picture()), RED),
    'deep_grey.png': (
        stored(
            'PNG',
            Image.fromarray(np.asarray(picture(color=GREY))[..., 0] * np.uint16(257)),
        ),
        GREY,
    ),
    'transparent.png': (transparent(picture()), RED),
    'palette.png': (stored('PNG', picture().quantize(8)), RED),
    'old.bmp': (stored('BMP', picture()), RED),
    'new.webp': (stored('WEBP', picture(), lossless=True), RED),
    'scan.tif': (stored('TIFF', picture()), RED),
    'print.tiff': (stored('TIFF', picture().convert('CMYK')), RED),
}


@pytest.mark.parametrize('name', PICTURES)
def test_every_kind_of_picture_is_three_channels_of_bytes(tmp_path, name):
    content, color = PICTURES[name]
    put(tmp_path / 'cat' / name, content)
    put(tmp_path / 'dog/1.png')
    options = dict(classes=['cat'], pipeline=[dict(type='LoadIntactImage')])
    cats = CustomLoc(data_root=str(tmp_path), **options)
    image = cats[0]['img']
    assert image.shape == (30, 40, 3)
    assert image.dtype == np.uint8
    inside = image[15, 14, ::-1].astype(int)
    assert abs(inside - color).max() <= 6
    assert image[2, 2].max() <= 6


def test_there_is_a_picture_of_every_ending():
    assert {Path(name).suffix.lower() for name in PICTURES} == {*IMAGE_ENDINGS}
