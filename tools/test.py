"""Evaluates a checkpoint: ``python tools/test.py CONFIG CHECKPOINT``."""

import argparse
import sys
from pathlib import Path

import mmengine
from mmengine.config import Config, ConfigDict
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmwsol.command import complain, run_tool
from mmwsol.config_files import find_config
from mmwsol.config_options import apply_options
from mmwsol.engine.hooks.guard_hooks import localizer_of
from mmwsol.engine.launch import (
    add_arguments,
    build_runner,
    join_processes,
    load_config,
)
from mmwsol.evaluation import MapFiles, MaxBoxAccV2
from mmwsol.interruption import Interruption, outlive
from mmwsol.io.atomic import check_writable
from mmwsol.io.map_folders import IDS
from mmwsol.io.tuned_thresholds import unjudged
from mmwsol.label_options import (
    add_label_options,
    note_labels,
    save_labels,
    take_labels,
)
from mmwsol.map_maker_option import add_map_maker_option, use_map_maker
from mmwsol.models.need_maps import need_maps


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Evaluate a localizer.')
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--out', help='JSON file for the metrics')
    parser.add_argument(
        '--view',
        help='data set file whose test pipeline, evaluator and crops take the place of the '
        "config's, such as configs/_base_/datasets/cub_legacy.py",
    )
    parser.add_argument(
        '--tta',
        action='store_true',
        help="use the config's `tta_model` and `tta_pipeline`",
    )
    parser.add_argument(
        '--save-maps',
        help='folder for the maps and annotations, which tools/eval_maps.py reads',
    )
    add_label_options(parser)
    parser.add_argument('--show-dir', help='folder for pictures of evaluated images')
    parser.add_argument(
        '--interval', type=int, default=100, help='pictures of every so many images'
    )
    add_map_maker_option(parser)
    add_arguments(parser)
    return parser.parse_args(argv)


def configure(args: argparse.Namespace) -> Config:
    config = load_config(args)
    if args.view:
        use_view(config, args.view, args.cfg_options)
    if args.map_maker:
        use_map_maker(config, args.map_maker)
        config.origin.options.append(f'model.map_maker={args.map_maker}')
    config.load_from = args.checkpoint
    config.resume = False
    config.model.backbone.init_cfg = None  # the checkpoint has all weights
    if args.labels_from:
        note_labels(config, args.labels_from)
    if args.show_dir and args.tta:
        raise ValueError(
            'Expected only one of --show-dir and --tta, whose views are no whole images.'
        )
    if args.show_dir:
        config.default_hooks.visualization.update(
            enable=True, out_dir=args.show_dir, interval=args.interval
        )
    if args.tta:
        if 'tta_model' not in config:
            raise ValueError(
                f'Expected `tta_model` and `tta_pipeline` in {args.config} for --tta; '
                'name a data set file that has them with --view, such as '
                'configs/_base_/datasets/cub_legacy.py.'
            )
        config.model = ConfigDict(**config.tta_model, module=config.model)
        config.test_dataloader.dataset.pipeline = config.tta_pipeline
    join_processes(config)
    return config


def use_view(config: Config, file: str, options: dict | None) -> None:
    """Tests as another data set file says; data, classes and model stay the config's."""
    view = Config.fromfile(find_config(file))
    missing = {'test_dataloader', 'test_evaluator'} - view.keys()
    if missing:
        raise ValueError(
            f'Expected a data set file with {sorted(missing)} for --view, but {file} has '
            'none.'
        )
    config.test_dataloader.dataset.pipeline = view.test_dataloader.dataset.pipeline
    for key in ('test_evaluator', 'tta_model', 'tta_pipeline'):
        if key in view:
            config[key] = view[key]
    config.origin.options += apply_options(config, options)  # they have the last word
    config.origin.options.append(f'view={Path(file).name}')


class Stopped(Exception):
    """The evaluation was told to end."""


class StopHook(Hook):
    """Ends an evaluation that is told to.

    Args:
        interruption: Where that is noted.
    """

    def __init__(self, interruption: Interruption) -> None:
        self.interruption = interruption

    def after_test_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: list
    ) -> None:
        if self.interruption.number:
            raise Stopped


def save_maps(runner: Runner, folder: str) -> MapFiles:
    """Has the maps written to a folder, besides the config's evaluation."""
    dataset = runner.test_loop.dataloader.dataset
    writer = MapFiles(folder, getattr(dataset, 'img_prefix', ''))
    writer.dataset_meta = dataset.metainfo
    runner.test_loop.evaluator.metrics.append(writer)
    outlive(runner.test_loop.dataloader)
    return writer


def details(runner: Runner) -> dict:
    """Who made the maps and classes if not the head; what box metrics know besides numbers."""
    model = runner.cfg.model.get('module', runner.cfg.model)  # --tta wraps it
    maker = model.get('map_maker')
    found: dict = dict(map_maker=maker.to_dict()) if maker else {}
    whose = runner.cfg.origin.get('labels_from')
    found |= dict(labels_from=whose) if whose else {}
    for metric in runner.test_loop.evaluator.metrics:
        if isinstance(metric, MaxBoxAccV2) and metric.report:
            report = metric.report.to_dict()
            return {**found, **{k: v for k, v in report.items() if k != 'metrics'}}
    return found


def test_and_save(runner: Runner, folder: str) -> tuple[dict, list[str]]:
    """Metrics, and what could not be written; maps are kept if a signal ends it."""
    writer = save_maps(runner, folder)
    with Interruption() as interruption:
        runner.register_hook(StopHook(interruption))
        try:
            metrics = runner.test()
        except Stopped:
            done, size = len(writer.results), len(runner.test_loop.dataloader.dataset)
            writer.evaluate(size)
            interruption.report(f'{done} of {size} images', folder)
            sys.exit(interruption.code)
    return metrics, writer.problems


def main(argv: list[str] | None = None) -> dict:
    args = parse_args(argv)
    if args.save_maps:
        check_writable(Path(args.save_maps) / 'annotations' / IDS)
    for file in filter(None, (args.out, args.save_labels)):
        check_writable(file)
    config = configure(args)
    runner = build_runner(config)
    if args.save_maps:
        need_maps(type(localizer_of(runner).head), '--save-maps')
    if args.labels_from:
        take_labels(runner, args.labels_from)
    if args.save_labels:
        save_labels(runner, args.save_labels)
    if args.save_maps:
        metrics, problems = test_and_save(runner, args.save_maps)
    else:
        metrics, problems = runner.test(), []
    for hook in runner.hooks:
        problems += getattr(hook, 'problems', [])
    complain(f'{len(problems)} files were not written', problems)
    blind = unjudged(metrics)
    if blind:
        raise ValueError(
            f'Expected images that can be judged in `test_dataloader`, but `{blind[0]}` could '
            f'judge none of {int(metrics[f"{blind[0]}/num_images"])}; the warnings above say '
            'why. Data without boxes or masks go with an evaluator of classes alone, '
            'test_evaluator="[dict(type=\'Accuracy\')]".'
        )
    if args.out and is_main_process():
        mmengine.dump({**metrics, **details(runner)}, args.out)
    if problems:
        sys.exit(1)
    return metrics


if __name__ == '__main__':
    run_tool(main)
