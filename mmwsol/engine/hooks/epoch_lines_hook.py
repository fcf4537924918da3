"""One line an epoch, and what to type when training has ended."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS

from mmwsol.command import command_line, seen_from_here
from mmwsol.evaluation import MaxBoxAccV2
from mmwsol.functional.share_right import ShareRight, hits_of_boxes, leave_one_out
from mmwsol.progress import duration

SHARES = {
    'accuracy/top1': 'classes right {:.1f} %',
    'loc/gt_known': 'boxes right {:.1f} %',
}
"""What people who train on their own images ask about, by the name of the metric."""


@HOOKS.register_module()
class EpochLinesHook(Hook):
    """Prints epoch, loss, what held-out images say, and the time left.

    Args:
        interval: Seconds without a line after which an epoch that lasts gets one more.
    """

    priority = 'LOWEST'  # when the checkpoint is written

    def __init__(self, interval: float = 60) -> None:
        self.interval = interval
        self.line = ''  # of the epoch that ended, which may be evaluated yet
        self.started = self.said = 0.0
        self.start = 0

    def before_train(self, runner: Runner) -> None:
        self.started = self.said = time.monotonic()
        self.start = runner.iter  # more than 0 in a run that is resumed
        count = len(runner.train_dataloader.dataset)
        log = seen_from_here(runner.logger.log_file)
        self._say(f'training on {count} images; all else is in {log}')

    def before_train_epoch(self, runner: Runner) -> None:
        self._end_line()

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        lasts = time.monotonic() - self.said > self.interval
        if lasts and not self.end_of_epoch(runner.train_dataloader, batch_idx):
            steps = f'step {batch_idx + 1} of {len(runner.train_dataloader)}'
            self._say(f'{_epoch(runner, 1)}: {steps}{self._left(runner, 1)}')

    def after_train_epoch(self, runner: Runner) -> None:
        self.line = _epoch(runner, 1)
        if 'train/loss' in runner.message_hub.log_scalars:  # else it is fitted
            losses = runner.message_hub.get_scalar('train/loss')
            self.line += f'  loss {losses.mean(len(runner.train_dataloader)):.3f}'
        self.left = self._left(runner)

    def after_val_epoch(
        self, runner: Runner, metrics: Mapping[str, float] | None = None
    ) -> None:
        if self.started:
            self.line = (self.line or _epoch(runner)) + said(metrics or {})
            self.left = self._left(runner)

    def after_train(self, runner: Runner) -> None:
        self._end_line()
        checkpoint = runner.message_hub.runtime_info.get('last_ckpt')
        if checkpoint:
            self._say('\n'.join(next_steps(runner.cfg, runner.work_dir, checkpoint)))

    def after_test_epoch(
        self, runner: Runner, metrics: Mapping[str, float] | None = None
    ) -> None:
        lines = [said(metrics or {}).strip()]
        for metric in runner.test_loop.evaluator.metrics:
            if isinstance(metric, MaxBoxAccV2) and metric.records:
                lines.append(share_right(metric))
        self._say('\n'.join(filter(None, lines)))

    def _left(self, runner: Runner, ahead: int = 0) -> str:
        """The time left, ``ahead`` of the step at hand being counted."""
        done = runner.iter + ahead
        steps = max(1, done - self.start)
        left = (time.monotonic() - self.started) / steps * (runner.max_iters - done)
        return f'  {duration(left)} left' if done < runner.max_iters else ''

    def _end_line(self) -> None:
        if self.line:
            self._say(self.line + self.left)
        self.line = ''

    def _say(self, line: str) -> None:
        self.said = time.monotonic()
        if is_main_process():
            print(line, flush=True)


def _epoch(runner: Runner, ahead: int = 0) -> str:
    last = str(runner.max_epochs)
    return f'epoch {runner.epoch + ahead:{len(last)}}/{last}'


def said(metrics: Mapping[str, Any]) -> str:
    """What an evaluation found, for a line.

    >>> said({'accuracy/top1': 66.666})
    '  classes right 66.7 %'
    """
    known = [(form, metrics[name]) for name, form in SHARES.items() if name in metrics]
    return ''.join(f'  {form.format(value)}' for form, value in known)


def share_right(metric: MaxBoxAccV2) -> str:
    """What share of the boxes a metric found right, and how sure that is."""
    ious, rule = metric.iou_thresholds, metric.protocol.threshold
    hits = hits_of_boxes(metric.records, ious.index(0.5), len(ious))
    if rule == 'oracle':  # the first of the best, as the metrics have it
        share = leave_one_out(hits, np.argmax)
        chosen = 'at a threshold chosen without the image at hand, as for new ones'
    else:
        assert metric.report is not None
        at = round(1000 * metric.report.metrics['threshold'])
        share = ShareRight(int(hits[:, at].sum()), len(hits))
        chosen = f'with threshold {rule}'
    right, interval = str(share).split('; ')
    return f'{right} held-out boxes at IoU 0.5; {interval} (95 % interval), {chosen}'


def next_steps(config: Config, work_dir: str, checkpoint: str) -> Sequence[str]:
    """Where the model is, and commands that are ready to paste."""
    dataset = config.train_dataloader.dataset
    # the run's own copy has the settings of the command line too
    own = Path(work_dir) / Path(config.filename or 'config.py').name
    model = seen_from_here(own), seen_from_here(checkpoint)
    lines = [
        f'\nThe model is {seen_from_here(checkpoint)}. Next, boxes for images:\n',
        f'    {command_line("infer", dataset.data_root, *model, "--out", "found")}\n',
    ]
    if (config.get('test_dataloader') or {}).get('dataset', {}).get('boxes'):
        lines += [
            'and what share of the held-out boxes is right:\n',
            f'    {command_line("test", *model, "--out", "held_out.json")}\n',
        ]
    return lines
