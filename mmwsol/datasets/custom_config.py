"""The config that ``tools/prepare/custom.py`` writes for your own images.

It is in the package because a script in ``tools/prepare`` cannot import its neighbours both
when it is run and when it is imported.
"""

from pathlib import Path
from typing import NamedTuple

from mmengine.config import Config

from mmwsol.command import command_line, seen_from_here
from mmwsol.config_files import config_path
from mmwsol.io.atomic import write_atomic

CONFIG = '''\
"""{method} with {backbone} on the {classes} classes of {name}.

Written by tools/prepare/custom.py.
Command: mmwsol train {out}
"""

_base_ = __import__('mmwsol').config_path({base})

images = dict(
    data_root={data_root},
    val_per_class={val_per_class},  # so many of each class are held out
    broken_images={broken!r},  # or {other!r}
)
boxes = dict(boxes={boxes}{unit})  # evaluation alone reads them
train_dataloader = dict(dataset=images)
'''
EVALUATION = """\
val_dataloader = dict(dataset=dict(**images, **boxes, split={val!r}))
test_dataloader = dict(dataset=dict(**images, **boxes, split={test!r}))

model = dict({neck}head=dict(num_classes={classes}))

val_evaluator = [{evaluators}]
test_evaluator = val_evaluator
"""
NO_EVALUATION = """\
# no image is held out, so none is evaluated while training
val_dataloader = val_evaluator = val_cfg = None
# tools/test.py needs images in a folder test
test_dataloader = dict(dataset=dict(**images, **boxes, split='test'))

model = dict({neck}head=dict(num_classes={classes}))

test_evaluator = [{evaluators}]
"""


class CustomConfig(NamedTuple):
    """What differs from the config that it inherits from."""

    method: str
    backbone: str
    folder: Path
    classes: int
    val_per_class: int
    skip_broken: bool
    boxes: str
    box_unit: str | None
    evaluated: tuple[str, str] | None
    """The splits to validate and test on, or None where there is none."""

    def write(self, file: Path) -> None:
        """Writes it as a file that loads whatever the names in it are."""
        base = f'{self.method}/{self.backbone}_custom'
        neck = Config.fromfile(config_path(base)).model.get('neck')
        has_maps = 'num_maps' in (neck or {})
        evaluators = ['MaxBoxAccV2'] * bool(self.boxes) + ['Accuracy']
        broken = ('skip', 'stop') if self.skip_broken else ('stop', 'skip')
        val, test = self.evaluated or (None, None)
        text = (CONFIG + (EVALUATION if self.evaluated else NO_EVALUATION)).format(
            method=self.method,
            backbone=self.backbone,
            classes=self.classes,
            name=literal(self.folder.name)[1:-1],
            out=literal(quoted(str(file)))[1:-1],
            base=literal(base),
            data_root=literal(str(self.folder)),
            val_per_class=self.val_per_class,
            broken=broken[0],
            other=broken[1],
            boxes=literal(self.boxes),
            unit=f', box_unit={self.box_unit!r}' if self.box_unit else '',
            val=val,
            test=test,
            neck=f'neck=dict(num_maps={self.classes}), ' if has_maps else '',
            evaluators=', '.join(f'dict(type={name!r})' for name in evaluators),
        )
        write_atomic(file, text)


def literal(text: str) -> str:
    r"""Text as Python writes it between single quotation marks, double ones escaped as well.

    So it can stand in a docstring, and mmengine replaces nothing in it.

    >>> print(literal('C:\\Users\\"me"'))
    'C:\\Users\\\x22me\x22'
    """
    text = repr(f'"{text}')  # the double mark has Python take single ones around
    escaped = text[2:-1].replace('"', r'\x22').replace('{{', r'{\x7b')
    return f"'{escaped}'"


def quoted(path: str) -> str:
    """A path as a command line takes it."""
    return f'"{path}"' if ' ' in path else path


def beside(config: Path, name: str) -> Path:
    """The name of a file or folder beside a config, which starts as the config's does.

    >>> beside(Path('my_config.py'), 'model').as_posix()
    'my_model'
    """
    return config.with_name(f'{config.stem.removesuffix("_config")}_{name}')


def next_commands(config: Path, folder: Path, boxes: bool) -> list[str]:
    """What to type after a config was written.

    Args:
        config: The config.
        folder: Its images.
        boxes: Whether there are boxes to measure with.
    """
    epochs = Config.fromfile(config).train_cfg.get('max_epochs', 1)
    model = beside(config, 'model')
    trained = config, model / f'epoch_{epochs}.pth'
    commands = [command_line('train', config, '--work-dir', model)]
    if boxes:
        commands.append(command_line('test', *trained))
    images = seen_from_here(folder)
    return [*commands, command_line('infer', images, *trained, '--out', 'found')]
