"""Maps of DDT reach a head's samples, as cropped and flipped as the images."""

import cv2
import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from mmpretrain.registry import MODELS

from mmwsol.engine import PriorMapHook


@pytest.fixture
def config(tiny_config, tmp_path):
    """PNSC on two classes of bright discs on dark noise, from pretrained weights."""
    config = tiny_config('pnsc/mobilenetv2_custom.py')
    rng = np.random.default_rng(0)
    for number in range(8):
        image = rng.integers(0, 60, (64, 64, 3), dtype=np.uint8)
        where = tuple(rng.integers(20, 44, 2).tolist())
        cv2.circle(image, where, 14, (255, 255 * (number % 2), 0), -1)
        file = tmp_path / f'photos/{number % 2}/{number}.png'
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), image)
    torch.manual_seed(0)
    backbone = MODELS.build(config.model.backbone)
    weights = {f'backbone.{k}': v for k, v in backbone.state_dict().items()}
    torch.save(weights, tmp_path / 'pretrained.pth')
    config.model.backbone.init_cfg = dict(
        type='Pretrained',
        checkpoint=str(tmp_path / 'pretrained.pth'),
        prefix='backbone',
    )
    config.model.head.num_classes = 2
    config.train_dataloader.update(
        batch_size=4, num_workers=0, persistent_workers=False
    )
    config.train_dataloader.dataset.update(
        data_root=str(tmp_path / 'photos'), val_per_class=1
    )
    config.train_dataloader.dataset.pipeline[1].scale = (72, 72)
    config.train_dataloader.dataset.pipeline[2].crop_size = 64
    config.val_dataloader = config.val_evaluator = config.val_cfg = None
    config.train_cfg.max_epochs = 2
    config.custom_hooks[-1].update(size=64)
    config.work_dir = str(tmp_path / 'work')
    return config


def run(config, monkeypatch):
    """The priors of each step, and a name of the loss."""
    seen = []
    given = PriorMapHook.before_train_iter

    def watch(self, runner, batch_idx, data_batch=None):
        given(self, runner, batch_idx, data_batch)
        samples = data_batch['data_samples']
        seen.append([s.get('prior_map') for s in samples])

    monkeypatch.setattr(PriorMapHook, 'before_train_iter', watch)
    runner = Runner.from_cfg(config)
    runner.train()
    return seen, runner


def test_samples_get_maps_until_an_epoch_and_the_model_nothing(config, monkeypatch):
    config.custom_hooks[-1].epochs = 1
    seen, runner = run(config, monkeypatch)
    first, second = seen[:2], seen[2:]
    maps = torch.stack(sum(first, []))
    assert maps.shape[1:] == (1, 2, 2)
    assert set(maps.unique().tolist()) <= {0.0, 1.0}
    assert all(own is None for own in sum(second, []))
    fresh = MODELS.build(config.model)
    assert runner.model.state_dict().keys() == fresh.state_dict().keys()
    assert 'loss_prior' in str(runner.message_hub.log_scalars.keys())


def test_without_pretrained_weights_there_is_no_prior(config, monkeypatch):
    config.model.backbone.init_cfg = None
    config.train_cfg.max_epochs = 1
    seen, _ = run(config, monkeypatch)
    assert all(own is None for own in sum(seen, []))


class Brightness(torch.nn.Module):
    """What :class:`PriorMapHook` asks of a model; its map is the brightness."""

    @property
    def head(self):
        return self

    def data_preprocessor(self, batch, training):
        assert not training
        return dict(batch, inputs=torch.stack(batch['inputs']).float())

    def extract_feat(self, inputs):
        assert inputs.shape[2:] == (8, 8)
        return inputs.mean(1, keepdim=True)

    def maps(self, feats, labels):
        assert labels.tolist() == [[0], [1]]
        return feats


def test_a_map_is_that_of_the_image_as_the_model_sees_it(generator):
    from mmpretrain.structures import DataSample

    hook = PriorMapHook('ddt/mobilenetv2_custom', size=8)
    hook.prior = Brightness()
    image = torch.zeros(3, 4, 4)
    image[:, 1:3, :2] = 200
    batch = dict(
        inputs=[image, image.flip(2)],
        data_samples=[DataSample().set_gt_label(i) for i in range(2)],
    )

    class Runner:
        epoch = 0

    hook.before_train_iter(Runner, 0, batch)
    left, right = (sample.prior_map for sample in batch['data_samples'])
    assert torch.equal(left.flip(2), right)
    assert left[0, 2:6, :4].mean() == 1
    assert left.sum() < 25
