"""Under what a number was measured: read from a run's config, and in words."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from mmengine.config import Config

from mmwsol.functional import get_protocol
from mmwsol.functional.protocol import parse_threshold

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


def read_setting(
    config: Config, metrics: dict, tested: bool, options: Iterable[str]
) -> dict:
    """What stands beside a number.

    Args:
        config: Of the run, as it was run.
        metrics: Of the evaluation, with the logs' names.
        tested: Whether tools/test.py evaluated, not tools/train.py after an epoch.
        options: `key=value`, as given on the command lines of training and evaluation.

    Returns:
        ``images`` evaluated, ``split`` they are of (``'test'`` or ``'held-out'``),
        ``classes`` of the model, ``protocol`` and ``threshold`` rule of boxes, ``maps`` (the head's
        ``map_classes``), ``epochs`` trained (None where a checkpoint's name does not
        tell), ``hardware``; and where there is something to say, ``options`` that differ
        from the protocol's, ``views`` (the model of test-time views) and ``changed``, the
        options that can matter.
    """
    part = 'test' if tested else 'val'
    evaluators = config[f'{part}_evaluator']
    boxes = [
        e for e in evaluators if e['type'] == 'MaxBoxAccV2'
    ]  # none where masks are
    model = config.model.get('module', config.model)  # --tta wraps it
    epochs = metrics.get('step')
    if tested:
        name = re.search(r'epoch_(\d+)\.pth$', config.get('load_from') or '')
        epochs = int(name[1]) if name else None
    held_out = config[f'{part}_dataloader'].dataset.get('split') == 'val'
    setting = dict(
        images=int(metrics['loc/num_images' if boxes else 'pix/num_images'] or 0),
        split='held-out' if held_out else 'test',
        classes=model.head.num_classes,
        **(_protocol(dict(boxes[0])) if boxes else {}),
        maps=model.head.get('map_classes', 'gt'),
        views=config.model.type if 'module' in config.model else None,
        epochs=epochs,
        hardware=config.origin.device,
        changed=[_without_folder(text) for text in options if _matters(text)],
    )
    return {
        k: v for k, v in setting.items() if k == 'epochs' or v not in (None, [], {})
    }


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
    return not option.partition('=')[0].endswith(NEUTRAL)


def _without_folder(option: str) -> str:
    key, _, value = option.partition('=')
    return f'{key}={Path(value).name}'


def check_setting(setting: dict, config: str) -> None:
    """Refuses a setting in a file that :func:`in_words` could not say.

    Raises:
        ValueError: Naming the config; the rest of a sentence about the file.
    """
    words = (str, int, float, type(None))
    lists = dict(setting) if isinstance(setting, dict) else {}
    parts = [*lists.pop('changed', []), *lists.pop('options', {}).values()]
    parts = [x for part in parts for x in (part if isinstance(part, list) else [part])]
    plain = all(isinstance(x, words) for x in (*lists.values(), *parts))
    needed = {'images', 'split', 'classes', 'maps', 'epochs', 'hardware'}
    texts = [setting[key] for key in ('hardware', 'date', 'views') if key in lists]
    if not (needed <= lists.keys() and plain and all(type(x) is str for x in texts)):
        raise ValueError(
            f'`Setting` of {config} that is no mapping with {sorted(needed)}; record its '
            'runs again with --runs'
        )


def in_words(setting: dict, of: int | None = None) -> str:
    """The setting as a table says it.

    Args:
        setting: As :func:`read_setting` gives it; ``minutes`` and ``date`` as well.
        of: How many test images there are, if these may be a part of them.
    """
    images = setting['images']
    known = of is not None and setting['split'] == 'test'
    part = f' of {of}' if known and of != images else ''
    options = ', '.join(f'{k}={v}' for k, v in setting.get('options', {}).items())
    maps = setting['maps']
    which = {'gt': "true class's map", 'all': "mean over all classes' maps"}
    protocol = setting.get('protocol')
    epochs = setting['epochs']
    minutes = setting.get('minutes')
    changed = setting.get('changed')
    words = (
        f'{images}{part} {setting["split"]} images of {setting["classes"]} classes',
        protocol and f'protocol {protocol}' + (f' with {options}' if options else ''),
        protocol and f'threshold {setting["threshold"]}',
        which.get(maps, f"mean over the top {maps} classes' maps"),
        setting.get('views'),
        'epochs not recorded' if epochs is None else f'{epochs} epochs',
        setting['hardware'],
        minutes and f'{minutes} min a run',
        setting.get('date'),
        changed and f'changed: {" ".join(changed)}',
    )
    return ', '.join(word for word in words if word)
