"""HaS: squares of training images hidden at random."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpretrain.registry import MODELS, TRANSFORMS

from mmwsol.datasets import HideAndSeek
from mmwsol.random_state import SAMPLE, set_random_state

ROOT = Path(__file__).parents[2]
CONFIGS = sorted(ROOT.glob('configs/has/*.py'))


def hidden(size=(9, 7), **options):
    """Which pixels of a white image are hidden, ``(H, W)``."""
    set_random_state(0, SAMPLE, 0, 0)
    image = np.full((*size, 3), 255, np.uint8)
    made = HideAndSeek(**options)(dict(img=image))['img']
    assert (image == 255).all()  # of a data set that keeps its images
    assert made.dtype == np.uint8
    assert made.shape == image.shape
    mask = made[..., 0] == 104
    assert (made[mask] == (104, 116, 124)).all()
    assert (made[~mask] == 255).all()
    return mask


def test_whole_squares_are_hidden_and_borders_cut_them_off():
    mask = hidden(grid_size=4)
    draws = np.zeros((3, 2), bool)
    for i, j in np.ndindex(3, 2):
        square = mask[4 * i : 4 * i + 4, 4 * j : 4 * j + 4]
        draws[i, j] = square[0, 0]
        assert (square == square[0, 0]).all()
    assert 0 < draws.sum() < draws.size
    assert hidden(grid_size=100, drop_rate=1.0).all()


@pytest.mark.parametrize('rate', [0.0, 0.26, 1.0])
def test_as_many_are_hidden_as_the_rate_says(rate):
    share = hidden((224, 224), grid_size=2, drop_rate=rate).mean()
    # 12544 squares: four standard deviations are 4 sqrt(.26 x .74 / 12544) = .016
    assert share == pytest.approx(rate, abs=0.016)


def test_draws_follow_from_the_sample_alone():
    first = hidden(grid_size=2)
    np.random.random(5)  # noqa: NPY002  what another transform has drawn
    assert np.array_equal(first, hidden(grid_size=2))


def test_hidden_pixels_are_the_mean_once_they_are_normalized():
    config = Config.fromfile(ROOT / 'configs/has/resnet50_cub.py')
    preprocessor = MODELS.build(
        dict(type='ClsDataPreprocessor', **config.model.data_preprocessor)
    )
    made = HideAndSeek(drop_rate=1.0)(dict(img=np.zeros((4, 4, 3), np.uint8)))['img']
    image = torch.from_numpy(made).permute(2, 0, 1)
    # half a grey level of a deviation of 57
    assert preprocessor(dict(inputs=[image]))['inputs'].abs().max() < 0.5 / 57


@pytest.mark.parametrize('file', CONFIGS, ids=lambda file: file.stem)
def test_it_is_the_last_transform_of_training_alone(file):
    config = Config.fromfile(file)
    *_, own, last = config.train_dataloader.dataset.pipeline
    assert (own.type, last.type) == ('HideAndSeek', 'PackInputs')
    assert isinstance(TRANSFORMS.build(own), HideAndSeek)
    assert own not in config.test_dataloader.dataset.pipeline


def test_nothing_else_differs_from_cam():
    config, cam = (
        Config.fromfile(ROOT / f'configs/{method}/resnet50_cub.py')
        for method in ('has', 'cam')
    )
    config.pop('hide')
    del config.train_dataloader.dataset.pipeline[-2]
    assert config.to_dict() == cam.to_dict()


def test_what_cannot_be_is_named():
    with pytest.raises(ValueError, match='`grid_size` of HideAndSeek.*1 pixel.*got 0'):
        HideAndSeek(grid_size=0)
    with pytest.raises(ValueError, match=r'`drop_rate` of HideAndSeek.*\[0, 1\].*1.5'):
        HideAndSeek(drop_rate=1.5)
