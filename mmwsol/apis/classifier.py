"""A trained image classifier as a localizer, without training.

The linear layer of a classifier after global average pooling, applied at every place before
it, gives class activation maps whose means are the classifier's own scores.
"""

import copy
import os
from pathlib import Path
from typing import NamedTuple

import torch
from mmengine.config import Config, ConfigDict
from mmpretrain.apis import ModelHub, list_models
from mmpretrain.datasets.categories import IMAGENET_CATEGORIES
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.config_files import nearest
from mmwsol.engine.checkpoints import load_from_http, load_plain
from mmwsol.models import Localizer
from mmwsol.models.pretrained import mismatch

_PARTS = dict(type='ImageClassifier', neck='GlobalAveragePooling', head='LinearClsHead')


class Conversion(NamedTuple):
    """What a localizer is made from."""

    model: ConfigDict
    """Its config, a :class:`mmwsol.models.Localizer` with a ``CAMHead``."""
    checkpoint: dict
    """The ``state_dict``, and names of the classes where they are known."""
    difference: float
    """The largest between the classifier's and the localizer's scores of a random image,
    as a share of the largest score."""


def read_classifier(
    model: str, checkpoint: str | os.PathLike | None = None
) -> tuple[Config, dict]:
    """The config and the weights of a classifier.

    Args:
        model: Its name in mmpretrain's model zoo, or a config file.
        checkpoint: Its weights; by default the model zoo's, which are downloaded.

    Raises:
        ValueError: There is no such model, or no checkpoint of it.
        OSError: The checkpoint cannot be read.
    """
    if Path(model).is_file():
        config, weights = Config.fromfile(model), None
    else:
        config, weights = _of_zoo(model)
    file = checkpoint or weights
    if file is None:
        raise ValueError(f'Expected a checkpoint of {model}, but got none.')
    if str(file).startswith('http'):
        advice = f'name the file after the model: {model} FILE'
        return config, load_from_http(str(file), 'cpu', advice)
    return config, load_plain(str(file), 'cpu')


def _of_zoo(model: str) -> tuple[Config, str | None]:
    """The config and the address of the weights of a model in mmpretrain's model zoo."""
    names = list_models()
    if model.lower() not in {name.lower() for name in names}:
        raise ValueError(
            "Expected a name in mmpretrain's model zoo or a config file, but got "
            f'{model!r}{nearest(model, names)}'
        )
    found = ModelHub.get(model)
    return found.config, found.weights


def convert_classifier(config: Config, checkpoint: dict) -> Conversion:
    """Makes a localizer with the weights of a classifier.

    Args:
        config: The config of an mmpretrain ``ImageClassifier`` with the neck
            ``GlobalAveragePooling`` and the head ``LinearClsHead``.
        checkpoint: Its weights as mmpretrain names them, or a ResNet's as torchvision does.

    Raises:
        ValueError: The classifier is not linear after global average pooling, or the
            weights are another model's.
    """
    _check_parts(config.model)
    source = copy.deepcopy(config.model)
    source.backbone.init_cfg = None  # the checkpoint has all weights
    norm = config.get('data_preprocessor') or source.get('data_preprocessor') or {}
    model = ConfigDict(
        type='Localizer',
        data_preprocessor={
            key: norm[key] for key in ('mean', 'std', 'to_rgb') if key in norm
        },
        backbone=source.backbone,
        head=dict(
            type='CAMHead',
            num_classes=source.head.num_classes,
            in_channels=source.head.in_channels,
        ),
    )
    classifier, localizer = (
        MODELS.build(copy.deepcopy(part)).eval() for part in (source, model)
    )
    state = _renamed(checkpoint.get('state_dict', checkpoint))
    problem = mismatch(classifier, state)
    if problem:
        raise ValueError(
            f'Expected weights of a classifier with {source.backbone.type}, but {problem}.'
        )
    classifier.load_state_dict(state, strict=False)
    localizer.load_state_dict(_of_localizer(classifier.state_dict()))
    classes = _class_names(checkpoint, source.head.num_classes)
    return Conversion(
        model,
        dict(
            state_dict=localizer.state_dict(),
            meta=dict(dataset_meta=dict(classes=classes) if classes else {}),
        ),
        _difference(classifier, localizer),
    )


def _check_parts(model: ConfigDict) -> None:
    for key, expected in _PARTS.items():
        part = model.get(key)
        found = part.get('type') if isinstance(part, dict) else part
        if found != expected:
            name = 'model.type' if key == 'type' else f'model.{key}.type'
            raise ValueError(
                f"Expected a classifier with `{name}='{expected}'`, whose scores are means "
                f'of maps, but got {found!r}.'
            )


def _renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A ResNet's weights under mmpretrain's names, where they have torchvision's."""
    if 'fc.weight' not in state:
        return state
    return {
        f'{"head" if key.startswith("fc.") else "backbone"}.{key}': value
        for key, value in state.items()
    }


def _of_localizer(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The linear layer as a 1 x 1 convolution, the rest as it is."""
    own = {key: value for key, value in state.items() if key.startswith('backbone.')}
    own['head.classifier.weight'] = state['head.fc.weight'][..., None, None]
    own['head.classifier.bias'] = state['head.fc.bias']
    return own


def _class_names(checkpoint: dict, num_classes: int) -> tuple[str, ...] | None:
    meta = checkpoint.get('meta') or {}
    named = (meta.get('dataset_meta') or {}).get('classes') or meta.get('CLASSES')
    if named is None and num_classes == len(IMAGENET_CATEGORIES):
        named = IMAGENET_CATEGORIES
    return tuple(named) if named else None


@torch.no_grad()
def _difference(classifier: nn.Module, localizer: Localizer) -> float:
    # as a picture after normalisation; an odd shape, to catch a pooling of fixed size
    image = torch.randn(1, 3, 160, 224, generator=torch.Generator().manual_seed(0))
    expected = classifier(image)
    found = localizer.head.logits(localizer.extract_feat(image))
    return float((expected - found).abs().max() / expected.abs().max())
