"""The setting that a number was measured in: read from a run's config, and in words."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from mmengine.config import Config
from mmpretrain.registry import MODELS
from pydantic import ConfigDict

from mmwsol.functional import get_protocol
from mmwsol.functional.protocol import parse_threshold
from tools.report.schema import Number, Strict

IOU_THRESHOLDS = (0.3, 0.5, 0.7)
# options that say where and how fast, but not what
NEUTRAL = (
    'data_root',
    'cache',
    'num_workers',
    'persistent_workers',
    'pin_memory',
    'checkpoint.interval',
    'cudnn_benchmark',
)
MAP_MAKER = 'model.map_maker'


Plain = str | Number | None


class Setting(Strict):
    """What stands beside a number in a metafile."""

    model_config = ConfigDict(extra='forbid')

    images: int
    """How many were evaluated."""
    split: str
    """What they are part of: `'test'` or `'held-out'`."""
    classes: int
    """How many the model has."""
    protocol: str | None = None
    options: dict[str, Plain | list[Plain]] = {}
    """Options of the protocol that are not its own."""
    threshold: str | None = None
    """The rule of boxes' thresholds."""
    maps: int | str
    """The head's ``map_classes``; `'none'` of a box without a map."""
    map_maker: str | None = None
    """What made the maps in place of the head, with its arguments."""
    labels: str | None = None
    """The model whose classes were judged, where it is another one."""
    views: str | None = None
    """The model of test-time views."""
    epochs: int | None
    """None where a checkpoint's name does not tell."""
    hardware: str
    changed: list[str] = []
    """Options of the command line that can matter."""
    minutes: int | None = None
    """Training time."""
    date: str | None = None
    """The day of the evaluation."""


def read_setting(
    config: Config, metrics: dict, tested: bool, options: Iterable[str]
) -> dict:
    """What stands beside a number, as :class:`Setting` describes it, without minutes and date.

    Args:
        config: The run's config, as it was run.
        metrics: The metrics of the evaluation, with the logs' names.
        tested: Whether tools/test.py evaluated, not tools/train.py after an epoch.
        options: `key=value`, as given on the command lines of training and evaluation.
    """
    part = 'test' if tested else 'val'
    evaluators = config[f'{part}_evaluator']
    # none where masks are
    boxes = [e for e in evaluators if e['type'] == 'MaxBoxAccV2']
    model = config.model.get('module', config.model)  # --tta wraps it
    epochs = metrics.get('step')
    if tested:
        name = re.search(r'epoch_(\d+)\.pth$', config.get('load_from') or '')
        epochs = int(name[1]) if name else None
    held_out = config[f'{part}_dataloader'].dataset.get('split') == 'val'
    # None of a project that is not installed
    head = MODELS.module_dict.get(model.head.get('type'))
    has_maps = not getattr(head, 'predicts_box', False)
    protocol = _protocol(dict(boxes[0])) if boxes else {}
    if not has_maps:
        protocol.pop('threshold', None)
    setting = dict(
        images=int(metrics['loc/num_images' if boxes else 'pix/num_images'] or 0),
        split='held-out' if held_out else 'test',
        classes=model.head.num_classes,
        **protocol,
        maps=model.head.get('map_classes', 'gt') if has_maps else 'none',
        map_maker=_map_maker(model.get('map_maker')),
        labels=config.origin.get('labels_from'),
        views=config.model.type if 'module' in config.model else None,
        epochs=epochs,
        hardware=config.origin.device,
        changed=[_without_folder(text) for text in options if _matters(text)],
    )
    return {
        k: v for k, v in setting.items() if k == 'epochs' or v not in (None, [], {})
    }


def _map_maker(maker: dict | None) -> str | None:
    """As a call: `BagCAMs(layer=backbone.layer3)`."""
    if not maker:
        return None
    rest = ', '.join(f'{k}={v}' for k, v in maker.items() if k != 'type')
    return f'{maker["type"]}({rest})' if rest else maker['type']


def _protocol(box: dict) -> dict:
    name = box.pop('protocol', 'wsolevaluation')
    usual = asdict(get_protocol(name))
    options = {key: box[key] for key in usual if key in box}
    if isinstance(options.get('threshold'), float):
        options['threshold'] = f'fixed={options["threshold"]}'
    own = asdict(get_protocol(name, **options))
    changed = {key: value for key, value in own.items() if value != usual[key]}
    changed.pop('threshold', None)
    ious = tuple(box.get('iou_thresholds', IOU_THRESHOLDS))
    if ious != IOU_THRESHOLDS:
        changed['iou_thresholds'] = list(ious)
    kind, value = parse_threshold(own['threshold'])
    # the file that a threshold came from is named on one machine only
    rule = f'{kind}={value}' if kind == 'fixed' else kind
    return dict(protocol=name, options=changed, threshold=rule)


def _matters(option: str) -> bool:
    key = option.partition('=')[0]
    return not key.endswith(NEUTRAL) and not key.startswith(MAP_MAKER)


def _without_folder(option: str) -> str:
    key, _, value = option.partition('=')
    return f'{key}={Path(value).name}'


def in_words(setting: dict, of: int | None = None) -> str:
    """The setting as a table says it.

    Args:
        setting: What :class:`Setting` describes.
        of: How many test images there are, if these may be a part of them.
    """
    images = setting['images']
    known = of is not None and setting['split'] == 'test'
    part = f' of {of}' if known and of != images else ''
    options = ', '.join(f'{k}={v}' for k, v in setting.get('options', {}).items())
    maps = setting['maps']
    maker = setting.get('map_maker')
    which = {
        'gt': "true class's map",
        'all': "mean over all classes' maps",
        'none': 'a box and no map',
    }
    labels = setting.get('labels')
    protocol, threshold = setting.get('protocol'), setting.get('threshold')
    epochs = setting['epochs']
    minutes = setting.get('minutes')
    changed = setting.get('changed')
    words = (
        f'{images}{part} {setting["split"]} images of {setting["classes"]} classes',
        protocol and f'protocol {protocol}' + (f' with {options}' if options else ''),
        threshold and f'threshold {threshold}',
        which.get(maps, f"mean over the top {maps} classes' maps")
        + (f' by {maker}' if maker else ''),
        labels and f'classes of another network, {labels}',
        setting.get('views'),
        'epochs not recorded' if epochs is None else f'{epochs} epochs',
        setting['hardware'],
        minutes and f'{minutes} min a run',
        setting.get('date'),
        changed and f'changed: {" ".join(changed)}',
    )
    return ', '.join(word for word in words if word)
