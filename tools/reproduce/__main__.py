"""Trains and tests a plan of runs, writes their tables, and goes on where it was cut off.

python -m tools.reproduce                         # the plans there are
python -m tools.reproduce gpu --dry-run           # every command and the time they take
python -m tools.reproduce gpu --check             # data, weights and a step of each kind of run
python -m tools.reproduce gpu --only main --data-root /data/CUB_200_2011 --weights /data/weights

Call it again with the same options after whatever ended it: what is done stays. Exit codes: 0
all is done, 1 something failed and is named, 75 stopped by --max-hours, 143 by SIGTERM.
docs/reproduce.md describes plans and results.
"""

import argparse
import shlex
import sys
import warnings
from pathlib import Path

warnings.filterwarnings('ignore')  # what mmcv-lite lacks is not needed here

from mmengine.config import DictAction  # noqa: E402
from mmengine.logging import MMLogger  # noqa: E402
from mmengine.registry import init_default_scope  # noqa: E402

from tools import test as testing  # noqa: E402
from tools import train as training  # noqa: E402
from tools import visualize  # noqa: E402
from tools.report import __main__ as report  # noqa: E402
from tools.reproduce.check import check  # noqa: E402
from tools.reproduce.crew import Crew, Start, Stopped  # noqa: E402
from tools.reproduce.estimate import Estimate  # noqa: E402
from tools.reproduce.plan import Plan, plans, read_plan  # noqa: E402
from tools.reproduce.processes import only_one, start  # noqa: E402
from tools.reproduce.progress import duration  # noqa: E402
from tools.reproduce.steps import Choices, Step, steps_of  # noqa: E402
from tools.reproduce.summary import (  # noqa: E402
    PROTOCOLS,
    Results,
    results_of,
    write_results,
    write_tables,
)

ROOT = Path(__file__).resolve().parents[2]
TIME_IS_UP = 75
Chains = dict[tuple[str, int], list[Step]]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
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
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help="settings of every run, over the plan's",
    )
    parser.add_argument(
        '--max-hours',
        type=float,
        help='then it saves and stops, in two minutes at most',
    )
    parser.add_argument(
        '--pictures', type=int, default=0, metavar='IMAGES', help='draw maps of so many'
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument('--check', action='store_true', help='no training')
    modes.add_argument(
        '--dry-run', action='store_true', help='print what would be done'
    )
    return parser.parse_args(argv)


def chains_of(plan: Plan, choices: Choices) -> Chains:
    """The steps of each run and seed."""
    return {
        (run.name, seed): steps_of(run, seed, choices)
        for run in plan.runs
        for seed in choices.seeds or run.seeds
    }


def configure(step: Step):
    """The config of a step as its tool makes it, begun anew."""
    tool = {'training': training}.get(step.what, testing)
    words = [word for word in step.command[1:] if word != '--resume']
    return tool.configure(tool.parse_args(words))


def print_steps(chains: list[list[Step]]) -> None:
    """Commands, and the time of each run."""
    init_default_scope('mmpretrain')
    MMLogger.get_current_instance().setLevel('ERROR')  # not each frozen weight
    estimate, total = Estimate(), 0.0
    for chain in chains:
        print(f'\n{chain[0].run}')
        for step in chain:
            done = '# done: ' if step.is_done() else ''
            print(f'    {done}python {shlex.join(step.command)}')
        try:
            seconds = estimate.seconds(chain, [configure(step) for step in chain])
        except FileNotFoundError as problem:
            print(f'    no estimate: {problem}')
        else:
            total += seconds
            print(f'    about {duration(seconds)}')
    print(
        f'\nabout {duration(total)} one after another, from the operations of a step and '
        "this machine's speed; loading of images not counted"
    )


def summarize(
    plan: Plan, chains: Chains, results: Results, work_dir: Path, pictures: int
) -> None:
    """Writes numbers, tables and pictures of what is done."""
    write_results(plan, results, ROOT, work_dir / 'results.json')
    print('\n' + write_tables(plan, results, ROOT, work_dir / 'results.md'))
    for protocol in PROTOCOLS:
        folders = reported(plan, chains, results, protocol)
        if folders:
            out = work_dir / 'tables' / protocol
            through(report, '--runs', *folders, '--out', out, '--leave')
    for part in dict.fromkeys(part for run in plan.runs for part in run.parts):
        draw(part, plan, chains, results, work_dir / 'pictures', pictures)


def reported(plan: Plan, chains: Chains, results: Results, protocol: str) -> list[Path]:
    """Work folders for the tables of methods, which have one row for each config.

    A config that a part has several times, with other settings, is not the config's row; one
    that several parts have is the first's.
    """
    configs: dict[str, str] = {}
    for run in plan.runs:
        same = [r for r in plan.runs if r.config == run.config]
        alone = all(r is run or not {*r.parts} & {*run.parts} for r in same)
        if alone and results[run.name].get(protocol):
            configs.setdefault(run.config, run.name)
    return [
        step.folder
        for (name, seed), steps in chains.items()
        for step in steps
        if name in configs.values()
        and step.what == protocol
        and seed in results[name].get(protocol, {})
    ]


def draw(
    part: str, plan: Plan, chains: Chains, results: Results, folder: Path, images: int
) -> None:
    """Curves, and maps, of a part's runs with their first seed."""
    learning, curves, models, thresholds = [], [], [], []
    for run in plan.runs:
        seeds = sorted(results[run.name].get('oracle', {}))
        if part not in run.parts or not seeds:
            continue
        own = chains[run.name, seeds[0]][0].folder
        learning.append(f'{run.name}={own}')
        curves.append(f'{run.name}={own / "oracle.json"}')
        config = own / Path(run.config).name  # as it was run
        epochs = chains[run.name, seeds[0]][0].epochs
        models.append(f'{run.name}={config}:{own / f"epoch_{epochs}.pth"}')
        thresholds.append(curves[-1])
    if not learning:
        return
    through(visualize, 'learning', *learning, '--out', folder / f'learning_{part}.png')
    through(visualize, 'curve', *curves, '--out', folder / f'curve_{part}.png')
    if images:
        arguments = ['--count', images, '--out', folder / f'maps_{part}.png']
        models = ['--models', *models, '--threshold', *thresholds]
        through(visualize, 'compare', *models, *arguments)


def through(tool, *arguments: object) -> None:
    """Calls another tool; what it cannot do does not undo what is done."""
    try:
        tool.main([str(argument) for argument in arguments])
    except SystemExit as end:
        if end.code:
            print(f'{tool.__name__}: {end.code}')


def reproduce(
    args: argparse.Namespace, argv: list[str], plan: Plan, chains: Chains, start: Start
) -> int:
    """Checks, trains, tests and writes; the exit code."""
    code = 0
    with (
        only_one(args.work_dir) as lock,
        Crew(
            lock, args.jobs, args.max_hours, start, lambda line: print(line, flush=True)
        ) as crew,
    ):
        try:
            output = args.work_dir / 'check.txt'
            command = ['tools/reproduce.py', *argv, '--check']
            code = crew.call(command, output, 'check')
            lines = output.read_text().splitlines()
            print(*(line for line in lines if 'check:' in line), sep='\n', flush=True)
            if code:
                print(f'Nothing was trained: see {output}.')
                return 1
            failed = crew.run([c for c in chains.values() if not is_finished(c)])
        except Stopped:
            code = 128 + crew.signal if crew.signal else TIME_IS_UP
            print('Stopped; the same command goes on.')
            failed = {}
    results = results_of(plan, chains)
    summarize(plan, chains, results, args.work_dir, args.pictures)
    if failed:
        listed = '\n'.join(f'  {title}: {file}' for title, file in failed.items())
        print(f'{len(failed)} failed:\n{listed}')
        code = 1
    return code


def is_finished(chain: list[Step]) -> bool:
    """Whether all results are there; the checkpoint may have been removed since."""
    return all(step.is_done() for step in chain[1:])


def main(argv: list[str] | None = None, start: Start = start) -> int:
    argv = sys.argv[1:] if argv is None else argv
    args = parse_args(argv)
    if not args.plan:
        for name in plans(ROOT):
            plan = read_plan(name, ROOT)
            print(f'{name}: {plan.about}; {len(plan.runs)} runs')
        return 0
    if Path.cwd() != ROOT:
        sys.exit(f'Expected to be called in {ROOT}, but the folder is {Path.cwd()}.')
    try:
        plan = read_plan(args.plan, ROOT).chosen(args.only)
        args.work_dir = args.work_dir or Path('work_dirs') / plan.name
        choices = Choices(
            ROOT,
            args.work_dir,
            args.data_root,
            args.weights,
            args.amp,
            args.epochs,
            args.seeds,
            args.workers,
            args.cfg_options or {},
        )
        chains = chains_of(plan, choices)
        if args.dry_run:
            print_steps(list(chains.values()))
            return 0
        if args.check:
            init_default_scope('mmpretrain')
            say = lambda line: print(line, flush=True)  # noqa: E731
            finished = [chain for chain in chains.values() if is_finished(chain)]
            return bool(check(list(chains.values()), finished, configure, say))
        return reproduce(args, argv, plan, chains, start)
    except (OSError, ValueError) as problem:
        sys.exit(str(problem))


if __name__ == '__main__':
    sys.exit(main())
