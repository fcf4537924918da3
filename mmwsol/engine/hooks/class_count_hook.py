"""The model and the data set must mean the same classes."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS

from mmwsol.engine.unwrap import localizer_of


@HOOKS.register_module()
class ClassCountHook(Hook):
    """Stops before the first step if model and data have different numbers of classes."""

    def before_train(self, runner: Runner) -> None:
        self._check(runner, runner.train_loop.dataloader.dataset, 'train_dataloader')
        if runner.val_loop is not None:
            self._check(runner, runner.val_loop.dataloader.dataset, 'val_dataloader')

    def before_test(self, runner: Runner) -> None:
        self._check(runner, runner.test_loop.dataloader.dataset, 'test_dataloader')

    def _check(self, runner: Runner, dataset: object, key: str) -> None:
        expected = localizer_of(runner).head.num_classes
        classes = dataset.metainfo['classes']
        if len(classes) != expected:
            raise ValueError(
                f'Expected {expected} classes (`model.head.num_classes`), but the data set of '
                f'`{key}` has {len(classes)}; change one of them, for a subset of the data '
                f'with `{key}.dataset.num_classes`.'
            )
