"""Draws bars and curves from results and logs.

python -m tools.report.plot bars results.json --dataset cub --out bars.png
python -m tools.report.plot curve CAM=cam.json PNSC=pnsc.json --out curve.png
python -m tools.report.plot learning CAM=WORK_DIR PNSC=WORK_DIR --out learning.png

bars      a metric by method and backbone (Fig. 6), from tools.report --out
curve     accuracy over thresholds, from tools/test.py --out
learning  loss and accuracy over epochs, from the work folders of tools/train.py

The same command writes the same bytes; a picture is .png, .jpg or .pdf.
"""

import argparse
import sys
from pathlib import Path

from matplotlib.figure import Figure

from mmwsol.apis.command_line import named
from mmwsol.command import run_tool
from mmwsol.visualization.figures import check_figure_file, save_figure
from tools.report.bars import plot_bars, read_bars
from tools.report.box_curves import plot_box_curves, read_box_curves
from tools.report.export import read_results
from tools.report.learning_curves import plot_learning_curves, read_learning_curves
from tools.report.scalars import METRICS


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='python -m tools.report.plot',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar='COMMAND')

    bars = commands.add_parser('bars', help='a metric by method and backbone')
    bars.add_argument('results', type=Path, help='results.json of tools.report --out')
    bars.add_argument('--dataset', required=True, help='such as cub')
    bars.add_argument('--metric', choices=METRICS, default='MaxBoxAccV2')
    bars.add_argument('--backbones', nargs='+', help='these alone, in this order')
    bars.set_defaults(draw=draw_bars)

    curve = commands.add_parser('curve', help='accuracy over thresholds')
    curve.add_argument(
        'runs', nargs='+', metavar='[NAME=]FILE', help='JSON of tools/test.py --out'
    )
    curve.set_defaults(draw=draw_curves)

    learning = commands.add_parser('learning', help='loss and accuracy over epochs')
    learning.add_argument('runs', nargs='+', metavar='NAME=WORK_DIR')
    learning.add_argument('--metric', choices=METRICS, default='GT-known Loc')
    learning.set_defaults(draw=draw_learning)

    for command in (bars, curve, learning):
        command.add_argument(
            '--out', type=Path, required=True, help='picture: .png, .jpg or .pdf'
        )
    return parser.parse_args(argv)


def draw_bars(args: argparse.Namespace) -> Figure:
    if not args.results.is_file():
        raise FileNotFoundError(
            f'Expected the results of `tools.report --out` at {args.results}, but there is '
            'no such file.'
        )
    results = read_results(args.results)
    return plot_bars(read_bars(results, args.dataset, args.metric, args.backbones))


def draw_curves(args: argparse.Namespace) -> Figure:
    runs = named(
        [text if '=' in text else f'{Path(text).stem}={text}' for text in args.runs],
        'runs',
        'NAME=FILE',
    )
    return plot_box_curves(
        {name: read_box_curves(Path(file)) for name, file in runs.items()}
    )


def draw_learning(args: argparse.Namespace) -> Figure:
    folders = named(args.runs, 'runs', 'NAME=WORK_DIR')
    runs = {n: read_learning_curves(Path(folder)) for n, folder in folders.items()}
    return plot_learning_curves(runs, METRICS[args.metric], args.metric)


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
