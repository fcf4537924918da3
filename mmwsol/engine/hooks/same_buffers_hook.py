"""Several processes evaluate one and the same model."""

from mmengine.dist import broadcast
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS


@HOOKS.register_module()
class SameBuffersHook(Hook):
    """Gives all processes the first one's buffers before each evaluation.

    Running statistics of batch norm differ between processes, which train on different
    images, and a checkpoint holds the first one's. So the numbers are those of the
    checkpoint, and training goes on as it would have: it does not read them.
    """

    def before_val_epoch(self, runner: Runner) -> None:
        for buffer in runner.model.buffers():
            broadcast(buffer)
