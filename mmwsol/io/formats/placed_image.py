"""Photographs beside their annotations, as links or copies."""

import os
import shutil
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageOps

from mmwsol.io.images import is_turned

WAYS = ('link', 'symlink', 'copy')
"""How an image comes into a folder: a hard link, a symbolic link, or a copy."""


def place_image(source: str, target: Path, size: tuple[int, int], way: str) -> None:
    """Places an image in a folder; where the disk has no links, a copy.

    A photograph that its camera noted to be turned is written the way up that it is displayed,
    since some trainers turn it and some do not, and boxes are those of the displayed one.

    Args:
        source: The image's path.
        target: The file to make; what was there is replaced.
        size: Height and width of the image as it is displayed.
        way: One of :data:`WAYS`.

    Raises:
        OSError: It cannot be made.
    """
    if os.path.abspath(target) == os.path.realpath(source):
        return
    part = target.with_name(f'{target.name[:60]}.part')
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with warnings.catch_warnings():  # of sizes, which were looked at before
            warnings.simplefilter('ignore', Image.DecompressionBombWarning)
            if is_turned(source):
                _write_upright(source, part, size)
            else:
                _link(source, part, way)
        # two links of one file would stay where they are
        target.unlink(missing_ok=True)
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise OSError(error.errno, f'Could not write {target} ({reason})') from None


def _link(source: str, target: Path, way: str) -> None:
    ways: dict[str, Callable[[], object]] = dict(
        link=lambda: os.link(os.path.realpath(source), target),
        symlink=lambda: os.symlink(os.path.abspath(source), target),
        copy=lambda: shutil.copyfile(source, target),
    )
    try:
        ways[way]()
    except OSError:
        if way == 'copy':
            raise
        ways['copy']()


def _write_upright(source: str, target: Path, size: tuple[int, int]) -> None:
    with Image.open(source) as image:
        kind = 'JPEG' if image.format == 'MPO' else image.format
        profile = image.info.get('icc_profile')
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        if image.size != size[::-1]:
            raise OSError(f'{source} is displayed in another size by Pillow')
        quality = dict(quality=95) if kind in ('JPEG', 'WEBP') else {}
        # closed before the disk is asked whether all of it is there
        with target.open('wb') as stream:
            image.save(stream, kind, icc_profile=profile, **quality)
