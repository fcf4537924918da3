"""What the network sees of an image, and the images that a user names."""

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpretrain.registry import DATASETS

from mmwsol.apis.inputs import after_loading, compose, input_size, list_images, see
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
