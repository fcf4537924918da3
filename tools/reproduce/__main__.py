"""Trains and tests a plan of runs, and goes on where it was cut off.

python -m tools.reproduce                         # the plans there are
python -m tools.reproduce gpu --dry-run           # every command
python -m tools.reproduce gpu --check             # data, weights and a step of each kind of run
python -m tools.reproduce gpu --only main --data-root /data/CUB_200_2011 --weights /data/weights

Call it again with the same options after whatever ended it: what is done stays. Exit codes: 0
all is done, 1 something failed and is named, 75 stopped by --max-hours, 143 by SIGTERM.
docs/reproduce.md describes plans and results.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from mmengine.registry import init_default_scope

from mmwsol.command import run_tool
from mmwsol.config_options import add_config_options
from mmwsol.io.atomic import write_atomic
from mmwsol.io.folder_lock import only_one
from tools.report.markdown import markdown
from tools.report.metafiles import percents, read_metafiles
from tools.report.scalars import METRICS
from tools.reproduce.check import check
from tools.reproduce.crew import GRACE, Crew, Process, Stopped, say, start
from tools.reproduce.plan import PLANS, ROOT, Job, jobs_of, read_plan, read_result

FORMAT = 2
PROTOCOLS = {
    'oracle': 'the threshold that is best on the test images, as in the papers',
    'from_split': 'the threshold that is best on training images held out of training',
}
COLUMNS = {**METRICS, 'BoxAccV2': 'loc/boxacc_v2', 'threshold': 'loc/threshold'}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='python -m tools.reproduce',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('plan', nargs='?', help='its name, or a .yml file')
    parser.add_argument('--only', nargs='+', help='parts of the plan, or runs: pnsc_*')
    parser.add_argument('--work-dir', type=Path, help='by default work_dirs/PLAN')
    parser.add_argument('--data-root', help="in place of the configs'")
    parser.add_argument(
        '--weights', type=Path, help="folder of the backbones' checkpoint files"
    )
    parser.add_argument('--amp', choices=('none', 'fp16', 'bf16'))
    parser.add_argument('--epochs', type=int, help='schedules shrink with them')
    parser.add_argument('--seeds', type=int, nargs='+')
    parser.add_argument('--workers', type=int, help='that read images, of each run')
    parser.add_argument(
        '--jobs', type=int, default=1, help='runs at once; they share out the GPUs'
    )
    add_config_options(parser, "settings of every run, over the plan's")
    parser.add_argument(
        '--max-hours',
        type=float,
        help='then it saves and stops, in two minutes at most',
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument('--check', action='store_true', help='no training')
    modes.add_argument(
        '--dry-run', action='store_true', help='print what would be done'
    )
    args = parser.parse_args(argv)
    if args.plan and not args.work_dir:
        args.work_dir = Path('work_dirs', Path(args.plan).stem)
    return args


def main(argv: list[str] | None = None, start: Callable[..., Process] = start) -> int:
    argv = sys.argv[1:] if argv is None else argv
    args = parse_args(argv)
    if not args.plan:
        for name in PLANS:
            plan = read_plan(name)
            print(f'{name}: {plan.about}; {len(plan.runs)} runs')
        return 0
    if Path.cwd() != ROOT:
        sys.exit(f'Expected to be called in {ROOT}, but the folder is {Path.cwd()}.')
    try:
        jobs = jobs_of(read_plan(args.plan, args.only), args)
        if args.dry_run:
            for job in jobs:
                print(f'\n{job.title}')
                for step in job.steps:
                    done = '# done: ' if step.is_done() else ''
                    print(f'    {done}python {shlex.join(step.command)}')
            return 0
        if args.check:
            init_default_scope('mmpretrain')
            return check(jobs, args)
        return reproduce(args, argv, jobs, start)
    except (OSError, ValueError) as problem:
        sys.exit(str(problem))


def reproduce(
    args: argparse.Namespace,
    argv: list[str],
    jobs: list[Job],
    start: Callable[..., Process],
) -> int:
    """Checks, trains, tests and writes the numbers; gives the exit code."""
    code, failed = 0, {}
    # what a killed call left running there is waited for
    alone = only_one(args.work_dir, GRACE, shared=True)
    with alone as lock, Crew(args, lock, start) as crew:
        try:
            output = args.work_dir / 'check.txt'
            command = ['-m', 'tools.reproduce', *argv, '--check']
            code = crew.call(command, output, 'check')
            lines = output.read_text(encoding='utf-8').splitlines()
            say('\n'.join(line for line in lines if line.startswith('check:')))
            if code:
                say(f'Nothing was trained: see {output}.')
                return 1
            failed = crew.work([job for job in jobs if not job.is_finished()])
        except Stopped as stopped:
            code = stopped.code
            say('Stopped; the same command goes on.')
    write_results(jobs, args.work_dir)
    if failed:
        listed = '\n'.join(f'  {title}: {file}' for title, file in failed.items())
        say(f'{len(failed)} failed:\n{listed}')
    return 1 if failed else code


def write_results(jobs: list[Job], folder: Path) -> None:
    """Writes all numbers that there are, for programs, and tables of them, for readers.

    ``results.json`` is ``{"format": 2, "runs": {...}}``. For each run it has the ``config``,
    the ``parts``, ``held_out``, what was ``published`` of that config, in percent, and under
    ``results``, for each protocol and seed, the metrics of the last checkpoint: numbers
    alone, no times. ``results.md`` has a table for each part and protocol.
    """
    published = {row.config: row.published for row in read_metafiles(ROOT)[1]}
    runs: dict[str, dict] = {}
    for job in jobs:
        entry = runs.setdefault(
            job.run.name,
            dict(
                config=job.run.config,
                parts=job.run.parts,
                held_out=job.run.held_out,
                published=published.get(job.run.config, {}),
                results={},
            ),
        )
        for step in job.steps:
            found = read_result(step.result) if step.what in PROTOCOLS else None
            if found:
                entry['results'].setdefault(step.what, {})[str(job.seed)] = {
                    key: value
                    for key, value in found.items()
                    if isinstance(value, (int, float)) and 'time' not in key
                }
    content = dict(format=FORMAT, runs=runs)
    write_atomic(folder / 'results.json', json.dumps(content, indent=1) + '\n')
    lines = []
    for part in dict.fromkeys(part for run in runs.values() for part in run['parts']):
        own = {name: run for name, run in runs.items() if part in run['parts']}
        for protocol, words in PROTOCOLS.items():
            if any(protocol in run['results'] for run in own.values()):
                lines += [f'## {part}, `{protocol}`', '', f'Percent; {words}.', '']
                lines += [table(own, protocol), '']
    write_atomic(folder / 'results.md', '\n'.join(lines))
    say('\n' + '\n'.join(lines))


def table(runs: dict[str, dict], protocol: str) -> str:
    """Mean, and spread over seeds, of each metric and run."""
    found = {name: run['results'].get(protocol, {}) for name, run in runs.items()}
    some = [metrics for seeds in found.values() for metrics in seeds.values()]
    columns = {n: key for n, key in COLUMNS.items() if any(key in m for m in some)}
    beside = any(run['published'] for run in runs.values())
    head = ['run', *columns, 'seeds']
    rows = [head + ['published: Top-1 / Top-5 / GT-known'] * beside]
    for name, run in runs.items():
        cells = [name]
        for title, key in columns.items():
            values = [m[key] for m in found[name].values() if key in m]
            digits = 3 if title == 'threshold' else 1
            cell = f'{np.mean(values):.{digits}f}' if values else '-'
            spread = f' ± {np.std(values):.{digits}f}' if len(values) > 1 else ''
            cells.append(cell + spread)
        cells.append(', '.join(found[name]) or 'not run')
        rows.append(cells + [percents(run['published'])] * beside)
    return markdown(rows)


if __name__ == '__main__':
    run_tool(main)
