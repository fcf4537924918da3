"""A loss or gradient that is not finite ends the run, or is left out."""

import math
from typing import Any, NoReturn

import torch
from mmengine.dist import all_reduce, get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS
from torch import Tensor
from torch.optim import Optimizer

from mmwsol.engine.hooks.guard_hooks import localizer_of

COUNT = 'skipped_updates'
SCALED_OUT = 20  # updates in a row that loss scaling cannot explain


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Stops before an update whose loss or gradients are NaN or infinite, or skips it.

    Weights and checkpoints already written stay as they are. With accumulated gradients
    the batches of an update belong together, with several processes they all do the same.
    Infinite gradients that a GradScaler (``--amp fp16``) leaves out itself do not count, up
    to 20 in a row.

    Args:
        action: `'stop'`, or `'skip'`: weights, optimizer and running statistics stay as they
            were, a warning names the images, and ``skipped_updates`` counts them in the log
            and through resumes.
        interval: Updates between checks, 1 for `'skip'`. On a GPU each waits for the step.
        max_in_a_row: Updates skipped one after another until the run is stopped.
    """

    def __init__(
        self, action: str = 'stop', interval: int = 1, max_in_a_row: int = 10
    ) -> None:
        if action not in ('stop', 'skip'):
            raise ValueError(
                "Expected `action` of FiniteLossHook to be 'stop' or 'skip', but got "
                f'{action!r}.'
            )
        if action == 'skip' and interval != 1:
            raise ValueError(
                "Expected `interval` of FiniteLossHook to be 1 with `action='skip'`, but got "
                f'{interval}.'
            )
        self.action = action
        self.interval = interval
        self.max_in_a_row = max_in_a_row
        self.in_a_row = 0
        self.scaled_out = 0  # updates in a row that a GradScaler left out
        self.updates = 0
        self.losses: list[Tensor] = []  # of the batches since the last update
        self.files: list[list[str]] = []
        self.buffers: list[Tensor] = []  # as they were before these
        self.handles: list = []

    def before_train(self, runner: Runner) -> None:
        self._forget()
        optimizer = runner.optim_wrapper.optimizer
        self.handles = [
            runner.model.register_forward_hook(
                lambda model, inputs, losses: self._note(runner, losses)
            ),
            optimizer.register_step_pre_hook(
                lambda *arguments: self._before_update(runner, optimizer)
            ),
        ]

    def after_train(self, runner: Runner) -> None:
        for handle in self.handles:
            handle.remove()

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        if self.action == 'skip' and not self.files:
            self.buffers = [buffer.clone() for buffer in runner.model.buffers()]
        samples = data_batch['data_samples']
        self.files.append([sample.get('img_path', '?') for sample in samples])

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        if not self.losses:  # updated, or fitted without a loss
            self._forget()
        elif runner.optim_wrapper.should_update():
            self._after_scaled_out(runner)
        count = runner.message_hub.runtime_info.get(COUNT)
        if count:
            runner.message_hub.update_scalar(f'train/{COUNT}', count)

    @torch.compiler.disable
    def _note(self, runner: Runner, losses: dict | list) -> None:
        if isinstance(losses, dict):  # not predictions
            self.losses.append(localizer_of(runner).parse_losses(losses)[0].detach())

    @torch.compiler.disable
    def _before_update(self, runner: Runner, optimizer: Optimizer) -> None:
        if getattr(optimizer, 'found_inf', 0):  # a fused one leaves it out itself
            return
        self.scaled_out = 0
        self.updates += 1
        if self.updates % self.interval == 0:
            parameters = [p for g in optimizer.param_groups for p in g['params']]
            largest = [
                torch.linalg.vector_norm(p.grad, math.inf)
                for p in parameters
                if p.grad is not None
            ]
            problem = self._problem(largest)
            if problem:
                for parameter in parameters:
                    parameter.grad = None  # optimizers pass over it
                self._act(runner, problem)
            else:
                self.in_a_row = 0
        self._forget()

    def _after_scaled_out(self, runner: Runner) -> None:
        self.scaled_out += 1
        problem = self._problem([])
        if problem:
            self._act(runner, problem)
        elif self.scaled_out == SCALED_OUT:
            self._stop(
                runner, f'The gradients were infinite {SCALED_OUT} times in a row'
            )
        self._forget()

    def _problem(self, gradients: list[Tensor]) -> str:
        """What is not finite, or nothing; all processes agree whether there is something.

        Args:
            gradients: The largest gradient of each parameter.
        """
        values = torch.stack([value.float() for value in self.losses + gradients])
        own = values.isfinite().all().int()
        common = own.clone()
        if get_world_size() > 1:
            all_reduce(common, 'min')
        if common:
            return ''
        bad = [i for i, loss in enumerate(self.losses) if not loss.isfinite()]
        if bad:
            self.files = [self.files[i] for i in bad]
            return f'The loss is {self.losses[bad[0]].item()}'
        what = 'loss or gradient of another process' if own else 'gradient'
        return f'A {what} is NaN or infinite'

    def _act(self, runner: Runner, problem: str) -> None:
        if self.action == 'stop':
            self._stop(runner, problem)
        hub = runner.message_hub
        for buffer, former in zip(runner.model.buffers(), self.buffers):
            buffer.copy_(former)
        count = hub.runtime_info.get(COUNT, 0) + 1
        hub.update_info(COUNT, count)
        self.in_a_row += 1
        if self.in_a_row == self.max_in_a_row:
            self._stop(runner, f'{problem}, the {self.in_a_row}th time in a row,')
        runner.logger.warning(
            f'{problem} {self._place(runner)}. Skips the update; {count} so far.'
        )

    def _stop(self, runner: Runner, problem: str) -> NoReturn:
        rate = max(max(rates) for rates in runner.optim_wrapper.get_lr().values())
        raise FloatingPointError(
            f'{problem} {self._place(runner)}. Lower `optim_wrapper.optimizer.lr` (now '
            f"{rate:g}), turn off --amp, or leave single updates out with `action='skip'` of "
            'FiniteLossHook in `custom_hooks`; weights and checkpoints are intact.'
        )

    def _place(self, runner: Runner) -> str:
        files = [file for batch in self.files for file in batch]
        return (
            f'at epoch {runner.epoch + 1}, iteration {runner.iter + 1} (images {files})'
        )

    def _forget(self) -> None:
        self.losses, self.files = [], []
