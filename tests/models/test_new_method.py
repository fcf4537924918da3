"""docs/add_a_method.md as it stands: one file of code, one folder of configs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
# a file's name in backquotes, and the block that follows
FILE = re.compile(r'^`([\w/.]+)`:\n\n```\w+\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@pytest.fixture(scope='module')
def copied(tmp_path_factory):
    """The repository with the page's files added, and nothing edited."""
    root = tmp_path_factory.mktemp('with_lse')
    for folder in ('configs', 'docs', 'mmwsol', 'tests', 'tools'):
        unwanted = shutil.ignore_patterns('__pycache__')
        shutil.copytree(ROOT / folder, root / folder, ignore=unwanted)
    for file in ('README.md', 'model-index.yml', 'pyproject.toml'):
        shutil.copy(ROOT / file, root / file)
    files = FILE.findall((ROOT / 'docs/add_a_method.md').read_text())
    assert {str(Path(name).parent) for name, _ in files} == {
        'mmwsol/models/heads',
        'configs/lse',
    }
    for name, text in files:
        assert not (root / name).exists()
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


# in one process, whose imports take the longest
WORK = """
import sys
import pytest
tests = 'tests/configs/test_configs.py'
code = pytest.main([tests, '-k', 'lse or index or metafile', '-vv'])
if code:
    sys.exit(code)
from tools import train
from tools.report import __main__ as report
train.main(['configs/lse/resnet18_toy.py', '--cfg-options', *sys.argv[1:]])
report.main(['--runs', 'work_dirs/lse/resnet18_toy'])
"""
FEW = [
    'train_dataloader.dataset.num_train=24',
    'train_cfg.max_epochs=1',
    'train_cfg.val_interval=1',
    'val_dataloader.dataset.num_test=12',
]


@pytest.fixture(scope='module')
def output(copied):
    """What the tests of configs, the training and the report print."""
    environment = {
        **os.environ,
        'PYTHONPATH': str(copied),
        'OMP_NUM_THREADS': '1',
        'PYTHONWARNINGS': 'ignore',
        'NUMBA_DISABLE_JIT': '1',  # compiling takes longer than a dozen small maps
    }
    done = subprocess.run(
        [sys.executable, '-c', WORK, *FEW],
        cwd=copied,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_test_of_a_config_runs_for_a_new_method(output):
    passed = re.findall(r'::(\w+)(?:\[lse/resnet18_toy.py\])? PASSED', output)
    assert len(passed) >= 8
    assert 'FAILED' not in output


def test_a_new_method_is_trained_and_reported_by_the_same_tools(copied, output):
    meta = yaml.safe_load((copied / 'configs/lse/metafile.yml').read_text())
    metrics = meta['Models'][0]['Results'][0]['Metrics']
    assert metrics['Seeds'] == '0'
    setting = metrics['Setting']
    assert (setting['images'], setting['epochs']) == (12, 1)
    assert 'train_cfg.max_epochs=1' in setting['changed']
    assert 'not run' not in (copied / 'configs/lse/README.md').read_text()
    assert '[LSE](configs/lse/README.md)' in (copied / 'README.md').read_text()
