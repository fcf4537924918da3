"""Every import is of something that setup.py asks for."""

import ast
import sys
from importlib import metadata
from unittest import mock

import pytest

from tests.support.models import ROOT

OWN = {'mmwsol', 'tools', 'tests'}
# what comes in flavours that provide the same modules; the extra `host` has one of each
HOST = {'mmengine', 'mmcv', 'mmpretrain'}
# tools that need more than the package does, and the extra that has it
EXTRAS = {
    'mmwsol/deployment': 'onnx',
    'mmwsol/models/map_makers': 'cam',
    'tools/export_onnx.py': 'onnx',
    'tools/web_demo.py': 'web',
    'tools/average_precision.py': 'coco',
    'tools/report': 'dev',
    'tools/reproduce': 'dev',
    'tools/benchmarks': 'dev',
}
FILES = sorted(
    file.relative_to(ROOT).as_posix()
    for folder in ('mmwsol', 'tools')
    for file in ROOT.glob(f'{folder}/**/*.py')
    if '.mim' not in file.parts
)


@pytest.fixture(scope='module')
def required():
    """Names of distributions: those of the package, and of each extra."""
    with mock.patch('setuptools.setup') as setup:
        code = compile((ROOT / 'setup.py').read_text(), ROOT / 'setup.py', 'exec')
        exec(code, dict(__name__='setup', __file__=str(ROOT / 'setup.py')))
    given = setup.call_args.kwargs
    lists = {'': given['install_requires'], **given['extras_require']}
    return {key: {_name(one) for one in lines} for key, lines in lists.items()}


def _name(requirement):
    for mark in '<>=!~[; ':
        requirement = requirement.partition(mark)[0]
    return requirement.lower().replace('_', '-')


def imports(file):
    """Names of the outermost modules that a file imports, at its top or in functions."""
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.Import):
            yield from (own.name.partition('.')[0] for own in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{file} imports relatively'
            yield node.module.partition('.')[0]


def test_every_import_is_required(required):
    providers = metadata.packages_distributions()
    missing = set()
    for file in FILES:
        extras = [extra for part, extra in EXTRAS.items() if file.startswith(part)]
        allowed = required[''].union(*(required[extra] for extra in extras))
        for module in {*imports(file)} - OWN - HOST - sys.stdlib_module_names:
            names = {name.lower().replace('_', '-') for name in providers[module]}
            if not names & allowed:
                missing.add((file, module))
    assert missing == set()


def test_nothing_is_required_that_is_not_imported(required):
    providers = metadata.packages_distributions()
    imported = {module for file in FILES for module in imports(file)}
    used = {
        name.lower().replace('_', '-')
        for module in imported & providers.keys()
        for name in providers[module]
    }
    # mmpretrain imports torchvision, and does not say so
    assert required[''] - used - {'torchvision'} == set()
    assert {_name(host) for host in ('mmengine', 'mmpretrain')} <= required['host']
