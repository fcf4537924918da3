"""A run learns what its images are like, and is otherwise the same."""

import pytest
import torch
from mmengine.runner import Runner

from mmwsol.engine.hooks import familiarity_hook
from mmwsol.engine.hooks.familiarity_hook import loader_of_some


@pytest.fixture
def config(tiny_config, cub_root, tmp_path):
    config = tiny_config('cam/mobilenetv2_cub.py')
    config.work_dir = str(tmp_path)
    for name in ('train', 'val', 'test'):
        loader = config[f'{name}_dataloader']
        loader.update(num_workers=0, persistent_workers=False)
        loader.dataset.data_root = str(cub_root)
    config.model.head.num_classes = 3
    config.train_cfg.update(max_epochs=2, val_interval=1)
    config.val_evaluator = dict(type='MaxBoxAccV2')
    return config


def trained(config, name, **model):
    config.model.update(model)
    config.experiment_name = name
    runner = Runner.from_cfg(config)
    runner.train()
    return runner.model


def test_weights_are_those_of_a_run_without(config):
    plain = trained(config, 'plain').state_dict()
    model = trained(config, 'aware', familiarity=True)
    own = model.state_dict()
    assert {*own} - {*plain} == {'familiarity.means', 'familiarity.scale'}
    assert all(torch.equal(value, own[key]) for key, value in plain.items())
    saved = torch.load(f'{config.work_dir}/epoch_2.pth')['state_dict']
    assert saved['familiarity.scale'] == model.familiarity.scale > 0
    # what it was told, once more: the images as they are tested, without their boxes
    model.eval()
    with torch.no_grad():
        for batch in loader_of_some(config):
            data = model.data_preprocessor(batch)
            model.observe(model.extract_feat(data['inputs']), data['data_samples'])
    model.solve()
    torch.testing.assert_close(model.familiarity.means, saved['familiarity.means'])


def test_some_images_of_each_class_stand_for_all(config, monkeypatch):
    monkeypatch.setattr(familiarity_hook, 'IMAGES', 4)
    loader = loader_of_some(config)
    labels = [int(s.gt_label) for batch in loader for s in batch['data_samples']]
    assert labels == [0, 1, 2]  # four images for three classes: one each
