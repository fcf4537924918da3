"""Makes a localizer of a trained classifier; no boxes and no training needed.

python tools/convert_classifier.py resnet50_8xb32_in1k --out found/
python tools/infer.py photos/ found/localizer.py found/localizer.pth

Any mmpretrain classifier that is linear after global average pooling will do, such as ResNet,
MobileNetV2 or EfficientNet. It is named as in mmpretrain's model zoo, or by a config
file. The written config has ImageNet's data and evaluation, so that tools/test.py and
tools/train.py take it as well.
"""

import argparse
import io
import sys
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmwsol.apis.classifier import convert_classifier, read_classifier
from mmwsol.command import explained, run_tool
from mmwsol.config_files import config_path
from mmwsol.io.atomic import check_writable, write_atomic

BASE = config_path('cam/resnet50_ilsvrc')
# sums in another order; larger is another model
TOLERANCE = 1e-4


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'model', help="name in mmpretrain's model zoo, or a config file"
    )
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help="its weights, or a ResNet's of torchvision; by default the model zoo's, which "
        'are downloaded',
    )
    parser.add_argument(
        '--size',
        type=int,
        default=448,
        help='side of the images in pixels: twice the usual, for maps twice as fine',
    )
    parser.add_argument('--out', type=Path, required=True, help='folder to fill')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    init_default_scope('mmpretrain')
    with explained():
        check_writable(args.out / 'localizer.pth')
        made = convert_classifier(*read_classifier(args.model, args.checkpoint))
    if made.difference > TOLERANCE:
        sys.exit(
            "Expected the localizer's scores to be the classifier's, but they differ by "
            f'{made.difference:.1g} of the largest.'
        )
    config = Config.fromfile(BASE)
    config.model = made.model
    for loader in (config.val_dataloader, config.test_dataloader):
        for step in loader.dataset.pipeline:
            if step.type == 'Resize':
                step.scale = (args.size, args.size)
    write_atomic(args.out / 'localizer.py', config.pretty_text)
    content = io.BytesIO()
    torch.save(made.checkpoint, content)
    write_atomic(args.out / 'localizer.pth', content.getvalue())
    print(
        f"scores differ from the classifier's by {made.difference:.1g} of the largest\n"
        f'written: {args.out / "localizer.py"}, {args.out / "localizer.pth"}'
    )


if __name__ == '__main__':
    run_tool(main)
