"""Exports a model to ONNX: ``python tools/export_onnx.py CONFIG CHECKPOINT --out FILE``.

The file is compared with the model on images before it is written, and timed after.
"""

import argparse
import json
import os
import sys

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.registry import DATASETS, MODELS, init_default_scope
from torch import Tensor
from torch.utils.data import Dataset

from mmwsol.apis.inputs import after_loading, compose, input_size, list_images, see
from mmwsol.command import run_tool
from mmwsol.config_files import find_config
from mmwsol.config_options import add_config_options, apply_options
from mmwsol.deployment import (
    ExportableLocalizer,
    compare,
    describe,
    map_contrast,
    open_session,
    to_onnx,
)
from mmwsol.deployment.onnx import OPSET, check_packages
from mmwsol.engine.belonging import check_classes, classes_of
from mmwsol.engine.checkpoints import load_whole
from mmwsol.engine.launch import processor
from mmwsol.io.atomic import check_writable, write_atomic

# public-domain photographs that come with scikit-image
PHOTOGRAPHS = ('astronaut', 'chelsea', 'coffee', 'rocket')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Export a localizer to ONNX.')
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--out', required=True, help='file to write')
    parser.add_argument(
        '--images',
        nargs='+',
        help="image files or folders to compare on; the config's test data set by default, "
        'or where that is missing, photographs of scikit-image',
    )
    parser.add_argument('--num-images', type=int, default=8, help='the most images')
    parser.add_argument(
        '--tolerance',
        type=float,
        default=1e-4,
        help='largest difference of scores and maps, both in [0, 1]',
    )
    parser.add_argument(
        '--threshold',
        type=float,
        help='threshold of boxes, such as `loc/threshold` of tools/test.py; noted in the file',
    )
    parser.add_argument('--batch', type=int, default=8, help='the larger batch to time')
    parser.add_argument('--runs', type=int, default=11, help='runs to time; 0 for none')
    add_config_options(parser)
    return parser.parse_args(argv)


def build_dataset(config: Config) -> Dataset | None:
    """The test data set, or None where its files are missing."""
    try:
        return DATASETS.build(config.test_dataloader.dataset)
    except FileNotFoundError:
        return None


def choose_images(
    args: argparse.Namespace, pipeline: Compose, dataset: Dataset | None
) -> dict[str, Tensor]:
    """Images ``(3, H, W)`` as the test pipeline gives them, by name."""
    if args.images:
        files = list_images(args.images)[: args.num_images]
        return {str(file): see(file, pipeline) for file in files}
    if dataset is not None:
        places = np.linspace(0, len(dataset) - 1, args.num_images).astype(int)
        return {f'test image {i}': dataset[int(i)]['inputs'] for i in places}
    try:
        from skimage import data
    except ImportError:
        raise ImportError(
            'Expected images to compare on: give --images, or run: pip install scikit-image'
        ) from None
    photographs = {name: getattr(data, name)() for name in PHOTOGRAPHS}
    return {
        name: see(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), pipeline)
        for name, image in photographs.items()
    }


def choose_size(
    pipeline: Compose, images: dict[str, Tensor], dataset: Dataset | None
) -> tuple[int, int]:
    """``H, W`` of the input, which all images must have."""
    size = input_size(pipeline)
    if size is None and dataset is not None:  # whose images have the size they need
        size = tuple(dataset[0]['inputs'].shape[-2:])
    for name, image in images.items():
        own = tuple(image.shape[-2:])
        size = size or own
        if own != size:
            raise ValueError(
                f'Expected every image to leave the test pipeline '
                f'(`test_dataloader.dataset.pipeline`) with {size[0]} x {size[1]} pixels, but '
                f'got {own[0]} x {own[1]} for {name}; add a Resize to it.'
            )
    return size


def class_names(meta: dict, dataset: Dataset | None, count: int) -> dict:
    """The classes as metadata, where checkpoint or data set know them."""
    known = classes_of(meta)
    if dataset is not None:
        found = dataset.metainfo['classes']
        check_classes(known, found, 'the checkpoint', '`test_dataloader`')
        known = known or found
    return dict(classes=json.dumps(known)) if known and len(known) == count else {}


def print_latency(
    model: ExportableLocalizer, content: bytes, image: Tensor, args: argparse.Namespace
) -> None:
    """Milliseconds an image, of torch and of onnxruntime."""
    from torch.utils.benchmark import (
        Timer,  # its import looks for a compiler, and says so
    )

    print(
        f'\nms an image on {processor()}, means of {args.runs} runs, torch '
        f'{torch.__version__.partition("+")[0]}:\n\n'
        '| threads | batch | torch | onnxruntime | ratio |\n|---|---|---|---|---|'
    )
    for threads in sorted({1, len(os.sched_getaffinity(0))}):
        session = open_session(content, threads)
        for batch in sorted({1, args.batch}):
            images = image.flip(0).expand(batch, -1, -1, -1).contiguous()
            names = dict(model=model, images=images, session=session)
            names['feed'] = dict(images=images.numpy())
            with torch.no_grad():
                torch_time, onnx_time = (
                    1000
                    / batch
                    * Timer(call, globals=names, num_threads=threads)
                    .timeit(args.runs)
                    .mean
                    for call in ('model(images)', 'session.run(None, feed)')
                )
            print(
                f'| {threads} | {batch} | {torch_time:.1f} | {onnx_time:.1f} '
                f'| {torch_time / onnx_time:.2f} |',
                flush=True,
            )


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    check_packages()
    check_writable(args.out)
    config = Config.fromfile(find_config(args.config))
    apply_options(config, args.cfg_options)
    init_default_scope(config.default_scope)
    config.model.backbone.init_cfg = None  # the checkpoint has all weights
    localizer = MODELS.build(config.model).cpu()
    model = ExportableLocalizer(localizer)
    meta = load_whole(localizer, args.checkpoint)

    dataset = build_dataset(config)
    steps = after_loading(config.test_dataloader.dataset.pipeline)
    pipeline = compose(steps)
    images = choose_images(args, pipeline, dataset)
    size = choose_size(pipeline, images, dataset)
    notes = describe(localizer.head, size, steps)
    notes |= class_names(meta, dataset, localizer.head.num_classes)
    if args.threshold is not None:
        notes['threshold'] = str(args.threshold)
    content = to_onnx(model, size, notes)

    names, inputs = list(images), list(images.values())
    threshold = 0.5 if args.threshold is None else args.threshold
    found = compare(open_session(content), localizer, inputs, threshold)
    print(
        f'{len(names)} images, from {names[0]} on, in batches of 1 and of 3:\n'
        f'largest difference of scores {found.scores.max():.1e}, of maps '
        f'{found.maps.max():.1e} (allowed {args.tolerance:g})\n'
        f'same class {found.same_class.sum()} of {len(names)}, same boxes at threshold '
        f'{threshold:g} {found.same_boxes.sum()} of {len(names)}'
    )
    problem = found.problem(args.tolerance, names)
    if problem:
        worst = int(found.maps.argmax())
        contrast = map_contrast(localizer, inputs[worst])
        sys.exit(
            f'{problem}; {args.out} was not written. (Before it is stretched to [0, 1], the '
            f"values of {names[worst]}'s map lie {contrast:.1e} of the largest apart; single "
            'precision rounds at 1e-7.)'
        )
    write_atomic(args.out, content)
    print(
        f'{args.out}: {len(content) / 1e6:.1f} MB, opset {OPSET}, '
        f'images (N, 3, {size[0]}, {size[1]}) uint8 {notes["color_order"]}'
    )
    if args.runs:
        print_latency(model, content, inputs[0], args)


if __name__ == '__main__':
    run_tool(main)
