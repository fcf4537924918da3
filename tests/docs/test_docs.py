"""What the documents name exists, and they are written for their readers."""

import doctest
import inspect
import re
from functools import cache
from pathlib import Path

import pytest
from mmpretrain.registry import MODELS

import mmwsol  # noqa: F401  registers the modules
from mmwsol.models.heads.pnsc_head import Opening

ROOT = Path(__file__).parents[2]
PAGES = sorted(ROOT.glob('docs/*.md'))
READMES = [ROOT / 'README.md', *sorted(ROOT.glob('configs/*/README.md'))]
# measurements of the past: their links hold, everything else is as it was
RECORDS = sorted(ROOT.glob('docs/records/*.md'))
CODE = sorted(ROOT.glob('mmwsol/**/*.py'))
DOCUMENTS = [*READMES, *PAGES, ROOT / 'CHANGELOG.md', ROOT / 'CONTRIBUTING.md']

MOST_LINES = {'README.md': 130, 'docs/pnsc.md': 120}
FORBIDDEN = (
    'to be had',
    "of one's own",
    "one's own",
    'known by heart',
    'is no number',
    'are no numbers',
    'beside other work',
    'the row of above',
)


def name(document: Path) -> str:
    return str(document.relative_to(ROOT))


def anchors(document: Path) -> set[str]:
    """As GitHub makes them of headings."""
    text = re.sub(r'^```.*?^```', '', document.read_text(), flags=re.M | re.DOTALL)
    headings = re.findall(r'^#+ +(.+)$', text, re.MULTILINE)
    return {re.sub(r'[^\w\- ]', '', h.lower()).replace(' ', '-') for h in headings}


@pytest.mark.parametrize('document', DOCUMENTS, ids=name)
def test_files_that_a_document_names_exist(document):
    text = document.read_text()
    named = set(
        re.findall(
            r'\b((?:configs|tools|mmwsol|tests|docs)/[\w./-]+\.(?:py|sh|md|yml))', text
        )
    )
    shown = set(re.findall(r'^`([\w/.]+)`:\n\n```', text, re.MULTILINE))
    missing = {path for path in named if not (ROOT / path).exists()}
    assert not missing - shown  # a document may have the reader make a file


@pytest.mark.parametrize('document', [*DOCUMENTS, *RECORDS], ids=name)
def test_links_lead_somewhere(document):
    for link in re.findall(r'\]\(([^)]+)\)', document.read_text()):
        if '://' in link:
            continue
        path, _, anchor = link.partition('#')
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_record_is_linked_from_one_page():
    linked = [
        link
        for page in PAGES
        for link in re.findall(r'\]\(records/([^)#]+)[^)]*\)', page.read_text())
    ]
    assert sorted(linked) == [record.name for record in RECORDS]


@cache
def settings() -> set[str]:
    """Every argument of mmwsol's modules, and of what they are made of."""
    own = [c for c in MODELS.module_dict.values() if c.__module__.startswith('mmwsol')]
    parents = {parent for c in own for parent in c.__mro__ if parent is not object}
    arguments = {a for c in parents for a in inspect.signature(c.__init__).parameters}
    return arguments | set(Opening._fields) | {'head', 'neck', 'init_cfg', 'checkpoint'}


@pytest.mark.parametrize('document', DOCUMENTS, ids=name)
def test_settings_that_a_document_names_exist(document):
    text = document.read_text()
    named = re.findall(r'`(?:model\.)?((?:head|neck|loss_\w+)\.[\w.]+)', text)
    assert not [key for key in named if not set(key.split('.')) <= settings()]


@pytest.mark.parametrize('document', [*READMES, *PAGES], ids=name)
def test_a_page_is_short(document):
    most = MOST_LINES.get(name(document), 199)
    # a generated table grows by a row with each method
    written = re.sub(
        r'(?s)(<!-- table: ).*?(<!-- end table)', r'\1\2', document.read_text()
    )
    assert len(written.splitlines()) <= most


@pytest.mark.parametrize('document', [*DOCUMENTS, *CODE], ids=name)
def test_a_page_speaks_as_its_readers_do(document):
    text = ' '.join(document.read_text().split())
    assert not [phrase for phrase in FORBIDDEN if phrase in text]


def test_readmes_two_commands_are_targets_of_the_makefile():
    makefile = (ROOT / 'Makefile').read_text()
    for target in ('demo', 'test'):
        assert f'make {target}' in (ROOT / 'README.md').read_text()
        assert re.search(rf'^{target}:', makefile, re.MULTILINE)
    assert 'make test' in (ROOT / '.ci/run').read_text()


@pytest.mark.parametrize('document', DOCUMENTS, ids=name)
def test_python_examples_give_what_they_say(document):
    failed, _ = doctest.testfile(str(document), module_relative=False)
    assert failed == 0


def test_the_worked_example_is_run():
    assert doctest.testfile(str(ROOT / 'docs/protocols.md'), False).attempted > 10
