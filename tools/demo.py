"""Trains methods on ToyShapes, compares them, and draws what they see.

``make demo`` for CAM and PNSC; ``python tools/demo.py --methods all --seeds 0 1 2`` for all
of them and more seeds.
"""

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import torch
import yaml
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import DATASETS, init_default_scope
from mmengine.runner import Runner

from mmwsol.apis import LocInferencer
from mmwsol.command import run_tool
from mmwsol.config_options import add_config_options, apply_options
from mmwsol.engine.brief_runner import BriefRunner
from mmwsol.engine.checkpoints import install_safe_loading, newest_whole
from mmwsol.engine.launch import note_origin
from mmwsol.evaluation import MaxBoxAccV2
from mmwsol.functional import map_boxes
from mmwsol.io.atomic import write_atomic
from mmwsol.io.folder_lock import only_one
from mmwsol.io.pictures import write_picture
from mmwsol.visualization import contact_sheet, draw_box, overlay
from mmwsol.visualization.drawing import GT_COLOR

# one core computes while the other draws; and the numbers do not depend on the cores
torch.set_num_threads(1)

ROOT = Path(__file__).resolve().parent.parent
CONFIG = 'resnet18_toy.py'
COLUMNS = {
    'GT-known': 'loc/gt_known',
    'Top-1': 'loc/top1',
    'MaxBoxAccV2': 'loc/maxboxacc_v2',
}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--work-dir', default='work_dirs/demo')
    parser.add_argument(
        '--methods',
        nargs='+',
        default=['cam', 'pnsc'],
        help=f'folders of configs/ that have a {CONFIG}, or all',
    )
    parser.add_argument('--seeds', type=int, nargs='+', default=[1])
    parser.add_argument('--epochs', type=int, help='fewer or more than the config has')
    parser.add_argument(
        '--rows', type=int, default=6, help='images on the contact sheet'
    )
    add_config_options(parser, "settings to override in every method's config")
    return parser.parse_args(argv)


class Progress(Hook):
    """Prints a line for each epoch with the time left, and keeps the metrics."""

    def __init__(self, name: str) -> None:
        self.name = name

    def before_train(self, runner: Runner) -> None:
        self.start = time.time()

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: dict
    ) -> None:
        self.loss = outputs['loss'].item()

    def after_train_epoch(self, runner: Runner) -> None:
        done, of = runner.epoch + 1, runner.max_epochs
        left = (time.time() - self.start) / done * (of - done)
        print(
            f'{self.name}: epoch {done:2d} of {of}, loss {self.loss:.3f}, {left:3.0f} s left',
            flush=True,
        )

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        self.metrics = metrics


def methods(asked: list[str]) -> dict[str, Path]:
    """Config of each method by its name."""
    files = {f.parent.name: f for f in sorted(ROOT.glob(f'configs/*/{CONFIG}'))}
    unknown = set(asked) - {*files, 'all'}
    if unknown:
        sys.exit(
            f'Expected --methods to be among {[*files]}, but got {sorted(unknown)}.'
        )
    chosen = files if 'all' in asked else asked
    return {name_of(files[folder]): files[folder] for folder in chosen}


def name_of(config: Path) -> str:
    """What the method is called in tables."""
    text = (config.parent / 'metafile.yml').read_text(encoding='utf-8')
    return yaml.safe_load(text)['Collections'][0]['Name']


def train(
    name: str, file: Path, seed: int, args: argparse.Namespace
) -> tuple[Runner, dict]:
    """Trains a method; gives the runner and the metrics of the last evaluation."""
    install_safe_loading()
    config = Config.fromfile(file)
    note_origin(config, file, apply_options(config, args.cfg_options))
    work_dir = Path(args.work_dir) / f'{file.parent.name}_seed{seed}'
    if 'pseudo_boxes' in config.train_dataloader.dataset:
        config.train_dataloader.dataset.pseudo_boxes = write_boxes(seed, args)
    config.work_dir = str(work_dir)
    config.randomness.seed = seed
    config.env_cfg.dist_cfg.backend = 'gloo'
    config.experiment_name = f'{work_dir.name}_{time.time_ns()}'
    if args.epochs:
        config.train_cfg.update(max_epochs=args.epochs, val_interval=args.epochs)
    with only_one(work_dir):
        runner = BriefRunner.from_cfg(config)  # the progress lines say enough
        progress = Progress(f'{name}, seed {seed}')
        runner.register_hook(progress)
        runner.train()
    return runner, progress.metrics


def write_boxes(seed: int, args: argparse.Namespace) -> str:
    """A file with CAM's boxes of the training images, for a method that learns from boxes."""
    folder = Path(args.work_dir) / f'cam_seed{seed}'
    checkpoint = newest_whole(folder)
    if checkpoint is None:
        sys.exit(
            'Expected cam in --methods, in front of a method that learns its boxes.'
        )
    inferencer = LocInferencer(Config.fromfile(folder / CONFIG), checkpoint)
    init_default_scope('mmpretrain')
    dataset = DATASETS.build(inferencer.config.train_dataloader.dataset)
    images = [dataset.get_data_info(i) for i in range(len(dataset))]
    stream = inferencer.stream(
        [info['img'] for info in images],
        50,
        labels=[info['gt_label'] for info in images],
    )
    lines = ['image,x0,y0,x1,y1']
    for info, result in zip(images, stream):
        for box in result['pred_bboxes']:
            lines.append(','.join([info['img_path'], *(f'{side:.2f}' for side in box)]))
    write_atomic(folder / 'boxes.csv', '\n'.join(lines))
    return str(folder / 'boxes.csv')


def pictures(runner: Runner, threshold: float, count: int) -> list[list[np.ndarray]]:
    """Input, input with true box, and input with map and predicted box, for each image."""
    dataset = runner.val_loop.dataloader.dataset
    judges = runner.val_loop.evaluator.metrics
    (protocol,) = (own.protocol for own in judges if isinstance(own, MaxBoxAccV2))
    rows = []
    for index in range(count):
        item = dataset[index]
        image = item['inputs'].permute(1, 2, 0).numpy()
        batch = dict(inputs=item['inputs'][None], data_samples=[item['data_samples']])
        with torch.no_grad():
            sample = runner.model.test_step(batch)[0]
        truth = draw_box(image, sample.gt_bboxes[0], GT_COLOR)
        heat, boxes = image, np.asarray(sample.get('pred_bboxes', ()))
        if 'pred_map' in sample:
            score_map = sample.pred_map[0].cpu().numpy()
            heat = overlay(image, score_map)
            boxes = map_boxes(score_map, threshold, protocol)  # as GT-known judges
        for box in boxes:
            heat = draw_box(heat, box)
        rows.append([image, truth, heat])
    return rows


def table(results: dict[str, list[dict]]) -> str:
    """Mean, and spread over seeds, of each metric and method."""
    lines = [
        '| method | ' + ' | '.join(COLUMNS) + ' |',
        '|---' * (len(COLUMNS) + 1) + '|',
    ]
    for name, runs in results.items():
        cells = []
        for key in COLUMNS.values():
            if key not in runs[0]:  # of a box without a map
                cells.append('-')
                continue
            values = [run[key] for run in runs]
            spread = f' ± {np.std(values):.1f}' if len(values) > 1 else ''
            cells.append(f'{np.mean(values):.1f}{spread}')
        lines.append(f'| {name} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


def main(argv: list[str] | None = None) -> dict[str, list[dict]]:
    args = parse_args(argv)
    warnings.filterwarnings('ignore')  # of the host's, which would part the lines
    work_dir = Path(args.work_dir)
    start = time.time()
    configs = methods(args.methods)
    results: dict[str, list[dict]] = {name: [] for name in configs}
    columns = []
    for name, file in configs.items():
        for seed in args.seeds:
            runner, metrics = train(name, file, seed, args)
            results[name].append(metrics)
        columns.append(pictures(runner, metrics.get('loc/threshold', 0.0), args.rows))
    sheet_rows = [
        [*first[:2], *(row[-1] for row in (first, *others))]
        for first, *others in zip(*columns)
    ]
    titles = ['input', 'ground truth', *(f'{name} map + box' for name in configs)]
    sheet = work_dir / 'contact_sheet.png'
    write_picture(sheet, contact_sheet(sheet_rows, titles))
    write_atomic(work_dir / 'metrics.json', json.dumps(results, indent=1))
    seeds = ', '.join(map(str, args.seeds))
    print(
        f'\nToyShapes, {metrics["loc/num_images"]:.0f} test images, oracle threshold, '
        f'seed {seeds}, {time.time() - start:.0f} s:\n\n{table(results)}\n\npicture: {sheet}'
    )
    return results


if __name__ == '__main__':
    run_tool(main)
