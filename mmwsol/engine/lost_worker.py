"""Data-loading workers that the system killed."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def explained_loss_of_workers() -> Iterator[None]:
    """Has torch's error about a lost data-loading worker say what to do."""
    try:
        yield
    except RuntimeError as error:
        text = str(error)
        if not text.startswith('DataLoader worker (pid'):
            raise
        cause = 'was ended from outside; the system does so where memory runs out'
        key = '`{train,val,test}_dataloader.num_workers`'
        advice = f'lower {key}'
        if 'shared memory' in text or 'Bus error' in text:
            cause = 'found no shared memory'
            advice = f'give more (docker run --shm-size=8g), or lower {key}'
        raise RuntimeError(
            f'A process that loads images {cause} ({text.strip().rstrip(".")}); {advice}. '
            'Training goes on with --resume.'
        ) from error
