"""Evaluates score maps in files, whatever made them.

python tools/eval_maps.py --maps MAPS --ann ANNOTATIONS [--protocol bas] [--out metrics.json]

MAPS holds <image id>.npy, (H, W) in [0, 1]; an image id is a path such as birds/1.jpg, and
its map is MAPS/birds/1.jpg.npy. ANNOTATIONS holds, as wsolevaluation does, one line for
each image or box:

image_ids.txt          id
class_labels.txt       id,label              the label counts from 0
image_sizes.txt        id,width,height       not needed where there are masks alone
localization.txt       id,x0,y0,x1,y1        a box in the image's pixels, or
                       id,mask,ignore        files below MASKS; ignore may be empty
predicted_classes.txt  id,best,second,...    optional: predicted labels, for Top-1 and Top-5

tools/test.py --save-maps writes all of them. An evaluation that is cut off (Ctrl-C, SIGTERM,
SIGHUP) writes what it has of the images so far.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mmwsol.command import run_tool
from mmwsol.functional import (
    THRESHOLDS,
    BoxRecord,
    Protocol,
    box_record,
    box_report,
    get_protocol,
    mask_problem,
    pixel_histogram,
    pixel_report,
)
from mmwsol.functional.pixels import EDGES
from mmwsol.functional.protocol import CHOICES, PROTOCOLS
from mmwsol.interruption import Interruption, outlive_here
from mmwsol.io.atomic import check_writable, write_atomic
from mmwsol.io.map_folders import Annotations, map_file, read_annotations, read_map
from mmwsol.io.names import printable
from mmwsol.io.tuned_thresholds import tuned_for
from mmwsol.progress import progress
from mmwsol.visualization.figures import (
    CURVES,
    check_figure_file,
    plot_box_curves,
    plot_pixel_curve,
)

CHUNK = 32
SHOWN = 10


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--maps', type=Path, required=True, help='folder of maps')
    parser.add_argument(
        '--ann',
        type=Path,
        required=True,
        help='folder of annotations, or one of its files',
    )
    parser.add_argument('--masks', type=Path, help='folder of masks, for PxAP')
    parser.add_argument('--protocol', choices=PROTOCOLS, default='wsolevaluation')
    options = parser.add_argument_group('what differs from the protocol')
    for option in fields(Protocol):
        if isinstance(option.default, bool):
            kind = dict(action=argparse.BooleanOptionalAction)
        else:
            kind = dict(choices=CHOICES.get(option.name), type=type(option.default))
        name = option.name.replace('_', '-')
        options.add_argument(f'--{name}', dest=option.name, default=None, **kind)
    parser.add_argument(
        '--ious', type=float, nargs='+', default=[0.3, 0.5, 0.7], help='for MaxBoxAccV2'
    )
    parser.add_argument('--workers', type=int, default=1, help='processes')
    parser.add_argument(
        '--out', type=Path, default=Path('eval_maps.json'), help='JSON file'
    )
    parser.add_argument('--plot', type=Path, help='curves; beside --out by default')
    args = parser.parse_args(argv)
    if args.ann.is_file():
        args.ann = args.ann.parent
    if not args.maps.is_dir():
        parser.error(f'expected a folder of maps at {args.maps}, but there is none')
    return args


@dataclass
class Part:
    """What is known of some of the images; parts add up."""

    records: list[BoxRecord] = field(default_factory=list)
    counts: np.ndarray = field(
        default_factory=lambda: np.zeros((2, len(EDGES)), np.int64)
    )
    problems: dict[str, str] = field(default_factory=dict)
    images: int = 0

    def add(self, other: 'Part') -> None:
        self.records += other.records
        self.counts += other.counts
        self.problems |= other.problems
        self.images += other.images


def judge(
    ids: list[str],
    maps: Path,
    masks: Path,
    annotations: Annotations,
    protocol: Protocol,
    ious: tuple[float, ...],
) -> Part:
    """Evaluates some of the images."""
    part = Part(images=len(ids))
    for image in ids:
        score_map, problem = read_map(map_file(maps, image))
        size = (
            score_map.shape
            if score_map is not None and score_map.ndim == 2
            else annotations.size(image)
        )
        if score_map is not None and annotations.is_turned(image, size):
            score_map, problem = None, 'has a map of its height and width swapped'
        if annotations.masks:
            own = _judge_pixels(part, image, score_map, annotations, masks, size)
            problem = ' and '.join(filter(None, (problem, own)))
        if annotations.boxes or not annotations.masks:
            record = box_record(
                score_map,
                annotations.boxes_on(image, size),
                annotations.labels[image],
                annotations.rank(image),
                protocol,
                ious,
            )
            problem = problem or record.problem
            part.records.append(record)
        if problem:
            part.problems[image] = problem
    return part


def _judge_pixels(
    part: Part,
    image: str,
    score_map: np.ndarray | None,
    annotations: Annotations,
    masks: Path,
    size: tuple[int, int],
) -> str:
    """Adds an image's pixels, scored 0 if its map cannot be used; says what is wrong."""
    if image not in annotations.masks:
        return 'has no mask'
    try:
        mask = annotations.mask_on(image, size, masks)
    except ValueError as error:
        return str(error)
    problem = '' if score_map is None else mask_problem(score_map, mask)
    usable = score_map is not None and not problem
    part.counts += pixel_histogram(score_map if usable else np.zeros(size), mask)
    return problem


def judge_all(
    task: partial, ids: list[str], workers: int, interruption: Interruption
) -> Part:
    """Evaluates all images, or those before an interruption."""
    chunks = [ids[i : i + CHUNK] for i in range(0, len(ids), CHUNK)]
    total = Part()
    shown = progress(_parallel(task, chunks, workers), 'maps', len(chunks))
    for part in interruption.until(shown):
        total.add(part)
    return total


def _parallel(task: partial, chunks: list[list[str]], workers: int) -> Iterator[Part]:
    if workers <= 1:
        yield from map(task, chunks)
        return
    with ProcessPoolExecutor(workers, initializer=_begin, initargs=(task,)) as pool:
        yield from pool.map(_go_on, chunks)


def _begin(task: partial) -> None:
    """What a process is told once; all annotations are part of it."""
    global _TASK
    _TASK = task
    outlive_here()


def _go_on(ids: list[str]) -> Part:
    return _TASK(ids)


def choose_protocol(args: argparse.Namespace) -> Protocol:
    options = {f.name: getattr(args, f.name) for f in fields(Protocol)}
    return get_protocol(
        args.protocol, **{k: v for k, v in options.items() if v is not None}
    )


def unknown_maps(folder: Path, annotations: Annotations) -> list[str]:
    """A sentence for each map that belongs to no image."""
    known = {str(map_file(folder, image)) for image in annotations.ids}
    files = (
        str(Path(where, name))
        for where, _, names in os.walk(folder)
        for name in names
        if name.endswith('.npy')
    )
    return [
        f'{file} is the map of no image in the annotations'
        for file in sorted(file for file in files if file not in known)
    ]


def measure(
    total: Part, protocol: Protocol, args: argparse.Namespace, plot: Path
) -> dict:
    """Metrics and curves, which are drawn as well."""
    result: dict[str, Any] = dict(metrics={})
    if total.records:
        report = box_report(total.records, protocol, args.ious, tuned_for(protocol))
        result['metrics'] |= report.metrics
        result |= dict(thresholds=THRESHOLDS.round(3).tolist(), curves=report.curves)
        plot_box_curves(report, plot)
    if total.counts[1].any():
        pixels = pixel_report(total.counts)
        result['metrics'] |= {
            'pxap': pixels.pxap,
            'piou': pixels.piou,
            'threshold_piou': pixels.threshold,
        }
        plot_pixel_curve(pixels, plot)
    return result


def warn(sentences: list[str], out: Path) -> None:
    for sentence in sentences[:SHOWN]:
        print(f'warning: {printable(sentence)}.', file=sys.stderr)
    if len(sentences) > SHOWN:
        print(f'warning: {len(sentences) - SHOWN} more, see {out}.', file=sys.stderr)


def main(argv: list[str] | None = None) -> dict:
    args = parse_args(argv)
    protocol = choose_protocol(args)
    plot = args.plot or args.out.with_suffix('.png')
    check_writable(args.out)
    check_figure_file(plot, CURVES)
    annotations = read_annotations(args.ann)
    task = partial(
        judge,
        maps=args.maps,
        masks=args.masks or args.ann,
        annotations=annotations,
        protocol=protocol,
        ious=tuple(args.ious),
    )
    with Interruption() as interruption:
        total = judge_all(task, annotations.ids, args.workers, interruption)
        unknown = annotations.unknown + unknown_maps(args.maps, annotations)
        complete = not interruption.number
        result = dict(complete=complete, unknown=unknown, problems=total.problems)
        result |= dict(protocol=dict(name=args.protocol, **asdict(protocol)))
        result |= measure(total, protocol, args, plot)
        write_atomic(args.out, json.dumps(result, indent=1))
    misses = [f'{i} {what}; it counts as a miss' for i, what in total.problems.items()]
    warn(annotations.remarks + unknown + misses, args.out)
    done = '' if complete else ' (interrupted: the images so far)'
    print(f'protocol {args.protocol}, threshold {protocol.threshold}{done}')
    for name, value in result['metrics'].items():
        print(f'{name:24s} {value:.6g}')
    print(f'written: {args.out}, {plot}')
    if not complete:
        done = f'{total.images} of {len(annotations.ids)} images'
        interruption.report(done, args.out)
        sys.exit(interruption.code)
    if len(total.problems) == total.images:
        raise ValueError(
            f'Expected maps of the images in {args.ann} that can be judged, but got none; '
            f'{args.out} says of each what is wrong.'
        )
    return result


if __name__ == '__main__':
    run_tool(main)
