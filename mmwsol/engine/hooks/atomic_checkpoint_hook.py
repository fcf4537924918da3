"""Checkpoints that a kill or a full disk cannot spoil."""

import os
from pathlib import Path

from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS

from mmwsol.engine.loops import ResumableTrainLoop
from mmwsol.io.atomic import write_atomic


@register_backend('atomic')
class AtomicBackend(LocalBackend):
    """Local files that are there whole, or not at all."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        try:
            write_atomic(filepath, obj)
        except OSError as error:
            raise OSError(
                error.errno,
                f'{error.strerror}. Checkpoints already written are intact: make room and '
                'go on with --resume',
            ) from None

    def put_text(self, obj: str, filepath: str | Path, encoding: str = 'utf-8') -> None:
        self.put(obj.encode(encoding), filepath)


@HOOKS.register_module()
class AtomicCheckpointHook(CheckpointHook):
    """Writes checkpoints whole, and with the exact place in the run.

    An old checkpoint is removed when the new one is whole, not earlier.
    Other arguments as for :class:`mmengine.hooks.CheckpointHook`.

    Args:
        max_keep_ckpts: How many of the newest checkpoints stay; -1 for all.
        out_dir: Folder for them instead of the work folder.
        backend_args: As for :func:`mmengine.fileio.get_file_backend`; by default local
            files are written by :class:`AtomicBackend`.
    """

    def __init__(
        self,
        *args,
        max_keep_ckpts: int = -1,
        out_dir: str | Path | None = None,
        backend_args: dict | None = None,
        **kwargs,
    ) -> None:
        if backend_args is None and '://' not in str(out_dir):
            backend_args = dict(backend='atomic')
        super().__init__(*args, out_dir=out_dir, backend_args=backend_args, **kwargs)
        self.keep = max_keep_ckpts  # the parent would remove before it saves

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        loop = runner.train_loop
        if isinstance(loop, ResumableTrainLoop):
            progress = loop.progress()
            if checkpoint['meta']['epoch'] > loop.epoch:  # at the end of an epoch
                progress['batches_done'] = 0
            checkpoint['progress'] = progress

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        loop = runner._train_loop
        if runner._resume and isinstance(loop, ResumableTrainLoop):
            if 'progress' in checkpoint:  # not in files of other programs
                loop.resume(checkpoint['progress'])

    def save(self, runner: Runner, name: str, meta: dict) -> None:
        """Writes a checkpoint, then ``last_checkpoint``, which ``--resume`` reads.

        Args:
            runner: The runner.
            name: The file's name.
            meta: Epochs and iterations done, ``epoch`` and ``iter``.
        """
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        runner.save_checkpoint(
            self.out_dir,
            name,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            note = os.path.join(runner.work_dir, 'last_checkpoint')
            write_atomic(note, self.last_ckpt)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        old = []
        if self.keep > 0:
            steps = runner.message_hub.runtime_info.get('keep_ckpt_ids', [])
            steps = [s for s in steps if s != step] + [step]
            old, steps = steps[: -self.keep], steps[-self.keep :]
            runner.message_hub.update_info('keep_ckpt_ids', steps)
        self.save(runner, self.filename_tmpl.format(step), meta)
        for former in old if is_main_process() else ():
            name = self.filename_tmpl.format(former)
            path = self.file_backend.join_path(self.out_dir, name)
            if self.file_backend.isfile(path):
                self.file_backend.remove(path)
