"""Times the published evaluator and ours on the same maps, and compares their numbers.

python -m tools.benchmarks.evaluation [--quick]

One thread each unless said otherwise; everything from a float map to the hits at all
thresholds is counted. "V2" is MaxBoxAccV2 alone (all contours), "suite" adds the largest
contour's box (MaxBoxAcc, GT-known, Top-1, Top-5), for which the published loop runs twice.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numba
import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import METRICS
from mmengine.runner import Runner

from mmwsol.command import run_tool
from mmwsol.config_files import find_config
from mmwsol.config_options import add_config_options, apply_options
from mmwsol.engine.checkpoints import install_safe_loading
from mmwsol.evaluation import MaxBoxAccV2
from mmwsol.functional import (
    THRESHOLDS,
    BoxRecord,
    Protocol,
    box_record,
    box_report,
    level_ious,
    level_of,
)
from tools.benchmarks.measure import alternate
from tools.benchmarks.published import published_loop
from tools.report.markdown import markdown

PROTOCOL = Protocol()
V2_ALONE = Protocol(box='all')
IOUS = (0.3, 0.5, 0.7)
ROUNDS = 3


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='python -m tools.benchmarks.evaluation',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--quick', action='store_true', help='small sizes, few maps')
    parser.add_argument('--maps', type=Path, help='folder of .npy maps to time as well')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument(
        '--epoch', metavar='CONFIG', help='time an evaluated epoch instead, on one core'
    )
    parser.add_argument('--checkpoint', help='for --epoch; else initial weights')
    add_config_options(parser)
    return parser.parse_args(argv)


def make_map(rng: np.random.Generator, side: int, blur: float) -> np.ndarray:
    """A random grid an eighth as wide, blurred, resized as maps are, min-max normalised."""
    grid = rng.random((side // 8, side // 8)).astype(np.float32)
    if blur:
        grid = cv2.GaussianBlur(grid, (0, 0), blur)
    score_map = cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)
    score_map -= score_map.min()
    return score_map / score_map.max()


def make_boxes(rng: np.random.Generator, side: int, count: int) -> np.ndarray:
    corners = np.sort(rng.integers(0, side, (count, 2, 2)), axis=1)
    return corners.reshape(count, 4).astype(float)


def ours(score_map: np.ndarray, boxes: np.ndarray) -> BoxRecord:
    return box_record(score_map, boxes, 0, 0, PROTOCOL, IOUS)


def ours_v2(score_map: np.ndarray, boxes: np.ndarray) -> BoxRecord:
    return box_record(score_map, boxes, 0, 0, V2_ALONE, IOUS)


def published_suite(score_map: np.ndarray, boxes: np.ndarray) -> None:
    for every_contour in (True, False):
        published_loop(score_map, boxes, every_contour)


def equal(score_map: np.ndarray, boxes: np.ndarray) -> bool:
    """Whether every IoU at every threshold is the same number, for V2 and for V1."""
    columns = level_of(THRESHOLDS, int((score_map * 255).astype(np.uint8).max()))
    ious = level_ious(score_map, boxes)[:, columns]
    return all(
        np.array_equal(published_loop(score_map, boxes, every), own)
        for every, own in zip((True, False), ious)
    )


def compare(
    name: object, maps: list[np.ndarray], boxes: np.ndarray, quick: bool
) -> tuple[object, ...]:
    """A row of a table, from medians of rounds in which all take turns."""
    functions = dict(v2=published_loop, suite=published_suite, own_v2=ours_v2, own=ours)
    steps = {key: partial(on_all, f, maps, boxes) for key, f in functions.items()}
    times = {
        key: np.array(own)
        for key, own in alternate(steps, 1 if quick else ROUNDS).items()
    }
    ratios = [
        np.median(times[theirs] / times[mine])
        for theirs, mine in (('v2', 'own_v2'), ('suite', 'own'))
    ]
    v2, suite, own_v2, own = (
        1000 * np.median(one) / len(maps) for one in times.values()
    )
    same = sum(equal(score_map, boxes) for score_map in maps)
    return (
        name,
        f'{v2:.1f}',
        f'{own_v2:.2f}',
        f'{ratios[0]:.0f}',
        f'{suite:.1f}',
        f'{own:.2f}',
        f'{ratios[1]:.0f}',
        f'{same} of {len(maps)}',
    )


def on_all(function: Callable, maps: list[np.ndarray], boxes: np.ndarray) -> None:
    for score_map in maps:
        function(score_map, boxes)


def show(first: str, rows: list[tuple]) -> None:
    names = (first, 'published V2, ms', 'ours', 'ratio', 'published suite, ms')
    print(f'\n{markdown([(*names, "ours", "ratio", "equal"), *rows])}', flush=True)


def sizes(rng: np.random.Generator, quick: bool, folder: Path | None) -> None:
    rows = []
    for side in (56, 112) if quick else (56, 112, 224, 448):
        for kind, blur in (('smooth', 1.5), ('rough', 0.0)):
            count = 2 if quick else 6 if side < 448 else 2
            maps = [make_map(rng, side, blur) for _ in range(count)]
            name = f'{kind}, {side // 8} x {side // 8} to {side} x {side}'
            rows.append(compare(name, maps, make_boxes(rng, side, 1), quick))
    if folder:
        files = sorted(folder.rglob('*.npy'))
        chosen = files[:: max(1, len(files) // 24)][:24]
        maps = [np.load(file, allow_pickle=False) for file in chosen]
        name = f'{len(maps)} maps from files'
        rows.append(compare(name, maps, np.array([[40, 50, 180, 170.0]]), quick))
    show('maps', rows)


def boxes_growth(rng: np.random.Generator, quick: bool) -> None:
    side = 112 if quick else 224
    maps = [make_map(rng, side, 1.5) for _ in range(2 if quick else 6)]
    rows = [compare(n, maps, make_boxes(rng, side, n), quick) for n in (1, 4, 16)]
    show('true boxes', rows)


def images_growth(rng: np.random.Generator, quick: bool) -> None:
    side = 56 if quick else 224
    maps = [make_map(rng, side, 1.5) for _ in range(64)]
    boxes = make_boxes(rng, side, 1)
    rows = [('images', 'sweeps, s', 'report, s', 'kept, bytes an image')]
    for count in (100, 200) if quick else (1000, 10_000, 50_000):
        start = time.perf_counter()
        records = [ours(maps[i % len(maps)], boxes) for i in range(count)]
        swept = time.perf_counter()
        box_report(records, PROTOCOL, IOUS)
        done = time.perf_counter()
        kept = sys.getsizeof(records[0].hits) + sys.getsizeof(records[0])
        rows.append((count, f'{swept - start:.1f}', f'{done - swept:.2f}', kept))
    print(f'\n{markdown(rows)}', flush=True)


def cores(rng: np.random.Generator, quick: bool) -> None:
    maps = [make_map(rng, 56 if quick else 224, 1.5) for _ in range(256)]
    boxes = make_boxes(rng, 56 if quick else 224, 1)
    available = len(os.sched_getaffinity(0))
    counts = [n for n in (1, 2, 4, 8, 16) if n <= max(2, available)]

    def sweep(threads: int) -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda score_map: ours(score_map, boxes), maps))

    steps = {str(threads): partial(sweep, threads) for threads in counts}
    times = {
        n: np.array(own) for n, own in alternate(steps, 1 if quick else ROUNDS).items()
    }
    rows = [('threads', 'maps a second', 'gain')]
    for threads, own in times.items():
        gain = np.median(times['1'] / own)
        rows.append((threads, f'{len(maps) / np.median(own):.0f}', f'{gain:.2f}'))
    print(f'\n{markdown(rows)}', flush=True)


@METRICS.register_module()
class TimedBoxes(MaxBoxAccV2):
    """Box metric that counts its own seconds."""

    spent = 0.0

    def process(self, *args) -> None:
        start = time.perf_counter()
        super().process(*args)
        TimedBoxes.spent += time.perf_counter() - start

    def evaluate(self, *args) -> dict[str, float]:
        start = time.perf_counter()
        result = super().evaluate(*args)
        TimedBoxes.spent += time.perf_counter() - start
        return result


def epoch(args: argparse.Namespace) -> None:
    """An evaluated epoch with the box metric and without, alternating, in CPU time."""
    torch.set_num_threads(1)
    config = Config.fromfile(find_config(args.epoch))
    apply_options(config, args.cfg_options)
    config.work_dir, config.log_level = tempfile.mkdtemp(), 'WARNING'
    config.env_cfg.dist_cfg.backend = 'gloo'
    install_safe_loading()
    config.load_from = args.checkpoint
    boxes = dict(type='TimedBoxes', num_threads=1)
    times: dict[bool, list[float]] = {True: [], False: []}
    for i in range(2 * ROUNDS):
        with_boxes = i % 2 == 0
        config.test_evaluator = [dict(type='Accuracy'), *([boxes] * with_boxes)]
        config.experiment_name = f'epoch_{i}'
        runner = Runner.from_cfg(config)
        start = time.process_time()
        runner.test()
        times[with_boxes].append(time.process_time() - start)
    images = len(runner.test_loop.dataloader.dataset)
    plain = np.median(times[False]) / images
    extra = np.median(np.subtract(times[True], times[False])) / images
    inside = TimedBoxes.spent / ROUNDS / images
    print(
        f'{images} images, {1000 * plain:.0f} ms each without the box metric; with it '
        f'{1000 * extra:+.1f} ms ({100 * extra / plain:+.1f} %), of which '
        f'{1000 * inside:.2f} ms ({100 * inside / plain:.2f} %) inside the metric'
    )


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    cv2.setNumThreads(1)
    if args.epoch:
        return epoch(args)
    rng = np.random.default_rng(args.seed)
    ours(make_map(rng, 56, 1.5), make_boxes(rng, 56, 1))  # compiles
    print(
        f'{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, '
        f'numpy {np.__version__}, OpenCV {cv2.__version__}, numba {numba.__version__}'
    )
    sizes(rng, args.quick, args.maps)
    boxes_growth(rng, args.quick)
    images_growth(rng, args.quick)
    cores(rng, args.quick)


if __name__ == '__main__':
    run_tool(main)
