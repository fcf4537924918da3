"""One pass that fits, as any run: checkpoint, evaluation, resume."""

import pytest
import torch
from mmengine.runner import Runner


@pytest.fixture
def config(tiny_config, cub_root, tmp_path):
    config = tiny_config('ddt/resnet50_cub.py')
    config.work_dir = str(tmp_path)
    for name in ('train', 'val', 'test'):
        loader = config[f'{name}_dataloader']
        loader.update(num_workers=0, persistent_workers=False)
        loader.dataset.data_root = str(cub_root)
    config.model.head.num_classes = 3
    config.val_evaluator = dict(type='MaxBoxAccV2')
    return config


def test_a_pass_is_a_run(config, tmp_path):
    runner = Runner.from_cfg(config)
    runner.train()
    assert (runner.epoch, (tmp_path / 'epoch_1.pth').exists()) == (1, True)
    fitted = runner.model.head.component.weight.detach().clone()
    assert fitted.abs().sum() > 0
    # a finished run that is resumed does not look again
    config.update(resume=True, experiment_name='again')
    again = Runner.from_cfg(config)
    again.train()
    assert again.iter == runner.iter
    assert torch.equal(again.model.head.component.weight, fitted)


def test_heads_and_loops_that_do_not_fit(config):
    config.model.head = dict(
        type='CAMHead', num_classes=3, in_channels=config.model.head.in_channels
    )
    with pytest.raises(ValueError, match='such as DDTHead, but got CAMHead'):
        Runner.from_cfg(config).train()


def test_a_pass_is_one_epoch_whoever_says_so(config, tmp_path):
    config.train_cfg.update(max_epochs=1, val_interval=1)
    Runner.from_cfg(config).train()
    assert (tmp_path / 'epoch_1.pth').exists()
    config.train_cfg.max_epochs = 30
    config.experiment_name = 'thirty'
    with pytest.raises(
        ValueError, match='max_epochs` to be 1 for .* but got 30; leave'
    ):
        Runner.from_cfg(config).train()
