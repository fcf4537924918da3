"""Files that are there whole, or not at all."""

import os
import shutil
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from mmwsol.engine.checkpoint_seal import seal_of


@register_backend('atomic')
class AtomicBackend(LocalBackend):
    """Local files that are written beside their place, and moved there when they are whole.

    What was there before stays until then, whatever happens. Checkpoints get a checksum.
    """

    def put(self, obj: bytes, filepath: str | Path) -> None:
        file = Path(filepath)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f'{file.name}.part')
        try:
            with part.open('wb') as stream:
                stream.write(memoryview(obj)[:-2])
                stream.write(seal_of(obj))
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(file)
            _sync_folder(file.parent)
        except OSError as error:
            part.unlink(missing_ok=True)
            free = shutil.disk_usage(file.parent).free
            raise OSError(
                error.errno,
                f'Could not write {file}, {len(obj) / 1e6:.1f} MB, with {free / 1e6:.1f} MB '
                f'free on its disk ({error.strerror}). Checkpoints already written are '
                'intact: make room and go on with --resume',
            ) from None

    def put_text(self, obj: str, filepath: str | Path, encoding: str = 'utf-8') -> None:
        self.put(obj.encode(encoding), filepath)


def _sync_folder(folder: Path) -> None:
    """Has the disk know of a new name, where folders can be opened."""
    if os.name == 'posix':
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
