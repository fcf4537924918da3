"""Training that can stop anywhere and end with the same weights."""

from collections.abc import Sequence

from mmengine.dist import get_rank
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmpretrain.registry import LOOPS
from torch import nn

from mmwsol.datasets.samplers.resumable_sampler import ResumableSampler
from mmwsol.random_state import STEP, set_random_state


@LOOPS.register_module()
class ResumableTrainLoop(EpochBasedTrainLoop):
    """Epochs whose random numbers depend on the seed and the place in the run.

    Shuffling follows from the seed and the epoch, augmentation from these and the sample's
    position, dropping and mixing from the seed, the step and the process. So a resumed run
    goes on as if nothing had happened, and the number of workers does not matter.
    An evaluation that was due when the run was killed is made up for.
    Other arguments as for :class:`mmengine.runner.EpochBasedTrainLoop`.

    Args:
        runner: The runner.
        dataloader: The loader's config.
    """

    def __init__(self, runner: Runner, dataloader: dict, **kwargs) -> None:
        if not isinstance(dataloader, dict):
            raise TypeError(
                'Expected `train_dataloader` to be a dict for ResumableTrainLoop, but got '
                f'{type(dataloader).__name__}; give its config, or set `train_cfg.type` to '
                'EpochBasedTrainLoop.'
            )
        dataloader = {
            **dataloader,
            'dataset': dict(type='SeededDataset', dataset=dataloader['dataset']),
            'sampler': dict(type='ResumableSampler', sampler=dataloader['sampler']),
        }
        super().__init__(runner, dataloader, **kwargs)
        self.start = 0  # batches of the epoch that were done when a run was resumed
        self.done = 0  # batches of the epoch that are done with the one at hand

    @property
    def sampler(self) -> ResumableSampler:
        return self.dataloader.batch_sampler.sampler

    def progress(self) -> dict[str, int]:
        """What a checkpoint says besides epoch and iteration."""
        return dict(
            seed=self.sampler.seed, batches_done=self.done, batches=len(self.dataloader)
        )

    def resume(self, progress: dict[str, int]) -> None:
        """Has the next epoch start where a checkpoint was saved."""
        start, batches = progress['batches_done'], progress['batches']
        if start and batches != len(self.dataloader):
            raise ValueError(
                f'Expected {batches} batches an epoch, as in the checkpoint that was saved '
                f'inside one, but got {len(self.dataloader)}; resume with the same '
                '`train_dataloader.batch_size`, data and number of processes, or from the '
                'checkpoint of an epoch with --resume FILE.'
            )
        self.sampler.set_seed(progress['seed'])
        self.start = self.done = start

    def run(self) -> nn.Module:
        self.runner.call_hook('before_train')
        if self._epoch and not self.start:  # killed before or during the evaluation
            self._evaluate_if_due()
        while self._epoch < self._max_epochs and not self.stop_training:
            self.run_epoch()
            self._evaluate_if_due()
        self.runner.call_hook('after_train')
        return self.runner.model

    def run_epoch(self) -> None:
        self.sampler.set_epoch(self._epoch)
        self.sampler.start = self.start * self.dataloader.batch_sampler.batch_size
        super().run_epoch()
        self.start = self.done = 0

    def run_iter(self, idx: int, data_batch: Sequence[dict]) -> None:
        idx += self.start
        self.done = idx + 1
        set_random_state(self.sampler.seed, STEP, self._iter, get_rank())
        super().run_iter(idx, data_batch)

    def _evaluate_if_due(self) -> None:
        self._decide_current_val_interval()
        if (
            self.runner.val_loop is not None
            and self._epoch >= self.val_begin
            and (
                self._epoch % self.val_interval == 0 or self._epoch == self._max_epochs
            )
        ):
            self.runner.val_loop.run()
