"""Configs with the wsolevaluation benchmark's tuned values share its protocol."""

import logging
from pathlib import Path

import pytest
import torch
import yaml
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.optim import build_optim_wrapper
from mmpretrain.registry import MODELS

ROOT = Path(__file__).parents[2]
CONFIGS = sorted(ROOT.glob('configs/*/*_cub-tuned.py'))


def name(file):
    return f'{file.parent.name}/{file.stem}'


@pytest.mark.parametrize('file', CONFIGS, ids=name)
def test_they_differ_in_what_was_tuned_alone(file):
    config = Config.fromfile(file)
    assert config.train_cfg.max_epochs == 50
    # the rate is divided at the start of the 15th, 30th and 45th epoch
    assert config.param_scheduler.milestones == [14, 29, 44]
    assert config.param_scheduler.gamma == 0.1
    assert config.train_dataloader.batch_size == 32
    decay = 1e-4 if file.stem.startswith('resnet50') else 5e-4
    assert config.optim_wrapper.optimizer.weight_decay == decay
    assert config.optim_wrapper.optimizer.lr != 0.001


@pytest.mark.parametrize('file', CONFIGS, ids=name)
def test_they_say_where_their_values_are_from(file):
    assert 'found in public scripts, not verified' in ' '.join(
        file.read_text().split('"""')[1].split()
    )
    rows = yaml.safe_load((file.parent / 'metafile.yml').read_text())['Models']
    (row,) = [r for r in rows if r['Config'] == str(file.relative_to(ROOT))]
    assert row['Metadata']['Settings'] == 'found in public scripts, not verified'
    readme = ' '.join((file.parent / 'README.md').read_text().split())
    assert 'found in public scripts, not verified' in readme


@pytest.mark.parametrize(
    ('backbone', 'grid', 'new'),
    [
        ('vgg16', 14, {'neck', 'head'}),
        ('resnet50', 28, {'backbone.layer4', 'head'}),
        ('inceptionv3', 14, {'neck', 'head'}),
    ],
)
def test_grid_and_new_layers_of_a_backbone(backbone, grid, new, tiny_config):
    config = tiny_config(f'cam/{backbone}_cub-tuned.py')
    model = MODELS.build(config.model).eval()
    with torch.no_grad():
        deep = model.extract_feat(torch.zeros(1, 3, 224, 224))[-1]
    assert deep.shape[2:] == (grid, grid)
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.WARNING)  # the optimizer lists every parameter
    groups = build_optim_wrapper(model, config.optim_wrapper).optimizer.param_groups
    logger.setLevel(level)
    names = {id(p): own for own, p in model.named_parameters()}
    rate = config.optim_wrapper.optimizer.lr
    for group in groups:
        for parameter in group['params']:
            own = names[id(parameter)]
            factor = 10 if own.startswith(tuple(new)) else 1
            assert group['lr'] == pytest.approx(factor * rate), own
