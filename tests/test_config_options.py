"""--cfg-options: what is taken, what is refused by name, and how values are read."""

import argparse
import copy
import functools
import re

import pytest
from mmengine.config import Config

from mmwsol.config_files import config_path
from mmwsol.config_options import add_config_options, apply_options
from tests.support import soak
from tests.support.commands import SMALL


def parsed(*words):
    parser = argparse.ArgumentParser()
    parser.add_argument('config')
    add_config_options(parser)
    return parser.parse_args(['a.py', *words]).cfg_options


@functools.cache
def loaded(name):
    return Config.fromfile(config_path(name))


def applied(name, *words):
    config = copy.deepcopy(loaded(name))
    return config, apply_options(config, parsed('--cfg-options', *words))


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('3', 3),
        ('1e-3', 1e-3),
        ('true', True),
        ('None', None),
        ('', ''),
        ('a=b', 'a=b'),
        ('my data/it is', 'my data/it is'),
        ("it's", "it's"),
        ('8,9', [8, 9]),
        ('[(1,a),[b]]', [(1, 'a'), ['b']]),
        ("'a, b'", 'a, b'),
        ("{'type':'Accuracy','topk':(1,)}", dict(type='Accuracy', topk=(1,))),
        (
            "[dict(type=PxAP), dict(type='A', b=-1.5)]",
            [dict(type='PxAP'), dict(type='A', b=-1.5)],
        ),
        ('dict(a=dict(b=true))', dict(a=dict(b=True))),
    ],
)
def test_values_are_read_as_they_are_written(text, expected):
    assert parsed('--cfg-options', f'a={text}') == dict(a=expected)


def test_the_option_may_be_given_several_times():
    words = ('--cfg-options', 'a=1', 'b=2', '--cfg-options', 'b=3')
    assert parsed(*words) == dict(a=1, b=3)


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        (['train_cfg.max_epochs', '3'], "KEY=VALUE.*got 'train_cfg.max_epochs'"),
        (['a=1', 'config.py'], "got 'config.py'.*other arguments go before"),
        (['=1'], "got '=1'"),
        (['a={1,2'], 'value of `a`.*write dictionaries as Python does'),
        (['a=dict(b=open(1))'], 'value of `a`'),
        (['a=[1,(2]'], 'value of `a`.*brackets'),
        (['a=f(1,2)'], 'value of `a`.*brackets'),
    ],
)
def test_what_is_no_pair_or_value_ends_in_a_sentence(capsys, words, said):
    with pytest.raises(SystemExit) as ended:
        parsed('--cfg-options', *words)
    assert ended.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert re.search(said, last), last


@pytest.mark.parametrize(
    ('word', 'nearest'),
    [
        ('train_dataloder.batch_size=4', 'train_dataloader.batch_size'),
        ('optim_wraper.optimizer.lr=1', 'optim_wrapper.optimizer.lr'),
        ('optim_wrapper.optimiser.lr=1', 'optim_wrapper.optimizer.lr'),
        ('optim_wrapper.optimizer.momentun=0', 'optim_wrapper.optimizer.momentum'),
        ('lr=0.1', 'optim_wrapper.optimizer.lr'),
        ('max_epochs=1', 'train_cfg.max_epochs'),
        ('train_cfg.max_epoch=1', 'train_cfg.max_epochs'),
        ('model.num_classes=3', 'model.head.num_classes'),
        ('model.backbone.frozen_stage=3', 'model.backbone.frozen_stages'),
        (
            'model.backbone.init_cfg.chekpoint_=a.pth',
            'model.backbone.init_cfg.checkpoint',
        ),
        ('train_dataloader.num_worker=0', 'train_dataloader.num_workers'),
        ('train_dataloader.dataset.data_rot=a', 'train_dataloader.dataset.data_root'),
        ('default_hooks.checkpoint.intervals=5', 'default_hooks.checkpoint.interval'),
        ('default_hooks.checkpoints.interval=5', 'default_hooks.checkpoint.interval'),
        ('test_evaluator.0.protokol=bas', 'test_evaluator.0.protocol'),
        ('optim_wrapper.paramwise_cfg.bias_lr_mut=1', 'paramwise_cfg.bias_lr_mult'),
        ('randomness.sed=1', 'randomness.seed'),
        ('param_scheduler.milestone=[3]', 'param_scheduler.milestones'),
        ('test_dataloader.dataset.pipeline.2.keep_ration=True', 'keep_ratio'),
        ('find_unused_parameter=True', 'find_unused_parameters'),
        ('data_root=/data', 'train_dataloader.dataset.data_root'),
    ],
)
def test_a_mistyped_key_is_refused_with_the_nearest(word, nearest):
    with pytest.raises(ValueError, match=word.partition('=')[0]) as caught:
        applied('cam/mobilenetv2_cub', word)
    assert nearest in str(caught.value).replace(word.partition('=')[0], '', 1)


@pytest.mark.parametrize(
    ('word', 'said'),
    [
        ('custom_hooks.action=skip', 'number from 0 to 5.*1 FiniteLossHook'),
        ('custom_hooks.9.action=skip', 'number from 0 to 5'),
        ('train_cfg.max_epochs.a=1', 'dictionary at `train_cfg.max_epochs`'),
        ('load_from.a.b=1', 'dictionary at `load_from`'),
        ('model.nonsense=1', '`model.nonsense`.*takes .*channels_last'),
    ],
)
def test_a_key_that_leads_nowhere_is_refused(word, said):
    with pytest.raises(ValueError, match=said):
        applied('cam/mobilenetv2_cub', word)


def test_all_mistakes_are_named_at_once():
    words = ('train_dataloder.batch_size=4', 'optim_wraper.optimizer.lr=1')
    with pytest.raises(ValueError, match='train_dataloder.*\n.*optim_wraper'):
        applied('cam/mobilenetv2_cub', *words)
    with pytest.raises(ValueError, match='one of `model` and `model.head.type`'):
        applied('cam/mobilenetv2_cub', 'model=1', 'model.head.type=BASHead')


NEW = [
    'model.backbone.frozen_stages=2',
    'model.backbone.norm_eval=True',
    'model.backbone.init_cfg=None',
    'model.head.map_classes=all',
    'model.train_cfg.augments.type=CutMix',
    'model.data_preprocessor.num_classes=6',
    'model.channels_last=False',
    'optim_wrapper.clip_grad.max_norm=5',
    'optim_wrapper.accumulative_counts=2',
    'optim_wrapper.optimizer.fused=True',
    'optim_wrapper.paramwise_cfg.custom_keys.backbone.lr_mult=0.1',
    'optim_wrapper.paramwise_cfg.norm_decay_mult=0.0',
    'train_cfg.val_begin=2',
    'train_dataloader.drop_last=True',
    'train_dataloader.dataset.indices=8',
    'train_dataloader.sampler.round_up=False',
    'test_evaluator.0.threshold=0.2',
    'test_evaluator.0.average=class',
    'default_hooks.checkpoint.save_best=auto',
    'default_hooks.checkpoint.interval=5',
    'default_hooks.ema.type=EMAHook',
    'custom_hooks.1.action=skip',
    'custom_hooks.1.max_in_a_row=3',
    'auto_scale_lr.enable=True',
    'randomness.deterministic=True',
    'env_cfg.dist_cfg.timeout=90',
    'sync_bn=torch',
    'compile=True',
    'find_unused_parameters=True',
    'model_wrapper_cfg.find_unused_parameters=True',
    'model_wrapper_cfg.static_graph=True',
    'load_from=a.pth',
    'work_dir=a',
    'experiment_name=a',
    'log_level=ERROR',
    'test_dataloader.dataset.pipeline.2.keep_ratio=True',
    'visualizer.vis_backends.0.type=TensorboardVisBackend',
]


@pytest.mark.parametrize('word', NEW)
def test_arguments_that_a_class_takes_need_not_be_in_the_config(word, log_messages):
    config, changes = applied('cam/mobilenetv2_cub', word)
    assert changes == [word]
    assert not log_messages
    node = config
    for part in word.partition('=')[0].split('.'):
        node = node[int(part)] if isinstance(node, list) else node[part]


def test_arguments_of_a_type_that_is_set_at_the_same_time():
    applied(
        'cam/mobilenetv2_cub',
        'param_scheduler._delete_=True',
        'param_scheduler.type=PolyLR',
        'param_scheduler.power=0.9',
    )
    applied(
        'cam/mobilenetv2_cub',
        'model.neck.type=SoftFusionNeck',
        'model.neck.normalize=True',
    )
    with pytest.raises(ValueError, match='model.neck.normalize'):
        applied('cam/mobilenetv2_cub', 'model.neck.normalize=True')


@pytest.mark.parametrize(
    ('config', 'words'), [('pnsc/resnet18_toy', SMALL), (soak.CONFIG[8:], soak.OPTIONS)]
)
def test_the_options_of_other_tests_are_known(config, words):
    applied(config, *words)


def test_what_may_be_read_by_code_of_ones_own_is_mentioned(log_messages):
    applied(
        'cam/mobilenetv2_custom',
        'optim_wrapper.paramwise_cfg.colour=red',
        'held_out=3',
    )
    assert 'paramwise_cfg.colour` is new in the config' in log_messages[0]
    assert 'held_out` is a variable of the config' in log_messages[1]


def test_a_dictionary_takes_the_place_of_what_was_there():
    word = "test_evaluator=[dict(type='MaxBoxAccV2', protocol='bas')]"
    config, _ = applied('cam/mobilenetv2_cub', word)
    assert config.test_evaluator[0].protocol == 'bas'
    assert len(config.test_evaluator) == 1
    config, _ = applied('cam/mobilenetv2_cub', "val_evaluator={'type':'Accuracy'}")
    assert config.val_evaluator.type == 'Accuracy'
    config, _ = applied('cam/mobilenetv2_cub', "model.head=dict(type='BCAMHead')")
    assert config.model.head == dict(type='BCAMHead')


def test_options_that_say_what_the_config_says_change_nothing():
    config = Config(
        dict(
            train_cfg=dict(max_epochs=1),
            custom_hooks=[dict(a=2), dict(a=3)],
            load_from=None,
        )
    )
    same = {'train_cfg.max_epochs': 1, 'custom_hooks.1.a': 3, 'load_from': None}
    assert apply_options(config, same) == []
    assert apply_options(config, None) == []
    other = {'train_cfg.max_epochs': 2, 'custom_hooks.1.a': 2, 'resume': None}
    assert apply_options(config, {**other, 'load_from': None}) == [
        'train_cfg.max_epochs=2',
        'custom_hooks.1.a=2',
        'resume=None',
    ]
    assert config.custom_hooks[1].a == 2
