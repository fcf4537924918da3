"""What the documents name exists."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    str(p.relative_to(ROOT))
    for p in [
        ROOT / 'README.md',
        *ROOT.glob('docs/*.md'),
        *ROOT.glob('configs/*/README.md'),
    ]
)


@pytest.mark.parametrize('document', DOCUMENTS)
def test_files_that_a_document_names_exist(document):
    text = (ROOT / document).read_text()
    named = set(
        re.findall(
            r'\b((?:configs|tools|mmwsol|tests)/[\w./-]+\.(?:py|sh|md|yml))', text
        )
    )
    shown = set(re.findall(r'^`([\w/.]+)`:\n\n```', text, re.MULTILINE))
    missing = {path for path in named if not (ROOT / path).exists()}
    assert not missing - shown  # a document may have the reader make a file


@pytest.mark.parametrize('document', DOCUMENTS)
def test_links_lead_somewhere(document):
    here = (ROOT / document).parent
    links = re.findall(r'\]\(([^)#]+)\)', (ROOT / document).read_text())
    local = [link for link in links if '://' not in link]
    assert not [link for link in local if not (here / link).exists()]


def test_readmes_two_commands_are_targets_of_the_makefile():
    makefile = (ROOT / 'Makefile').read_text()
    for target in ('demo', 'test'):
        assert f'make {target}' in (ROOT / 'README.md').read_text()
        assert re.search(rf'^{target}:', makefile, re.MULTILINE)
    assert 'make test' in (ROOT / '.ci/run').read_text()


@pytest.mark.parametrize('document', DOCUMENTS)
def test_python_examples_give_what_they_say(document):
    failed, _ = doctest.testfile(str(ROOT / document), module_relative=False)
    assert failed == 0


def test_the_worked_example_is_run():
    assert doctest.testfile(str(ROOT / 'docs/protocols.md'), False).attempted > 10
