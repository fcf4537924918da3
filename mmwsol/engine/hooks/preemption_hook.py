"""A run that is told to end saves where it is."""

import os
import signal
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import all_reduce, barrier, get_world_size, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS

from mmwsol.engine.hooks.atomic_checkpoint_hook import AtomicCheckpointHook
from mmwsol.engine.loops import ResumableTrainLoop
from mmwsol.interruption import outlive

NAME = 'interrupted.pth'


@HOOKS.register_module()
class PreemptionHook(Hook):
    """Saves a checkpoint and exits when a cluster takes the machine back, or at Ctrl-C.

    At SIGTERM the iteration at hand is ended, ``interrupted.pth`` written, and the process
    exits with 128 + 15 = 143; ``--resume`` goes on inside the epoch. SIGINT does the same,
    and ends the run at once if it comes again.
    Needs ResumableTrainLoop and AtomicCheckpointHook; without them a signal ends the run
    at once, as ever.

    Args:
        signals: Names of the signals at which to stop; one that the program was started to
            ignore stays ignored.
        interval: Iterations between the looks of several processes at each other's
            signals; a single process looks after each.
    """

    priority = 'LOWEST'  # when schedules, averages and other checkpoints are done

    def __init__(
        self, signals: tuple[str, ...] = ('SIGTERM', 'SIGINT'), interval: int = 10
    ):
        self.signals = [signal.Signals[name] for name in signals]
        self.interval = interval
        self.noted = 0  # by this process
        self.agreed = 0  # by all
        # handlers; none where the hook does nothing
        self.former: dict[int, Any] = {}

    def before_train(self, runner: Runner) -> None:
        savers = [h for h in runner.hooks if isinstance(h, AtomicCheckpointHook)]
        if not savers or not isinstance(runner.train_loop, ResumableTrainLoop):
            return
        self.saver = savers[0]
        for number in self.signals:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self.former[number] = signal.signal(number, self._note)
        loops = [runner.train_loop, runner.val_loop]
        for loader in [loop.dataloader for loop in loops if loop is not None]:
            outlive(loader, self.signals)  # a cluster sends them to workers as well

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        if self.end_of_epoch(runner.train_dataloader, batch_idx):
            return  # what belongs to the end of an epoch comes first
        if self._is_told(runner.iter) and runner.optim_wrapper.should_update():
            self._stop(runner, dict(epoch=runner.epoch, iter=runner.iter + 1))

    def after_train_epoch(self, runner: Runner) -> None:
        if self._is_told():
            self._stop(runner, dict(epoch=runner.epoch + 1, iter=runner.iter))

    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: list | None = None,
    ) -> None:
        # processes may have different numbers of batches here, and cannot ask each other
        if get_world_size() == 1 and self._is_told():
            self._stop(runner, dict(epoch=runner.epoch, iter=runner.iter))

    def after_train(self, runner: Runner) -> None:
        for number, handler in self.former.items():
            signal.signal(number, handler or signal.SIG_DFL)
        if self.former and is_main_process():
            Path(self.saver.out_dir, NAME).unlink(missing_ok=True)  # training has ended
        self.former = {}

    def _note(self, number: int, frame: object) -> None:
        self.noted = number
        if number == signal.SIGINT:
            signal.signal(number, self.former[number] or signal.SIG_DFL)
            os.write(2, b'\nStops after this step, at once if interrupted again.\n')

    def _is_told(self, step: int = 0) -> bool:
        """Whether this process or another got a signal; all must ask at the same step."""
        if self.former and get_world_size() > 1 and step % self.interval == 0:
            noted = torch.tensor(self.noted)
            all_reduce(noted, 'max')
            self.agreed = int(noted)
        elif self.former and get_world_size() == 1:
            self.agreed = self.noted
        return self.agreed > 0

    def _stop(self, runner: Runner, meta: dict) -> None:
        self.saver.save(runner, NAME, meta)
        name = signal.Signals(self.agreed).name
        runner.logger.warning(  # on every terminal
            f'Stopped by {name} after iteration {meta["iter"]}, saved to {NAME}; '
            'go on with --resume.'
        )
        barrier()  # whoever exits first has the others killed
        raise SystemExit(128 + self.agreed)
