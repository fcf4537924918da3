"""Every command says how it is used."""

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
    assert 'usage' in output
