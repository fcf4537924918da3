"""Learning in closed form, from one pass over the images."""

import torch
from mmengine.model import is_model_wrapper
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmpretrain.registry import LOOPS
from torch import nn


@LOOPS.register_module()
class FitLoop(EpochBasedTrainLoop):
    """One pass without gradients, which the model's head observes and then solves.

    The weights follow from the images alone: not from their order, from a seed or from the
    number of processes. The checkpoint after it is one of an epoch.

    Args:
        runner: The runner.
        dataloader: The loader, or its config.
        max_epochs: 1, for configs and command lines that say it.
        **kwargs: As for :class:`mmengine.runner.EpochBasedTrainLoop`; the evaluation is
            after the pass, whatever the interval.

    Raises:
        ValueError: More than one epoch is asked for, or the head learns by gradients.
    """

    def __init__(
        self, runner: Runner, dataloader: dict, max_epochs: int = 1, **kwargs
    ) -> None:
        if max_epochs != 1:
            raise ValueError(
                "Expected `train_cfg.max_epochs` to be 1 for `train_cfg.type='FitLoop'`, since "
                f'one pass over the images says all, but got {max_epochs}; leave it out.'
            )
        super().__init__(runner, dataloader, max_epochs, **kwargs)

    def run(self) -> nn.Module:
        runner, model = self.runner, self.runner.model
        if is_model_wrapper(model):
            model = model.module
        if not model.head.fits:
            raise ValueError(
                "Expected a `model.head` that is fitted for `train_cfg.type='FitLoop'`, such "
                f'as DDTHead, but got {type(model.head).__name__}.'
            )
        runner.call_hook('before_train')
        if self._epoch < self._max_epochs:  # else a finished run was resumed
            self.run_epoch()
            if runner.val_loop is not None:
                runner.val_loop.run()
        runner.call_hook('after_train')
        return runner.model

    @torch.no_grad()
    def run_epoch(self) -> None:
        self.runner.call_hook('before_train_epoch')
        model = self.runner.model
        if is_model_wrapper(model):
            model = model.module
        model.eval()  # pretrained statistics of batch normalization stay
        for idx, data_batch in enumerate(self.dataloader):
            self.runner.call_hook(
                'before_train_iter', batch_idx=idx, data_batch=data_batch
            )
            with self.runner.optim_wrapper.optim_context(self.runner.model):
                data = model.data_preprocessor(data_batch, training=False)
                feats = model.extract_feat(data['inputs'])
            model.observe(feats, data['data_samples'])
            self.runner.call_hook(
                'after_train_iter', batch_idx=idx, data_batch=data_batch, outputs={}
            )
            self._iter += 1
        model.solve()
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1
