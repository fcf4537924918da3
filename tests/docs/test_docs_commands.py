"""What the documents tell a reader to type."""

import importlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import cv2
import pytest
from mmengine.config import Config
from pycocotools.coco import COCO

from mmwsol.config_files import find_config
from mmwsol.datasets.toy import ToyShapes
from tests.support.commands import ENVIRONMENT, plain

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [ROOT / 'README.md', *ROOT.glob('docs/*.md'), *ROOT.glob('configs/*/README.md')]
)
STANDING_FOR_A_CONFIG = ('my_config.py', 'CONFIG')


def commands(document: Path) -> list[str]:
    """Indented lines that start a tool or a module, continued ones joined."""
    text = re.sub(r' *\\\n +', ' ', document.read_text())
    start = r'mmwsol \w|python (?:tools/\S+\.py|-m (?:tools|tests)\.)'
    found = re.findall(rf'^    ((?:{start}).*)$', text, re.MULTILINE)
    return [re.sub(r'\s+#.*', '', command) for command in found]


def words(command: str) -> list[str]:
    """As a shell splits the command, braces expanded, patterns left as they are."""
    done = subprocess.run(
        ['bash', '-c', f"set -f; printf '%s\\n' {command}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def module_and_arguments(command: str) -> tuple:
    """What a tool's file, `-m tools.report` or `mmwsol train` runs, and with what."""
    program, first, *arguments = words(command)
    if program == 'mmwsol':
        name = f'tools.{first.replace("/", ".")}'
    elif first == '-m':
        name, *arguments = arguments
        if importlib.util.find_spec(name).submodule_search_locations is not None:
            name += '.__main__'
    else:
        name = first.removesuffix('.py').replace('/', '.')
    return importlib.import_module(name), arguments


class Parsed(Exception):
    """What a tool was told."""


def parsed(loaded, arguments: list[str], monkeypatch) -> Namespace:
    """A tool's arguments as it reads them; argparse ends the test where they are wrong."""
    if hasattr(loaded, 'parse_args'):
        return loaded.parse_args(arguments)
    parse = ArgumentParser.parse_args

    def stop(parser, argv):
        raise Parsed(parse(parser, argv))

    with monkeypatch.context() as patch:
        patch.setattr(ArgumentParser, 'parse_args', stop)
        with pytest.raises(Parsed) as told:
            loaded.main(arguments)
    return told.value.args[0]


def parent_of(config: Config, key: str):
    """What an option is set in; raises if there is no such thing."""
    part = config
    for name in key.split('.')[:-1]:
        part = part[int(name)] if name.isdigit() else part[name]
    return part


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """A folder to work in that looks like the repository."""
    for name in ('tools', 'configs', 'mmwsol'):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    'document', [str(d.relative_to(ROOT)) for d in DOCUMENTS if commands(d)]
)
def test_commands_are_understood(document, checkout, monkeypatch):
    """Tools take the arguments, and configs have a place for the options."""
    for folder in ('MAPS', 'ANNOTATIONS'):
        (checkout / folder).mkdir()
    for command in commands(ROOT / document):
        loaded, arguments = module_and_arguments(command)
        if '--help' in arguments:
            continue
        told = parsed(loaded, arguments, monkeypatch)
        file = getattr(told, 'config', None)
        options = getattr(told, 'cfg_options', None)
        if not (file and options) or str(file) in STANDING_FOR_A_CONFIG:
            continue
        config = Config.fromfile(find_config(file))
        for key in options:
            assert parent_of(config, key) is not None, f'{command}: {key}'


SMALLER = {
    'tools/boxes.py': [
        *('--workers', '0', '--cfg-options', 'model.backbone.init_cfg=None'),
        *('model.backbone.base_channels=8', 'model.backbone.stem_channels=8'),
        'model.head.in_channels=256',
    ],
    'tools/prepare/custom.py': ['--val-per-class', '2', '--backbone', 'mobilenetv2'],
    'tools/train.py': [
        '--cfg-options',
        'model.backbone.init_cfg=None',
        'train_cfg.max_epochs=1',
        'train_cfg.val_interval=1',
        'train_dataloader.batch_size=9',
        'train_dataloader.num_workers=0',
        'train_dataloader.persistent_workers=False',
        'val_dataloader.num_workers=0',
        'val_dataloader.persistent_workers=False',
    ],
    'tools/test.py': [
        '--cfg-options',
        'test_dataloader.num_workers=0',
        'test_dataloader.persistent_workers=False',
    ],
    'tools/infer.py': ['--workers', '0'],
    'tools/export_boxes.py': ['--workers', '0'],
}


@pytest.fixture
def newcomer(checkout) -> Path:
    """A folder of pictures in three classes, boxes of theirs, and some photos."""
    toy = ToyShapes()
    lines = ['image,x0,y0,x1,y1']
    for number in range(72):
        scene = toy.draw(number, 'train')
        label = number % 6
        if label > 2:
            continue
        file = checkout / f'animals/{("cat", "dog", "fox")[label]}/{number}.png'
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), scene.image)
        box = ','.join(map(str, scene.box))
        lines.append(f'{file.parent.name}/{file.name},{box}')
    (checkout / 'animals/boxes.csv').write_text('\n'.join(lines))
    (checkout / 'photos').mkdir()
    for number in range(4):
        image = toy.draw(number, 'test').image
        cv2.imwrite(str(checkout / f'photos/{number}.jpg'), image)
    return checkout


def test_getting_started_starts(newcomer):
    """Every command of the page, in its order; fewer epochs and no downloads."""
    ran = []
    for command in commands(ROOT / 'docs/getting_started.md'):
        if 'web_demo' in command:  # would not end; test_web_demo.py serves the page
            continue
        _, tool, *arguments = words(command)
        if tool == 'tools/prepare/custom.py':  # so that a threshold can be chosen
            arguments += ['--boxes', 'boxes.csv']
        if tool == 'tools/train.py' and '--cfg-options' in arguments:
            arguments = arguments[: arguments.index('--cfg-options')]
        module = tool.removeprefix('tools/').removesuffix('.py').replace('/', '.')
        code, output = plain(module, *arguments, *SMALLER[tool], at=newcomer)
        assert code == 0, f'{command}\n{output}'
        ran.append(tool)
    assert ran.count('tools/infer.py') == 2
    assert ran[0] == 'tools/boxes.py'
    assert {'tools/train.py', 'tools/test.py', 'tools/export_boxes.py'} <= set(ran)
    found = json.loads((newcomer / 'found/predictions.json').read_text())
    assert len(found['images']) == 4
    assert found['info']['threshold'] == 'val.json'
    assert (newcomer / 'found/contact_sheet.jpg').exists()
    assert len(COCO('boxes.json').getImgIds()) == 30  # 36 without two held out of each

    page = (ROOT / 'docs/getting_started.md').read_text()
    (program,) = re.findall(r'```python\n(.*?)```', page, re.DOTALL)
    done = subprocess.run(
        [sys.executable, '-c', program],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('photos/') == 4
    shutil.rmtree(newcomer / 'my_model')


@pytest.mark.parametrize(
    ('page', 'expected'),
    [
        (
            'configs',
            {
                'model.head.loss_fusion': dict(
                    type='SoftFusionLoss',
                    weights=(1.0, 1.5),
                    loss_weight=5.0,
                    area_weights=(0.4, 0.4),
                ),
                'train_cfg.max_epochs': 50,
                'train_dataloader.dataset.type': 'CUBLoc',
            },
        ),
        (
            'reliability',
            {
                'custom_hooks.0.type': 'ClassCountHook',
                'custom_hooks.1.type': 'FiniteLossHook',
                'custom_hooks.1.action': 'skip',
                'model.head.type': 'PNSCHead',
            },
        ),
    ],
)
def test_the_config_of_a_page_is_read_in_any_folder(
    page, expected, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / f'docs/{page}.md').read_text()
    (program,) = re.findall(r'```python\n(.*?)```', text, re.DOTALL)
    Path('own.py').write_text(program)
    config = Config.fromfile('own.py')
    for key, value in expected.items():
        *_, name = key.split('.')
        assert parent_of(config, key)[name] == value, key
