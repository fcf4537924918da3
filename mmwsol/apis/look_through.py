"""What the tools do that look at folders of images."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from mmwsol.apis.found_folder import SHOWN, FoundFolder
from mmwsol.apis.look_first import ORDERS
from mmwsol.command import complain
from mmwsol.interruption import Interruption
from mmwsol.io.box_units import UNITS
from mmwsol.progress import progress

LONGEST_SIDE = 1280
"""Pixels of the pictures that are drawn."""


def add_folder_arguments(parser: argparse.ArgumentParser) -> None:
    """Which folder is filled, and with what pictures."""
    parser.add_argument(
        '--out', type=Path, default=Path('found'), help='folder to fill'
    )
    parser.add_argument(
        '--no-pictures', action='store_true', help='write the boxes alone'
    )
    parser.add_argument(
        '--sheet',
        type=whole_number,
        default=24,
        metavar='N',
        help='pictures on a page of the contact sheet; 0 for no sheet',
    )
    parser.add_argument(
        '--sort',
        choices=ORDERS,
        default='score',
        help='order of the contact sheet; score has the least certain first',
    )
    parser.add_argument(
        '--drawn',
        metavar='FILE',
        help='boxes that you drew for some of the images, as docs/own_images.md describes '
        'them: says what share of the found ones is right, and which threshold fits best',
    )
    parser.add_argument(
        '--box-unit',
        choices=UNITS,
        help='of the drawn boxes; pixels, unless something speaks against it',
    )


def whole_number(text: str) -> int:
    """A number from 0, for argparse."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(
            f'Expected a whole number from 0, but got {text!r}'
        )
    return int(text)


def look_through(
    results: Iterable[dict], folder: FoundFolder, interruption: Interruption
) -> int:
    """Writes the boxes and pictures of results, and says what was found and what was not.

    What was found before an error or a signal is kept.

    Args:
        results: The results, one for each image.
        folder: What is filled with them.
        interruption: What may end it.

    Returns:
        What the program exits with.
    """
    count = len(folder.images)
    try:
        for result in interruption.until(progress(results, 'images', count)):
            folder.add(result)
    finally:
        folder.write()
    print(folder.summary())
    writer, unseen = folder.writer, folder.problems
    failed = [entry['error'] for entry in writer.found.failed]
    complain(f'{len(failed)} of {count} files could not be read', failed)
    complain('Files that were not written', writer.problems)
    # mostly for the same reason, as that the disk is full
    complain(f'{len(unseen)} pictures were not written', unseen, SHOWN)
    done = len(writer.found.images) + len(failed)
    interruption.report(f'{done} of {count} images', folder.folder)
    return interruption.code or int(bool(failed or writer.problems or unseen))
