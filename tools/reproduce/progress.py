"""A line for every epoch of a training, read from its log."""

import time
from pathlib import Path

from tools.report.scalars import is_evaluation, read_scalars


class Progress:
    """Tells what is new in a training's log.

    Args:
        title: Each line begins with.
        folder: The training's.
        epochs: Of the whole training.
    """

    def __init__(self, title: str, folder: Path, epochs: int) -> None:
        self.title = title
        self.folder = folder
        self.epochs = epochs
        self.done, self.evaluated = self._read()[:2]
        self.at_start = self.done
        self.start = time.monotonic()

    def news(self) -> list[str]:
        """Lines for what was finished since the last call."""
        done, evaluated, loss, metrics = self._read()
        lines = []
        if done > self.done:
            spent = time.monotonic() - self.start
            left = spent / (done - self.at_start) * (self.epochs - done)
            lines.append(
                f'{self.title}: epoch {done} of {self.epochs}, loss {loss:.3f}, '
                f'{duration(left)} left'
            )
        if evaluated > self.evaluated:
            lines.append(f'{self.title}: epoch {evaluated}, {metrics}')
        self.done, self.evaluated = done, evaluated
        return lines

    def _read(self) -> tuple[int, int, float, str]:
        """Epochs done, the last evaluated, the last loss, and that evaluation in words."""
        done, evaluated, loss, metrics = 0, 0, float('nan'), ''
        for entry in read_scalars(self.folder):
            if 'loss' in entry:
                # the epoch at hand; the last line of the last epoch ends it
                done, loss = entry['epoch'] - 1, entry['loss']
            elif is_evaluation(entry):
                done = max(done, entry['step'])
                evaluated, metrics = entry['step'], in_words(entry)
        return done, evaluated, loss, metrics


def in_words(metrics: dict) -> str:
    """The numbers that a line of progress has room for."""
    names = {
        'GT-known': 'loc/gt_known',
        'Top-1': 'loc/top1',
        'MaxBoxAccV2': 'loc/maxboxacc_v2',
        'PxAP': 'pix/pxap',
    }
    return ', '.join(f'{n} {metrics[k]:.1f}' for n, k in names.items() if k in metrics)


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, whichever says enough.

    >>> duration(42), duration(300), duration(3 * 3600)
    ('42 s', '5 min', '3.0 h')
    """
    if seconds < 120:
        return f'{seconds:.0f} s'
    if seconds < 7200:
        return f'{seconds / 60:.0f} min'
    return f'{seconds / 3600:.1f} h'
