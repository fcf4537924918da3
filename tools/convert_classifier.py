"""Makes a localizer of a trained classifier; no boxes and no training needed.

python tools/convert_classifier.py resnet50_8xb32_in1k --out found/
python tools/infer.py photos/ found/localizer.py found/localizer.pth

Any mmpretrain classifier that is linear after global average pooling will do, such as ResNet,
MobileNetV2 or EfficientNet. It is named as in mmpretrain's model zoo, or by a config
file. The written config has ImageNet's data and evaluation, so that tools/test.py and
tools/train.py take it as well.
"""

import argparse
import sys
import warnings
from pathlib import Path

warnings.filterwarnings('ignore')  # what mmcv-lite lacks is not needed here

import torch  # noqa: E402
from mmengine.config import Config  # noqa: E402
from mmengine.registry import init_default_scope  # noqa: E402
from mmengine.runner.checkpoint import CheckpointLoader  # noqa: E402
from mmpretrain.apis import ModelHub  # noqa: E402

from mmwsol.apis.classifier import convert_classifier  # noqa: E402
from mmwsol.config_files import config_path  # noqa: E402

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
        help='of the images, in pixels: twice the usual, for maps twice as fine',
    )
    parser.add_argument('--out', type=Path, required=True, help='folder to fill')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    init_default_scope('mmpretrain')
    try:
        if Path(args.model).is_file():
            classifier, weights = Config.fromfile(args.model), None
        else:
            found = ModelHub.get(args.model)
            classifier, weights = found.config, found.weights
        file = args.checkpoint or weights
        if file is None:
            raise ValueError(f'Expected a checkpoint of {args.model}, but got none.')
        checkpoint = CheckpointLoader.load_checkpoint(file, 'cpu', logger='silent')
        made = convert_classifier(classifier, checkpoint)
    except (OSError, ValueError) as problem:
        sys.exit(str(problem))
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
    args.out.mkdir(parents=True, exist_ok=True)
    config.dump(args.out / 'localizer.py')
    torch.save(made.checkpoint, args.out / 'localizer.pth')
    print(
        f"scores differ from the classifier's by {made.difference:.1g} of the largest\n"
        f'written: {args.out / "localizer.py"}, {args.out / "localizer.pth"}'
    )


if __name__ == '__main__':
    main()
