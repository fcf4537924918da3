"""Data-loading workers that the system killed."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def explained_loss_of_workers() -> Iterator[None]:
    """Has torch's error about a lost data-loading worker say what to do."""
    try:
        yield
    except (RuntimeError, ConnectionError, EOFError) as error:
        try:
            explained = _explained(error)
        except RuntimeError as noticed:  # by torch, which a signal tells at any moment
            explained = _explained(noticed)
        if explained is None:
            raise
        raise RuntimeError(explained) from error


def _explained(error: Exception) -> str | None:
    """A sentence, or None for an error of something else."""
    text = str(error) or type(error).__name__
    if not text.startswith('DataLoader worker (pid') and not _cut_off(error):
        return None
    cause = 'was ended from outside; the system does so where memory runs out'
    key = '`{train,val,test}_dataloader.num_workers`'
    advice = f'lower {key}'
    if 'shared memory' in text or 'Bus error' in text:
        cause = 'found no shared memory'
        advice = f'give more (docker run --shm-size=8g), or lower {key}'
    return (
        f'A process that loads images {cause} ({text.strip().rstrip(".")}); {advice}. '
        'Training goes on with --resume.'
    )


def _cut_off(error: Exception) -> bool:
    """Whether a worker was lost while it handed over a batch, before torch noticed."""
    own = str(error).startswith(
        'Caught '
    )  # of the data set, which the worker passes on
    frames = traceback.extract_tb(error.__traceback__)
    return not (own or isinstance(error, RuntimeError)) and any(
        Path(frame.filename).parts[-3:] == ('utils', 'data', 'dataloader.py')
        for frame in frames
    )
