"""Draws the PNSC paper's kinds of pictures from checkpoints.

python tools/visualize.py maps CONFIG CHECKPOINT --out maps.png
python tools/visualize.py compare --models CAM=CONFIG:FILE PNSC=CONFIG:FILE --out compare.png

maps     the maps of a model (Figs. 4 and 5); PNSC's are M1, M2 and fused
compare  the maps and boxes of several models (Figs. 7 and 8), true boxes green

The same command writes the same bytes; a picture is .png, .jpg or .pdf. Bars and curves
are drawn by ``python -m tools.report.plot``.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from mmengine.config import Config

from mmwsol.apis.command_line import named
from mmwsol.apis.pictures import (
    Picture,
    pictures_of_config,
    pictures_of_files,
    results_by_map,
    results_of,
)
from mmwsol.command import run_tool
from mmwsol.config_files import find_config
from mmwsol.config_options import add_config_options, apply_options
from mmwsol.functional import box_iou
from mmwsol.visualization.drawing import panel
from mmwsol.visualization.figures import (
    check_figure_file,
    picture_table,
    save_figure,
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar='COMMAND')

    maps = commands.add_parser('maps', help='the maps of a model')
    maps.add_argument('config')
    maps.add_argument('checkpoint')
    maps.add_argument('--boxes', action='store_true', help='draw the box of each map')
    maps.add_argument(
        '--threshold',
        default='otsu',
        help="of the boxes, a share of a map's maximum in [0, 1); a JSON file of "
        'tools/test.py --out for the one that was best there; or otsu (default), which '
        'finds one for each map',
    )
    maps.set_defaults(draw=draw_maps)

    compare = commands.add_parser('compare', help='maps and boxes of several models')
    compare.add_argument(
        '--models', nargs='+', required=True, metavar='NAME=CONFIG:CHECKPOINT'
    )
    compare.add_argument(
        '--threshold',
        nargs='+',
        default=['otsu'],
        help='as for maps; one for all models, or NAME=THRESHOLD for each',
    )
    compare.set_defaults(draw=draw_comparison)

    for command in (maps, compare):
        command.add_argument(
            '--images', nargs='+', help='files or folders; by default of the test set'
        )
        command.add_argument(
            '--count', type=int, default=6, help='test images, evenly spaced'
        )
        command.add_argument(
            '--indices', type=int, nargs='+', help='of test images, in place of --count'
        )
        command.add_argument(
            '--by',
            choices=['columns', 'rows'],
            default='columns',
            help='where an image stands: a column each, as in the paper, or a row',
        )
        command.add_argument(
            '--height', type=int, default=192, help='of an image, in pixels'
        )
        command.add_argument('--device', help='such as cuda:1; a GPU by default')
        add_config_options(command, 'settings to override in every config')
        command.add_argument(
            '--out', type=Path, required=True, help='picture: .png, .jpg or .pdf'
        )
    return parser.parse_args(argv)


def draw_maps(args: argparse.Namespace) -> Figure:
    config = load(args.config, args)
    pictures = choose_pictures(config, args)
    results = results_by_map(
        config, args.checkpoint, pictures, args.threshold, args.device
    )
    lines = {'input': [panel(p.image, args.height) for p in pictures]}
    for name, own in results.items():
        lines[name] = [
            panel(
                picture.image,
                args.height,
                result['pred_map'],
                result['pred_bboxes'] if args.boxes else (),
            )
            for picture, result in zip(pictures, own)
        ]
    first = next(iter(results.values()))
    return table(lines, [title(p, r) for p, r in zip(pictures, first)], args.by)


def draw_comparison(args: argparse.Namespace) -> Figure:
    models = named(args.models, '--models', 'NAME=CONFIG:CHECKPOINT')
    files = {name: text.rpartition(':')[::2] for name, text in models.items()}
    bad = [name for name, pair in files.items() if not all(pair)]
    if bad:
        raise ValueError(
            'Expected --models as NAME=CONFIG:CHECKPOINT, but got '
            f'{bad[0]}={models[bad[0]]}.'
        )
    configs = {name: load(config, args) for name, (config, _) in files.items()}
    chosen = thresholds(args.threshold, list(models))
    pictures = choose_pictures(next(iter(configs.values())), args)
    lines = {'input': [panel(p.image, args.height, gt_boxes=p.boxes) for p in pictures]}
    for name, config in configs.items():
        results = results_of(
            config, files[name][1], pictures, chosen[name], args.device
        )
        lines[name] = [judged(p, r, args.height) for p, r in zip(pictures, results)]
    return table(lines, [picture.name for picture in pictures], args.by)


def load(file: str, args: argparse.Namespace) -> Config:
    config = Config.fromfile(find_config(file))
    apply_options(config, args.cfg_options)
    return config


def choose_pictures(config: Config, args: argparse.Namespace) -> list[Picture]:
    if args.images:
        return pictures_of_files(args.images)
    return pictures_of_config(config, args.count, args.indices)


def thresholds(texts: list[str], models: list[str]) -> dict[str, str]:
    """The threshold of each model."""
    if len(texts) == 1 and '=' not in texts[0]:
        return dict.fromkeys(models, texts[0])
    own = named(texts, '--threshold', 'one for all models, or NAME=THRESHOLD for each')
    if own.keys() != set(models):
        raise ValueError(
            f'Expected --threshold for each of the models {models}, but got it for '
            f'{list(own)}.'
        )
    return own


def judged(picture: Picture, result: dict, height: int) -> np.ndarray:
    """The map with predicted and true boxes and the IoU of the best pair."""
    boxes, caption = result['pred_bboxes'], ''
    if len(picture.boxes):
        ious = box_iou(boxes, picture.boxes, 'continuous')
        caption = f'IoU {ious.max(initial=0):.2f}'
    return panel(
        picture.image, height, result['pred_map'], boxes, picture.boxes, caption
    )


def title(picture: Picture, result: dict) -> str:
    """The true class, or the predicted one and its score."""
    if picture.label is not None:
        return picture.name
    return f'{result["pred_class"]} {result["pred_score"]:.2f}'


def table(lines: dict[str, list[np.ndarray]], titles: list[str], by: str) -> Figure:
    if by == 'columns':
        return picture_table(list(lines.values()), list(lines), titles)
    return picture_table(list(zip(*lines.values())), titles, list(lines))


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        check_figure_file(args.out)  # before the work, not after it
        save_figure(args.draw(args), args.out)
    except (OSError, ValueError) as problem:
        sys.exit(str(problem))
    print(f'written: {args.out}')


if __name__ == '__main__':
    run_tool(main)
