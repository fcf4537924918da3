"""``--save-labels`` and ``--labels-from``: the boxes of one model, the classes of another."""

import argparse
from pathlib import Path

from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.runner import Runner

from mmwsol.engine.belonging import check_classes
from mmwsol.evaluation import LabelFile, OtherLabels
from mmwsol.io.predicted_labels import read_labels


def add_label_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``tools/test.py``."""
    parser.add_argument(
        '--save-labels',
        help='JSON file for the best classes of each image, which --labels-from reads',
    )
    parser.add_argument(
        '--labels-from',
        help="JSON file with another model's classes of the images, which take the place of "
        'the predicted',
    )


def note_labels(config: Config, file: str) -> None:
    """Has a run's own copy of its config say whose classes are evaluated."""
    config.origin.labels_from = read_labels(Path(file)).model


def save_labels(runner: Runner, file: str) -> None:
    """Has the predicted classes written to a file, besides the config's evaluation."""
    dataset = runner.test_loop.dataloader.dataset
    origin = Path(runner.cfg.origin.config)
    name = f'{origin.parent.name}/{origin.stem}'
    writer = LabelFile(file, name, getattr(dataset, 'img_prefix', ''))
    writer.dataset_meta = dataset.metainfo
    runner.test_loop.evaluator.metrics.append(writer)


def take_labels(runner: Runner, file: str) -> None:
    """Has another model's classes evaluated in place of the predicted ones."""
    loop = runner.test_loop
    dataset = loop.dataloader.dataset
    labels = read_labels(Path(file))
    classes = dataset.metainfo['classes']
    check_classes(labels.classes, classes, file, '`test_dataloader`')
    root = getattr(dataset, 'img_prefix', '')
    evaluator = OtherLabels(loop.evaluator.metrics, labels, root)
    evaluator.check(
        # of drawings, the names alone
        BaseDataset.get_data_info(dataset, i)['img_path']
        for i in range(len(dataset))
    )
    evaluator.dataset_meta = dataset.metainfo
    loop.evaluator = evaluator
