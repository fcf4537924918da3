"""Writes runs' numbers into metafile.yml, and tables from there into the documents.

python tools/report.py --runs work_dirs/pnsc/resnet50_cub work_dirs/pnsc_seed1 ...
python tools/report.py            # the tables alone
python tools/report.py --check    # says whether a document is out of date

A run is the work folder of tools/train.py or tools/test.py; runs of one config with other
seeds become a mean and a standard deviation. A table stands between the lines
<!-- table: KIND NAME --> and <!-- end table -->; KIND and NAME are ``methods``,
``results mobilenetv2_cub`` or ``method bas``.
"""

import argparse
import sys
import warnings
from pathlib import Path

warnings.filterwarnings('ignore')  # what mmcv-lite lacks is not needed here

from mmwsol.reporting import read_run, record, write_tables  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--runs', type=Path, nargs='+', default=[])
    parser.add_argument('--check', action='store_true', help='write nothing')
    parser.add_argument('--root', type=Path, default=ROOT, help='of the repository')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        record([read_run(folder) for folder in args.runs], args.root)
        stale = write_tables(args.root, args.check)
    except ValueError as problem:
        sys.exit(str(problem))
    if stale:
        print(('out of date: ' if args.check else 'written: ') + ', '.join(stale))
    sys.exit(bool(stale) and args.check)


if __name__ == '__main__':
    main()
