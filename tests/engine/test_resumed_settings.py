"""A resumed run says which of the config's settings it does not use."""

from argparse import Namespace

import pytest
import torch
from mmengine.optim import OptimWrapper
from mmengine.optim.scheduler import MultiStepLR, StepLR

from mmwsol.engine.resumed_settings import without_effect


def runner(schedule=None, groups=2, seed=0, head=1.0, **optimizer):
    """A runner whose optimizer and schedule are built, as before it is resumed."""
    parameters = [
        dict(params=[torch.nn.Parameter(torch.zeros(1))], **({'lr': head} if i else {}))
        for i in range(groups)
    ]
    options = dict(lr=0.1, momentum=0.9, weight_decay=1e-4) | optimizer
    sgd = torch.optim.SGD(parameters, **options)
    kind, settings = schedule or (MultiStepLR, dict(milestones=[3]))
    return Namespace(
        optim_wrapper=OptimWrapper(sgd),
        param_schedulers=[kind(sgd, **settings)],
        _randomness_cfg=dict(seed=seed),
    )


def saved(run, steps=4):
    """What the checkpoint of a run has after some steps."""
    for _ in range(steps):
        run.optim_wrapper.step()
        run.param_schedulers[0].step()
    return dict(
        optimizer=run.optim_wrapper.state_dict(),
        param_schedulers=[s.state_dict() for s in run.param_schedulers],
        meta=dict(seed=0),
    )


def test_the_settings_of_the_run_itself_are_not_mentioned():
    assert without_effect(runner(), saved(runner())) == []
    assert without_effect(runner(), {}) == []  # files of other programs


@pytest.mark.parametrize(
    ('now', 'said'),
    [
        (dict(lr=0.01, head=0.1), 'optim_wrapper.optimizer.lr=0.01 (goes on with 0.1)'),
        (dict(momentum=0.8), 'optim_wrapper.optimizer.momentum=0.8 (goes on with 0.9)'),
        (dict(head=0.5), 'optim_wrapper.paramwise_cfg (lr)=0.5 (goes on with 1.0)'),
        (
            dict(schedule=(MultiStepLR, dict(milestones=[2, 8]))),
            'param_scheduler.milestones=[2, 8] (goes on with [3])',
        ),
        (
            dict(schedule=(MultiStepLR, dict(milestones=[3], gamma=0.5))),
            'param_scheduler.gamma=0.5 (goes on with 0.1)',
        ),
        (
            dict(schedule=(StepLR, dict(step_size=3))),
            'param_scheduler.type=StepLR (goes on with that of the checkpoint)',
        ),
        (dict(seed=5), 'randomness.seed=5 (goes on with 0)'),
    ],
)
def test_settings_without_effect_are_named_with_both_values(now, said):
    assert without_effect(runner(**now), saved(runner())) == [said]


def test_another_number_of_groups_is_refused():
    with pytest.raises(ValueError, match='2 groups.*`optim_wrapper.paramwise_cfg`'):
        without_effect(runner(groups=3), saved(runner()))
