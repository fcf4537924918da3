"""Writes runs' numbers into metafile.yml, and tables from there into the documents.

python -m tools.report --runs work_dirs/pnsc/resnet50_cub work_dirs/pnsc_seed1 ...
python -m tools.report                # the tables alone
python -m tools.report --check        # says whether a document is out of date
python -m tools.report --out FOLDER   # every table as a file, all numbers as results.json
python -m tools.report --runs WORK_DIR ... --out FOLDER --leave    # there and nowhere else

A run is the work folder of tools/train.py or tools/test.py; runs of one config with other
seeds become a mean and a standard deviation. A run of a config outside the repository, or
with --map-maker, changes no file of it and is in the tables of --out only.

A table stands between the lines <!-- table: KIND NAME --> and <!-- end table -->; KIND and
NAME are ``methods``, ``results mobilenetv2_cub``, ``method bas`` or ``paper 3``, the PNSC
paper's Table 3 with our numbers. tools/report/export.py describes
results.json.
"""

import argparse
import sys
from pathlib import Path

from mmwsol.command import run_tool
from tools.report.export import export
from tools.report.metafiles import record, summaries
from tools.report.runs import read_run
from tools.report.tables import Tables, write_tables

ROOT = Path(__file__).resolve().parents[2]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='python -m tools.report',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--runs', type=Path, nargs='+', default=[])
    parser.add_argument(
        '--check', action='store_true', help='change no document; not with --runs'
    )
    parser.add_argument('--out', type=Path, help='folder for tables and results.json')
    parser.add_argument(
        '--leave',
        action='store_true',
        help='metafiles and documents as they are; the runs are in the tables of --out only',
    )
    parser.add_argument(
        '--root', type=Path, default=ROOT, help='folder of the repository'
    )
    args = parser.parse_args(argv)
    if args.check and args.runs:
        parser.error('expected --check or --runs, but got both')
    if args.leave and (args.check or not args.out):
        parser.error('expected --out with --leave, and no --check')
    return args


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        runs = [read_run(folder) for folder in args.runs]
        inside, stale = {}, []
        if args.leave:
            inside, outside = summaries(runs)
        else:
            outside = record(runs, args.root)
            stale = write_tables(args.root, args.check)
        if args.out:
            export(Tables(args.root, outside, inside), args.out)
            print(f'written: tables and results.json in {args.out}')
    except ValueError as problem:
        sys.exit(str(problem))
    for row in outside:
        where = f'in {args.out} only' if args.out else 'nowhere; give --out a folder'
        print(f'outside the repository, {where}: {row.config}, {row.ours}')
    if stale:
        print(('out of date: ' if args.check else 'written: ') + ', '.join(stale))
    sys.exit(bool(stale) and args.check)


if __name__ == '__main__':
    run_tool(main)
