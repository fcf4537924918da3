"""A checkpoint is used with its own method and classes, or refused."""

from argparse import Namespace

import pytest
import torch
from mmpretrain.registry import MODELS

from mmwsol.engine import CheckpointGuardHook, ClassCountHook
from mmwsol.engine.belonging import check_classes, check_match, parts_of
from mmwsol.engine.loops import ResumableTrainLoop
from tests.support.models import tiny_localizer

SHAPES = ('blob', 'disc', 'square', 'star')
RENAMED = ('disc', 'square', 'star', 'zblob')


def cam(**options):
    return tiny_localizer(dict(type='CAMHead'), **options)


def adl():
    plugin = dict(module=dict(type='ADL'), after=['backbone.layer4.0'])
    return cam(plugins=[plugin])


def isc():
    plugins = [
        dict(
            module=dict(type='InSampleAttention', in_channels=c),
            after=[f'backbone.{n}'],
        )
        for n, c in (('layer3', 32), ('layer4', 64))
    ]
    return tiny_localizer(dict(type='ISCHead'), plugins=plugins)


def bas():
    return tiny_localizer(dict(type='BASHead'), dict(type='ForegroundGenerator'))


def bas_of_2022():
    head = dict(type='BASHead', rectified=True)
    return tiny_localizer(head, dict(type='ForegroundGenerator'))


def of_several_labels():
    return tiny_localizer(dict(type='CAMHead', multi_label=True))


def bcam():
    return tiny_localizer(dict(type='BCAMHead'))


def soft_fusion():
    return tiny_localizer(dict(type='PNSCHead'), dict(type='SoftFusionNeck'))


BUILDERS = (cam, adl, isc, bas, bas_of_2022, of_several_labels, bcam, soft_fusion)


def saved(model, classes=SHAPES, **meta):
    """What a checkpoint of this version holds."""
    meta |= dict(parts=parts_of(model), dataset_meta=dict(classes=[*classes]))
    return dict(state_dict=model.state_dict(), meta=meta)


@pytest.mark.parametrize('other', BUILDERS)
@pytest.mark.parametrize('own', BUILDERS)
def test_a_checkpoint_of_another_method_is_refused(own, other):
    checkpoint = saved(other())
    if own is other:
        check_match(own(), checkpoint, 'a.pth')
        return
    with pytest.raises(
        ValueError, match=f'{type(own().head).__name__}.* in a.pth, but'
    ):
        check_match(own(), checkpoint, 'a.pth')
    check_match(own(), checkpoint, 'a.pth', 'backbone')  # to start from


@pytest.mark.parametrize(
    ('own', 'other', 'said'),
    [
        (cam, soft_fusion, "it has 'neck.shallow_generator"),
        (soft_fusion, cam, "it has no 'neck.shallow_generator"),
        (cam, bcam, "it has 'head.foreground_aggregator"),
        (cam, isc, "it has 'plugins.backbone-layer3"),
    ],
)
def test_weights_tell_the_method_of_earlier_checkpoints(own, other, said):
    with pytest.raises(ValueError, match=f'{said}.*use the config it was trained with'):
        check_match(own(), other().state_dict(), 'a.pth')


def test_what_a_backbone_leaves_out_may_be_in_a_checkpoint():
    config = dict(
        type='Localizer',
        backbone=dict(type='TapVGG', depth=11),
        head=dict(type='CAMHead', num_classes=4, in_channels=512),
    )
    model = MODELS.build(config)
    state = {**model.state_dict(), 'backbone.classifier.0.weight': torch.zeros(1)}
    check_match(model, state, 'a.pth')


@pytest.mark.parametrize(
    ('trained', 'found'),
    [
        (SHAPES, [*SHAPES]),
        (None, SHAPES),
        (SHAPES, '0123'),  # published lists know no names
        (('n01440764', 'n01443537'), ('tench', 'goldfish')),
    ],
)
def test_the_same_classes_pass(trained, found):
    check_classes(trained, found, 'a.pth', '`test_dataloader`')


@pytest.mark.parametrize(
    ('trained', 'found'),
    [
        (SHAPES, RENAMED),
        (SHAPES, SHAPES[::-1]),
        (SHAPES, ('BLOB', *SHAPES[1:])),
        (SHAPES, SHAPES[:3]),
        (SHAPES, '012'),
        ('0123', '1234'),
    ],
)
def test_other_classes_are_refused_with_both_lists(trained, found):
    with pytest.raises(ValueError, match='`test_dataloader`') as caught:
        check_classes(trained, found, 'a.pth', '`test_dataloader`')
    for names in (trained, found):
        assert f': {", ".join(names)}\n' in str(caught.value)


def test_long_lists_are_shown_from_the_difference_on():
    names = [f'bird {i}' for i in range(200)]
    others = [name for name in names if name != 'bird 150'] + ['zebra']
    with pytest.raises(
        ValueError, match=r'\(150 that agree\), bird 150, bird 151,'
    ) as e:
        check_classes(names, others, 'a.pth', 'b')
    assert '(150 that agree), bird 151, bird 152,' in str(e.value)
    assert len(str(e.value)) < 1000


def loop(classes, kind=Namespace):
    one = kind.__new__(kind)
    metainfo = dict(classes=tuple(classes))
    one.__dict__['dataloader'] = Namespace(dataset=Namespace(metainfo=metainfo))
    return one


def runner(how, classes):
    """A runner that is about to test, resume, or start from a checkpoint."""
    train = loop(classes, ResumableTrainLoop)
    return Namespace(
        model=cam(),
        _resume=how == 'resume',
        _load_from='a.pth',
        _train_loop={} if how == 'test' else train,
        train_loop=train,
        test_loop=loop(classes),
        _randomness_cfg={},
        param_schedulers=None,
    )


@pytest.mark.parametrize('how', ['test', 'resume', 'start'])
def test_renamed_classes_are_refused_wherever_a_checkpoint_is_loaded(how):
    hook, checkpoint = CheckpointGuardHook(), saved(cam())
    hook.after_load_checkpoint(runner(how, SHAPES), checkpoint)
    with pytest.raises(ValueError, match='disc, square, star, zblob'):
        hook.after_load_checkpoint(runner(how, RENAMED), checkpoint)


@pytest.mark.parametrize('classes', [('cat', 'dog', 'fox', 'owl'), SHAPES])
def test_fine_tuning_starts_from_any_method_and_from_other_classes(classes):
    hook = CheckpointGuardHook()
    hook.after_load_checkpoint(runner('start', classes), saved(soft_fusion()))
    more = tiny_localizer(dict(type='CAMHead', num_classes=7))
    checkpoint = saved(
        more, ('blob', *'abcdef')
    )  # another number of classes: a new head
    hook.after_load_checkpoint(runner('start', classes), checkpoint)


def test_validation_has_the_classes_of_training():
    both = Namespace(model=cam(), train_loop=loop(SHAPES), val_loop=loop(SHAPES))
    ClassCountHook().before_train(both)
    both.val_loop = loop(RENAMED)
    with pytest.raises(ValueError, match='`train_dataloader` in `val_dataloader`'):
        ClassCountHook().before_train(both)
