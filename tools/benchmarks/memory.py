"""Memory that a step needs at its peak."""

import ctypes
import gc
import re
from collections.abc import Callable
from pathlib import Path

import torch


def peak_memory(work: Callable[[], object], device: torch.device) -> int | None:
    """Bytes by which memory grows at most while some work is done.

    On a GPU what tensors take, without the allocator's cache; on a CPU the resident pages
    of the process, of which Linux knows the highest number. What the work builds counts,
    models and optimizers included. Libraries load code when first used: work that has been
    done once before is measured better.

    Args:
        work: Whatever it builds should be its own, and gone before.
        device: That it uses.

    Returns:
        None on a CPU of a system that does not tell.
    """
    gc.collect()
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        work()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    status, reset = Path('/proc/self/status'), Path('/proc/self/clear_refs')
    if not reset.exists():
        return None
    # what was freed before must not serve the work unseen
    getattr(ctypes.CDLL(None), 'malloc_trim', lambda _: None)(0)
    before = _kilobytes(status, 'VmRSS')
    reset.write_text('5')  # the highest number starts anew
    work()
    return 1024 * (_kilobytes(status, 'VmHWM') - before)


def _kilobytes(status: Path, name: str) -> int:
    return int(re.search(rf'{name}:\s*(\d+) kB', status.read_text())[1])
