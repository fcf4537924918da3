"""A loss that is no number ends the run."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Stops training at the first loss that is NaN or infinite.

    Checkpoints already written stay as they are.

    Args:
        interval: Steps between checks. On a GPU each check waits for the step to end.
    """

    def __init__(self, interval: int = 1) -> None:
        self.interval = interval

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        if not self.every_n_train_iters(runner, self.interval):
            return
        loss = outputs['loss']
        if not torch.isfinite(loss):
            files = [
                sample.get('img_path', '?') for sample in data_batch['data_samples'][:3]
            ]
            rates = runner.optim_wrapper.get_lr()
            raise FloatingPointError(
                f'The loss is {loss.item()} at epoch {runner.epoch + 1}, iteration '
                f'{runner.iter + 1} (images {files} ...). Lower '
                f'`optim_wrapper.optimizer.lr` (now {max(max(v) for v in rates.values()):g}), '
                'or turn off --amp; checkpoints already written are intact.'
            )
