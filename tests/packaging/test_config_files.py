"""Configs by name, from any folder."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from mmengine.config import Config

import mmwsol
from mmwsol import __main__ as program
from mmwsol import config_files
from mmwsol.config_files import find_config

ROOT = Path(__file__).resolve().parents[2]
OWN = "_base_ = __import__('mmwsol').config_path('cam/resnet18_toy')\n"


@pytest.mark.parametrize('name', ['pnsc/resnet50_cub', 'pnsc/resnet50_cub.py'])
def test_a_name_is_a_file_of_the_checkout(name):
    assert mmwsol.config_path(name) == str(ROOT / 'configs/pnsc/resnet50_cub.py')


def test_every_config_has_a_name():
    for file in (ROOT / 'configs').rglob('*.py'):
        name = file.relative_to(ROOT / 'configs').as_posix()
        assert mmwsol.config_path(name) == str(file)


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(
        FileNotFoundError, match='got pnsc/resnet5_cub; the nearest'
    ) as e:
        mmwsol.config_path('pnsc/resnet5_cub')
    assert 'pnsc/resnet50_cub' in str(e.value)


@pytest.mark.parametrize(
    ('given', 'expected'),
    [
        ('configs/pnsc/resnet50_cbu.py', 'pnsc/resnet50_cub'),
        ('pnsc/resnet50', 'pnsc/resnet50_cub'),
        ('PNSC/ResNet50_CUB', 'pnsc/resnet50_cub'),
        ('my_confg.py', 'my_config.py'),
        ('own/my_confg.py', 'own/my_config.py'),
    ],
)
def test_a_path_that_is_almost_right_gets_the_nearest(
    given, expected, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for file in (tmp_path / 'my_config.py', tmp_path / 'own/my_config.py'):
        file.parent.mkdir(exist_ok=True)
        file.touch()
    with pytest.raises(FileNotFoundError, match=f'Expected a config at {given}') as e:
        find_config(given)
    assert expected in str(e.value).partition('the nearest')[2]


@pytest.mark.parametrize('name', ['../setup', str(ROOT / 'setup.py'), '', '.', 'pnsc'])
def test_no_other_file_has_a_name(name):
    with pytest.raises(FileNotFoundError, match='Expected the name of a config'):
        mmwsol.config_path(name)


def test_a_file_comes_before_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    by_name = find_config('cam/resnet18_toy.py')
    assert by_name == ROOT / 'configs/cam/resnet18_toy.py'
    (tmp_path / 'cam').mkdir()
    (tmp_path / 'cam/resnet18_toy.py').touch()
    assert find_config('cam/resnet18_toy.py') == Path('cam/resnet18_toy.py')
    with pytest.raises(FileNotFoundError, match=r'a config at no\.py, but there is no'):
        find_config('no.py')


def test_the_module_needs_no_other():
    code = (
        'import runpy, sys; before = set(sys.modules); '
        f'runpy.run_path({config_files.__file__!r}); '
        "print(*{m.partition('.')[0] for m in set(sys.modules) - before})"
    )
    done = subprocess.run(
        [sys.executable, '-S', '-c', code], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= set(sys.stdlib_module_names)


def test_a_config_in_another_folder_inherits_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path('own.py').write_text(
        OWN + 'train_cfg = dict(max_epochs=3)\n', encoding='utf-8'
    )
    own = Config.fromfile('own.py')
    assert own.pop('train_cfg').max_epochs == 3
    base = Config.fromfile(ROOT / 'configs/cam/resnet18_toy.py')
    base.pop('train_cfg')
    assert own.to_dict() == base.to_dict()


def documented() -> list:
    """Every config of the documentation that is said to work anywhere."""
    pages = [
        ROOT / 'README.md',
        *(ROOT / 'docs').glob('*.md'),
    ]  # records are of the past
    blocks = [
        (page.name, block)
        for page in pages
        for block in re.findall(
            r'^```python\n(.*?)^```', page.read_text(encoding='utf-8'), re.M | re.S
        )
        if '_base_ =' in block and "_base_ = '../" not in block
    ]
    return [
        pytest.param(block, id=f'{name}-{i}') for i, (name, block) in enumerate(blocks)
    ]


@pytest.mark.parametrize('lines', documented())
def test_documented_lines_work_in_another_folder(lines, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path('own.py').write_text(lines, encoding='utf-8')
    assert Config.fromfile('own.py').model.type == 'Localizer'


def test_a_tool_is_run_by_its_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        sys, 'argv', ['mmwsol', 'eval_maps', '--maps', 'none', '--ann', '.']
    )
    with pytest.raises(SystemExit) as end:
        program.main()
    assert end.value.code == 2
    assert (
        'eval_maps.py: error: expected a folder of maps at none'
        in capsys.readouterr().err
    )


def test_an_unknown_tool_gets_the_list_of_tools(monkeypatch, capsys):
    for argv in (['mmwsol'], ['mmwsol', '--help']):
        monkeypatch.setattr(sys, 'argv', argv)
        program.main()
        assert '  train\n' in capsys.readouterr().out
    for name in ('trian', '../setup', 'report/export', '__init__'):
        monkeypatch.setattr(sys, 'argv', ['mmwsol', name])
        with pytest.raises(SystemExit, match=re.escape(f'but got {name!r}')):
            program.main()
