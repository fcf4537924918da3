"""Every command says how it is used, and nothing else."""

import ast

import pytest

from tests.support.commands import plain
from tests.support.models import ROOT

TOOLS = sorted(
    str(file.relative_to(ROOT / 'tools').with_suffix('')).replace('/', '.')
    for file in ROOT.glob('tools/**/*.py')
    if "if __name__ == '__main__'" in file.read_text()
)


@pytest.mark.parametrize('tool', TOOLS)
def test_help(tool):
    code, output = plain(tool, '--help')
    assert code == 0, output
    assert output.startswith('usage'), output
    assert 'Warning' not in output


@pytest.mark.parametrize('tool', TOOLS)
def test_the_host_is_imported_by_mmwsol_first(tool):
    """Which keeps to itself what mmcv-lite says of the operators that it lacks."""
    file = ROOT / f'tools/{tool.replace(".", "/")}.py'
    imports = [
        node.module
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ImportFrom)
    ]
    own = [i for i, name in enumerate(imports) if name.startswith(('mmwsol', 'tools'))]
    loud = [i for i, name in enumerate(imports) if name.startswith(('mmp', 'mmcv'))]
    assert min(own, default=0) <= min(loud, default=99)
