"""Losses and gradients that are not finite: updates are skipped, or the run stops."""

import multiprocessing
import os
import socket
from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import AmpOptimWrapper, OptimWrapper

from mmwsol.engine import FiniteLossHook
from mmwsol.engine.mixed_precision import AutocastOptimWrapper
from tests.support.models import labels_to_samples, tiny_localizer
from tests.support.processes import IMPORTED

NAN, INF = float('nan'), float('inf')


class CpuAmpOptimWrapper(AmpOptimWrapper):
    """mmengine's, which asks for a GPU, with torch's scaler for a CPU."""

    def __init__(self, **kwargs):
        OptimWrapper.__init__(self, **kwargs)
        self._scale_update_param = None
        self.loss_scaler = torch.amp.GradScaler('cpu', init_scale=256.0)

    def optim_context(self, model):
        return torch.autocast('cpu', torch.float16)


WRAPPERS = dict(fp32=OptimWrapper, bf16=AutocastOptimWrapper, fp16=CpuAmpOptimWrapper)


class Training:
    """What the runner does in a step, with a hook, and nothing else.

    Args:
        hook: The hook.
        wrapper: A key of WRAPPERS.
        count: The number of batches of an update.
        fused: Whether the optimizer is fused.
    """

    def __init__(self, hook, wrapper='fp32', count=1, fused=False):
        self.model = tiny_localizer(dict(type='CAMHead')).train()
        self.localizer = self.model
        optimizer = torch.optim.SGD(
            self.model.parameters(), lr=0.1, momentum=0.9, fused=fused
        )
        self.optim_wrapper = WRAPPERS[wrapper](
            optimizer=optimizer, accumulative_counts=count
        )
        self.message_hub = MessageHub('of a test')
        self.warnings = []
        self.logger = SimpleNamespace(warning=self.warnings.append)
        self.hook = hook
        self.epoch = self.iter = 0

    def run(self, *batches):
        """Trains on batches: seeds, or a seed and what spoils its batch."""
        self.hook.before_train(self)
        for batch in batches:
            seed, fault = batch if isinstance(batch, tuple) else (batch, None)
            data = self.data(seed)
            self.hook.before_train_iter(self, self.iter, data)
            undo = spoil(self.localizer, data, fault)
            losses = self.model.train_step(data, self.optim_wrapper)
            undo()
            self.hook.after_train_iter(self, self.iter, data, losses)
            self.iter += 1
        self.hook.after_train(self)
        return self

    def data(self, seed):
        generator = torch.Generator().manual_seed(seed)
        samples = labels_to_samples([seed % 4, (seed + 1) % 4])
        for i, sample in enumerate(samples):
            sample.set_metainfo(dict(img_path=f'{seed}_{i}.jpg'))
        inputs = torch.randn(2, 3, 64, 64, generator=generator)
        return dict(inputs=inputs, data_samples=samples)

    @property
    def skipped(self):
        return self.message_hub.runtime_info.get('skipped_updates', 0)

    def state(self):
        momentum = self.optim_wrapper.optimizer.state_dict()['state']
        return self.localizer.state_dict(), momentum


def spoil(model, data, fault):
    """Lets something not be finite in a step; what is returned undoes it."""
    if fault == 'loss':
        data['inputs'][0, 0, 3, 5] = NAN  # which spoils running statistics as well
    elif fault == 'loss alone':

        def add(module, inputs, output):
            return {'loss': sum(output.values()) + INF}

        return model.register_forward_hook(add, prepend=True).remove
    elif fault is not None:
        gradient = model.head.classifier.weight
        return gradient.register_hook(lambda g: torch.full_like(g, fault)).remove
    return lambda: None


def assert_same(first, second, exact=True):
    torch.testing.assert_close(
        first.state(),
        second.state(),
        rtol=0 if exact else 1e-3,
        atol=0 if exact else 1e-4,
    )


FAULTS = ['loss', 'loss alone', NAN, INF]


@pytest.mark.faults
@pytest.mark.parametrize('fault', FAULTS)
@pytest.mark.parametrize('wrapper', ['fp32', 'bf16'])
def test_an_update_is_skipped_as_if_its_batch_had_not_been(wrapper, fault):
    training = Training(FiniteLossHook('skip'), wrapper).run(0, (1, fault), 2)
    assert_same(training, Training(FiniteLossHook(), wrapper).run(0, 2))
    assert training.skipped == 1
    assert training.message_hub.get_scalar('train/skipped_updates').current() == 1
    (warning,) = training.warnings
    what = {'loss': 'The loss is nan', 'loss alone': 'The loss is inf'}
    assert warning == (
        f'{what.get(fault, "A gradient is NaN or infinite")} at epoch 1, iteration 2 '
        "(images ['1_0.jpg', '1_1.jpg']). Skips the update; 1 so far."
    )


@pytest.mark.faults
@pytest.mark.parametrize('fault', FAULTS)
@pytest.mark.parametrize('wrapper', ['fp32', 'bf16'])
def test_a_run_stops_before_the_weights_are_spoiled(wrapper, fault):
    training = Training(FiniteLossHook(), wrapper)
    with pytest.raises(FloatingPointError, match='iteration 2 .*1_0.jpg.* `action='):
        training.run(0, (1, fault))
    weights = dict(training.localizer.named_parameters())
    expected = dict(Training(FiniteLossHook()).run(0).localizer.named_parameters())
    if wrapper == 'fp32':
        torch.testing.assert_close(weights, expected, rtol=0, atol=0)
    assert all(weight.isfinite().all() for weight in weights.values())


@pytest.mark.faults
@pytest.mark.parametrize('fused', [False, True])
@pytest.mark.parametrize('action', ['stop', 'skip'])
def test_gradients_that_a_scaler_leaves_out_do_not_count(action, fused):
    training = Training(FiniteLossHook(action), 'fp16', fused=fused).run(0, (1, INF), 2)
    assert training.optim_wrapper.loss_scaler.get_scale() == 128  # halved once
    assert training.skipped == 0
    assert not training.warnings
    assert all(p.isfinite().all() for p in training.model.parameters())


@pytest.mark.faults
def test_a_scaler_that_leaves_out_every_update_is_stopped():
    training = Training(FiniteLossHook('skip'), 'fp16')
    with pytest.raises(FloatingPointError, match='infinite 20 times in a row at'):
        training.run(0, *[(1, NAN)] * 30)
    assert training.iter == 20


@pytest.mark.faults
@pytest.mark.parametrize('fused', [False, True])
@pytest.mark.parametrize('fault', ['loss', 'loss alone'])
def test_a_loss_is_not_finite_with_a_scaler(fault, fused):
    training = Training(FiniteLossHook('skip'), 'fp16', fused=fused)
    training.run(0, (1, fault), 2)
    expected = Training(FiniteLossHook(), 'fp16', fused=fused).run(0, 2)
    assert_same(training, expected, exact=False)
    assert training.skipped == 1
    with pytest.raises(FloatingPointError, match='The loss is .* iteration 2'):
        Training(FiniteLossHook(), 'fp16', fused=fused).run(0, (1, fault))


@pytest.mark.faults
@pytest.mark.parametrize('wrapper', WRAPPERS)
def test_the_batches_of_an_update_are_skipped_together(wrapper):
    training = Training(FiniteLossHook('skip'), wrapper, count=2)
    training.run((0, 'loss'), 1, 2, 3)
    expected = Training(FiniteLossHook(), wrapper, count=2).run(2, 3)
    assert_same(training, expected, exact=wrapper != 'fp16')
    assert training.skipped == 1
    assert "iteration 2 (images ['0_0.jpg', '0_1.jpg'])" in training.warnings[0]


def test_too_many_skipped_in_a_row_stop_the_run():
    training = Training(FiniteLossHook('skip', max_in_a_row=3))
    bad = (1, 'loss')
    training.run(bad, bad, 0, bad, bad, 0)
    with pytest.raises(FloatingPointError, match='the 3th time in a row, at epoch 1'):
        training.run(bad, bad, bad)
    assert training.skipped == 7


def test_the_count_goes_on_after_a_resume():
    before = Training(FiniteLossHook('skip')).run((0, 'loss'))
    after = Training(FiniteLossHook('skip'))
    after.message_hub.load_state_dict(before.message_hub.state_dict())
    after.run(1)
    assert after.message_hub.get_scalar('train/skipped_updates').current() == 1
    assert after.run((2, 'loss')).skipped == 2


def test_checks_between_which_are_updates():
    training = Training(FiniteLossHook(interval=2))
    with pytest.raises(FloatingPointError, match='iteration 4 '):
        training.run(0, 1, (2, NAN), 3)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(action='warn'), "`action` of FiniteLossHook to be 'stop' or 'skip'"),
        (dict(action='skip', interval=5), '`interval` of FiniteLossHook to be 1 .* 5'),
    ],
)
def test_options_of_the_hook_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        FiniteLossHook(**options)


def train_one_of_two(rank, port, folder):
    """In a process of two: the second one's second loss is infinite."""
    torch.set_num_threads(1)
    os.environ.update(MASTER_ADDR='127.0.0.1', MASTER_PORT=port)
    torch.distributed.init_process_group('gloo', rank=rank, world_size=2)
    trainings = []
    for middle in ([(2 + rank, 'loss alone' if rank else None)], []):
        training = Training(FiniteLossHook('skip'))
        training.model = MMDistributedDataParallel(
            training.localizer, broadcast_buffers=False
        )
        trainings.append(training.run(rank, *middle, 4 + rank))
    disturbed, expected = trainings
    assert_same(disturbed, expected)
    (warning,) = disturbed.warnings
    torch.save((disturbed.skipped, warning), f'{folder}/{rank}.pth')
    torch.distributed.destroy_process_group()


@pytest.mark.faults
def test_two_processes_skip_together(tmp_path):
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        port = str(listener.getsockname()[1])
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(IMPORTED)
    processes = [
        context.Process(target=train_one_of_two, args=(rank, port, tmp_path))
        for rank in (0, 1)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    first, second = (torch.load(tmp_path / f'{rank}.pth') for rank in (0, 1))
    assert first[0] == second[0] == 1
    assert first[1].startswith(
        'A loss or gradient of another process is NaN or infinite'
    )
    assert second[1].startswith('The loss is inf at epoch 1, iteration 2 (images')
