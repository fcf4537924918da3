"""Files of strangers: nothing in them is run, and nothing grows without end."""

import ast
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader

from mmwsol.datasets.voc import read_objects
from mmwsol.engine.checkpoints import load_plain
from mmwsol.io.map_folders import read_map
from mmwsol.io.text import read_json, read_xml
from tests.support.damage import DEEP, Attack, refusal, time_limit
from tools.report import __main__ as report
from tools.report.schema import read_yaml

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.faults

SOURCES = sorted([*(ROOT / 'mmwsol').rglob('*.py'), *(ROOT / 'tools').rglob('*.py')])
# what would run what is in a file, or write where a file says
RUN = {'eval', 'exec', 'compile', '__import__'}
WRITE = {'extractall', 'extract', 'unpack_archive'}
LOAD = {'full_load', 'unsafe_load', 'load_all', 'load_state_dict_from_url'}
MODULES = {'pickle', 'dill', 'shelve', 'marshal', 'joblib', 'cloudpickle'}
MODULES |= {'tarfile', 'xml.sax', 'xml.dom', 'lxml'}


def calls(tree):
    """``name, call`` of every call, such as ``torch.load``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def keyword(call, name):
    values = [k.value for k in call.keywords if k.arg == name]
    return ast.literal_eval(values[0]) if values else None


def is_problem(name, call):
    last = name.rpartition('.')[2]
    return (
        name in RUN
        or last in WRITE | LOAD | {'exec', '__import__'}
        or name.startswith(('pickle.', 'cPickle.', 'mmengine.load'))
        or name in ('fileio.load', 'load_from_json')
        or (name == 'torch.load' and keyword(call, 'weights_only') is not True)
        or (
            name in ('np.load', 'numpy.load')
            and keyword(call, 'allow_pickle') is not False
        )
        or (name == 'yaml.load' and ast.unparse(call.args[1]) != '_PlainLoader')
    )


def problems_of(tree):
    """What in a file's code could run what is in other files."""
    yield from (name for name, call in calls(tree) if is_problem(name, call))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from {own.name for own in node.names} & (MODULES - {'pickle'})
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield node.module


def test_nothing_in_the_package_or_its_tools_runs_what_is_in_a_file():
    found = {
        f'{file.relative_to(ROOT)}: {problem}'
        for file in SOURCES
        for problem in problems_of(ast.parse(file.read_text()))
    }
    assert found == set()


@pytest.mark.parametrize(
    'code',
    ['eval(x)', 'exec(x)', 'torch.load(x)', 'torch.load(x, weights_only=False)']
    + ['np.load(x)', 'np.load(x, allow_pickle=True)', 'pickle.load(x)', 'import dill']
    + ['yaml.load(x, yaml.Loader)', 'yaml.unsafe_load(x)', 'from pickle import load']
    + ['archive.extractall()', 'shutil.unpack_archive(x)', 'import tarfile']
    + ['mmengine.load(x)', 'torch.hub.load_state_dict_from_url(x)'],
)
def test_that_search_finds(code):
    assert [*problems_of(ast.parse(code))]


@pytest.mark.usefixtures('safe_loading')
@pytest.mark.parametrize('kind', ['zip', 'old', 'pickle', 'numpy'])
def test_a_checkpoint_runs_nothing(tmp_path, kind):
    evil, target = tmp_path / 'evil.pth', tmp_path / 'owned'
    content = dict(state_dict={}, meta=Attack(target))
    if kind == 'pickle':
        evil.write_bytes(pickle.dumps(content))
    elif kind == 'numpy':
        np.save(evil, np.array([Attack(target)], object))
        (tmp_path / 'evil.pth.npy').rename(evil)
    else:
        torch.save(content, evil, _use_new_zipfile_serialization=kind == 'zip')
    for load in (load_plain, CheckpointLoader.load_checkpoint):
        with pytest.raises(ValueError, match='evil.pth') as caught:
            load(str(evil))
        refusal(caught.value, tmp_path)
    assert not target.exists()


def test_a_map_runs_nothing(tmp_path):
    file, target = tmp_path / 'a.npy', tmp_path / 'owned'
    np.save(file, np.array([[Attack(target)]], object))
    score_map, problem = read_map(file)
    assert score_map is None
    assert str(file) in problem
    file.write_bytes(pickle.dumps(Attack(target)))
    assert read_map(file)[0] is None
    assert not target.exists()


@pytest.mark.parametrize(
    'text',
    ['a: !!python/object/apply:builtins.open [{target}, w]']
    + ['a: !!python/name:os.system', 'a: &b [x]\nc: *b', '- a', 'a: [', 'a: !!int ""']
    + ['a: !!bool no_bool', 'a: 2001-99-99', '[' * 5000, 'a: !!timestamp x', '{{}}: 1'],
)
def test_yaml_is_plain(repository, text):
    file, target = repository / 'configs/bas/metafile.yml', repository / 'owned'
    file.write_text(text.replace('{target}', str(target)))
    for read in (read_yaml, lambda _: report.main(['--root', str(repository)])):
        with (
            time_limit(),
            pytest.raises((ValueError, SystemExit), match='metafile.yml'),
        ):
            read(file)
    assert not target.exists()


LAUGHS = '<!DOCTYPE a [<!ENTITY a0 "ha">{}]><annotation>&a9;</annotation>'.format(
    ''.join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(9))
)
EXTERNAL = (
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>'
)
OUTER = '<!DOCTYPE annotation SYSTEM "http://127.0.0.1:9/a.dtd"><annotation/>'


@pytest.mark.parametrize('text', [LAUGHS, EXTERNAL, OUTER, LAUGHS.lower()])
@pytest.mark.parametrize('encoding', ['utf-8', 'utf-16', 'utf-7'])
def test_xml_expands_nothing(tmp_path, text, encoding):
    file = tmp_path / 'a.xml'
    file.write_bytes(text.encode(encoding))
    with time_limit(2), pytest.raises(ValueError, match='a.xml') as caught:
        read_xml(file)
    assert 'root:' not in refusal(caught.value, tmp_path)


def test_xml_and_json_of_any_depth_end(tmp_path):
    xml, deep = tmp_path / 'a.xml', tmp_path / 'a.json'
    xml.write_text('<a>' * DEEP + '</a>' * DEEP)
    deep.write_text('[' * DEEP + ']' * DEEP)
    with time_limit():
        assert read_objects(xml, boxes=True) == []
        with pytest.raises(ValueError, match='Expected JSON in .*a.json'):
            read_json(deep)


def test_the_documents_say_that_a_config_is_code():
    for name in ('README.md', 'docs/reliability.md'):
        assert 'config is Python code' in (ROOT / name).read_text()
