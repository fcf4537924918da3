"""What the tools do that look at folders of images."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from mmwsol.apis.box_writer import BoxWriter
from mmwsol.apis.picture_folder import PictureFolder
from mmwsol.command import complain
from mmwsol.interruption import Interruption
from mmwsol.progress import progress


def add_folder_arguments(parser: argparse.ArgumentParser) -> None:
    """Which folder is filled, and with what pictures."""
    parser.add_argument(
        '--out', type=Path, default=Path('found'), help='folder to fill'
    )
    parser.add_argument(
        '--no-pictures', action='store_true', help='write the boxes alone'
    )
    parser.add_argument(
        '--sheet', type=int, default=24, help='pictures on the contact sheet'
    )


def look_through(
    results: Iterable[dict],
    count: int,
    draw: Callable[[dict], np.ndarray],
    writer: BoxWriter,
    args: argparse.Namespace,
    interruption: Interruption,
) -> int:
    """Writes the boxes and pictures of results, and says what was found and what was not.

    What was found before an error or a signal is kept.

    Args:
        results: The results, one for each image.
        count: How many there are.
        draw: Makes the picture of a result.
        writer: Gets the results.
        args: The arguments of :func:`add_folder_arguments`.
        interruption: What may end it.

    Returns:
        What the program exits with.
    """
    pictures = PictureFolder(args.out, args.sheet)
    try:
        for result in interruption.until(progress(results, 'images', count)):
            result = writer.add(result)
            if 'error' not in result and not args.no_pictures:
                pictures.add(writer.name(result['image']), draw(result))
    finally:
        writer.write()
        pictures.write_sheet()
    done, failed = len(writer.found.images), writer.found.failed
    print(f'{done} images, {writer.found.num_boxes} boxes: {writer.places}')
    if pictures.sheet:
        print(f'pictures: {pictures.sheet_file}, {pictures.pictures}')
    problems = [entry['error'] for entry in failed]
    complain(f'{len(failed)} of {count} files could not be read', problems)
    complain('Files that were not written', writer.problems)
    complain(f'{len(pictures.problems)} pictures were not written', pictures.problems)
    interruption.report(f'{done + len(failed)} of {count} images', args.out)
    return interruption.code or int(
        bool(problems or writer.problems or pictures.problems)
    )
