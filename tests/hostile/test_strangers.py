"""What comes from strangers: paths that lead out, files that would run, visitors of a page."""

import ast
import pickle
import shutil
from pathlib import Path

import cv2
import gradio
import numpy as np
import pytest
import torch
from gradio_client import Client, handle_file
from mmengine.runner.checkpoint import CheckpointLoader

from mmwsol.datasets import (
    CUBLoc,
    CustomLoc,
    ImageNetLoc,
    ListLoc,
    OpenImagesLoc,
    VOCLoc,
)
from mmwsol.datasets.voc import read_objects
from mmwsol.engine.safe_loading import load_plain
from mmwsol.evaluation import MapFiles
from mmwsol.io.text import inside, read_json, read_xml
from tests.apis.test_use import page, tool, trained  # noqa: F401  fixtures
from tests.hostile.test_hostile_images import png, stored
from tests.hostile.test_hostile_input import (  # noqa: F401  fixtures
    FAST,
    imagenet,
    lists,
    openimages,
    own,
    repository,
    voc,
)
from tests.support.mutations import DEEP, refusal, time_limit
from tests.tools.test_eval_maps import eval_maps
from tools.report.yaml_file import read_yaml

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.faults


# --- paths ------------------------------------------------------------------------------

OUT = ['../secret.jpg', 'a/../../secret.jpg', '..', '/etc/passwd']


@pytest.mark.parametrize('path', OUT)
def test_paths_of_lists_stay_below_the_data(path, cub_root, lists, voc, openimages):  # noqa: F811
    cub = lambda **kw: CUBLoc(data_root=str(cub_root), **kw)  # noqa: E731
    by_list = lambda **kw: ListLoc(  # noqa: E731
        lists=str(lists / 'lists'),
        data_root=str(lists / 'images'),
        test_mode=True,
        serialize_data=False,
        **kw,
    )
    masks = lambda **kw: OpenImagesLoc(  # noqa: E731
        data_root=str(openimages),
        split='test',
        test_mode=True,
        serialize_data=False,
        **kw,
    )
    objects = lambda **kw: VOCLoc(  # noqa: E731
        data_root=str(voc), split='test', test_mode=True, serialize_data=False, **kw
    )
    ids = lists / 'lists/val/image_ids.txt'
    cases = [
        (cub, cub_root / 'images.txt', 'bird_0.jpg', '001.Albatross/bird_0.jpg'),
        (by_list, ids, '1.jpg', 'a/1.jpg'),
        (objects, voc / 'ImageSets/Main/val.txt', 'hard', 'hard'),
        (
            masks,
            openimages / 'metadata/test/image_ids.txt',
            '00af',
            'test/01226z/00af.jpg',
        ),
        (masks, openimages / 'metadata/test/localization.txt', 'left.png', None),
    ]
    for build, file, _, old in cases:
        text = file.read_text()
        old = old or text.split(',')[1]
        file.write_text(text.replace(old, path, 1))
        with pytest.raises(
            ValueError, match='below the folder of the data in'
        ) as caught:
            build()
        assert str(file) in refusal(caught.value, file)
        if not path.startswith('/'):
            with pytest.raises(ValueError, match='below the folder of the data in'):
                build(absolute_paths=True)
        file.write_text(text)


def test_whole_paths_are_taken_where_a_data_set_says_so(cub_root, tmp_path):
    elsewhere = tmp_path / 'elsewhere.jpg'
    (cub_root / 'images/001.Albatross/bird_0.jpg').rename(elsewhere)
    file = cub_root / 'images.txt'
    file.write_text(
        file.read_text().replace('001.Albatross/bird_0.jpg', str(elsewhere))
    )
    train = CUBLoc(data_root=str(cub_root), absolute_paths=True)
    assert train.get_data_info(0)['img_path'] == str(elsewhere)


def test_images_outside_the_data_are_not_looked_for(own, imagenet):  # noqa: F811
    secret = own.parent / 'secret.png'
    shutil.copy(own / 'cat/1.png', secret)
    (own / 'boxes.csv').write_text('image,x0,y0,x1,y1\n../secret.png,1,1,2,2\n')
    with pytest.raises(ValueError, match="are not there, the first: '../secret.png'"):
        CustomLoc('boxes.csv', data_root=str(own), split='val', val_per_class=1, **FAST)
    (own / 'val.txt').write_text('../secret.png\n')
    with pytest.raises(ValueError, match='training images of .*val.txt.*secret'):
        CustomLoc(data_root=str(own), val_list=str(own / 'val.txt'))
    file = imagenet / 'bboxes/val/ILSVRC2012_val_00000000.xml'
    file.write_text(file.read_text().replace('n01440764', '../val', 1))
    with pytest.raises(ValueError, match="val_00000000.xml to be a folder .*'../val'"):
        ImageNetLoc(data_root=str(imagenet), split='test')


def test_links_below_the_data_are_the_users_own(cub_root, tmp_path):
    (cub_root / 'images').rename(tmp_path / 'elsewhere')
    (cub_root / 'images').symlink_to(tmp_path / 'elsewhere')
    assert len(CUBLoc(data_root=str(cub_root))) == 12


@pytest.mark.parametrize('path', ['..', 'a/..', '../a', '', '.', '/a', 'a/../b'])
def test_paths_that_leave(path):
    with pytest.raises(ValueError, match='in line 3'):
        inside(path, 'line 3')


@pytest.mark.parametrize('path', ['a', 'a/b.jpg', '...', 'a..b/c', 'a b', '.a'])
def test_paths_that_stay(path):
    assert inside(path, 'line 3') == path


def test_map_files_stay_below_their_folder(tmp_path):
    writer = MapFiles(tmp_path / 'maps')
    for path in ('../../a/b.jpg', '/a/../c.jpg', 'd/./e.jpg', '/x/y.jpg'):
        image = writer._image_id(path)
        assert inside(image, 'here') == image
    assert writer._image_id('/x/y.jpg') == 'x/y.jpg'


# --- code -------------------------------------------------------------------------------

SOURCES = sorted([*(ROOT / 'mmwsol').rglob('*.py'), *(ROOT / 'tools').rglob('*.py')])
# what would run what is in a file, or write where a file says
BANNED = {
    'eval',
    'exec',
    'compile',
    '__import__',
    'extractall',
    'extract',
    'unpack_archive',
}
MODULES = {'pickle', 'dill', 'shelve', 'marshal', 'joblib', 'cloudpickle'}
MODULES |= {'tarfile', 'zipfile', 'xml.sax', 'xml.dom', 'lxml'}


def calls(tree):
    """``name, call`` of every call, such as ``torch.load``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def keyword(call, name):
    values = [k.value for k in call.keywords if k.arg == name]
    return ast.literal_eval(values[0]) if values else None


def problems_of(tree):
    """What in a file's code could run what is in other files."""
    for name, call in calls(tree):
        last = name.rpartition('.')[2]
        if name in BANNED or last in BANNED - {'eval', 'compile'}:
            yield name
        if name == 'torch.load' and keyword(call, 'weights_only') is not True:
            yield name
        if name.startswith(('pickle.', 'cPickle.')):
            yield name
        if (
            name in ('np.load', 'numpy.load')
            and keyword(call, 'allow_pickle') is not False
        ):
            yield name
        if last in ('full_load', 'unsafe_load', 'load_all', 'load_state_dict_from_url'):
            yield name
        if name == 'yaml.load' and ast.unparse(call.args[1]) != '_PlainLoader':
            yield name
        if name.startswith('mmengine.load') or name in (
            'fileio.load',
            'load_from_json',
        ):
            yield name
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


class Attack:
    """Creates a file when unpickled."""

    def __init__(self, target):
        self.target = str(target)

    def __reduce__(self):
        return (open, (self.target, 'w'))


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
    score_map, problem = eval_maps.load_map(file)
    assert score_map is None
    assert str(file) in problem
    file.write_bytes(pickle.dumps(Attack(target)))
    assert eval_maps.load_map(file)[0] is None
    assert not target.exists()


@pytest.mark.parametrize(
    'text',
    ['a: !!python/object/apply:builtins.open [{target}, w]']
    + ['a: !!python/name:os.system', 'a: &b [x]\nc: *b', '- a', 'a: [', 'a: !!int ""']
    + ['a: !!bool no_bool', 'a: 2001-99-99', '[' * 5000, 'a: !!timestamp x', '{{}}: 1'],
)
def test_yaml_is_plain(repository, text):  # noqa: F811
    file, target = repository / 'configs/bas/metafile.yml', repository / 'owned'
    file.write_text(text.replace('{target}', str(target)))
    for read in (read_yaml, lambda _: tool('report').main(['--root', str(repository)])):
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


# --- the page ---------------------------------------------------------------------------

HUGE = 2_000_000


@pytest.fixture
def address(page):  # noqa: F811
    """Of the page, with limits of 2 MB and 25 million pixels."""
    blocks = page.blocks('mmwsol')
    blocks.launch(
        server_name='127.0.0.1',
        share=False,
        show_error=False,
        max_file_size='2mb',
        prevent_thread_lock=True,
        quiet=True,
    )
    yield blocks.local_url
    blocks.close()


UPLOADS = {
    'broken': (stored('JPEG')[:-50], 'This file is truncated.'),
    'wide': (png(6000, 5000), 'This file has more than 25000000 pixels.'),
    'bomb': (png(60_000, 60_000), ''),
    'text': (b'Traceback, it says, in /etc/passwd', ''),
    'empty': (b'', ''),
    'huge': (stored('PNG') + bytes(HUGE), ''),
}


def test_a_visitor_sees_neither_path_nor_traceback(address, tmp_path):
    client = Client(address, verbose=False, download_files=str(tmp_path))
    for name, (content, expected) in UPLOADS.items():
        file = tmp_path / f'{name}.jpg'
        file.write_bytes(content)
        with pytest.raises(Exception) as caught:  # noqa: PT011  httpx's or gradio's own
            client.predict(handle_file(str(file)), api_name='/look')
        said = str(caught.value)
        assert expected in said, name
        for secret in ('Traceback', str(ROOT), str(tmp_path), 'site-packages', '.py'):
            assert secret not in said, name
    file = tmp_path / 'good.jpg'
    file.write_bytes(stored('JPEG'))
    scores = client.predict(handle_file(str(file)), api_name='/look')
    assert {one['label'] for one in scores['confidences']} <= {
        '001.Albatross', '002.Auklet', '003.Wren'
    }  # fmt: skip


def test_the_page_is_this_machines_alone_and_limited(trained, monkeypatch):  # noqa: F811
    given = {}
    monkeypatch.setattr(
        gradio.Blocks, 'launch', lambda self, **kwargs: given.update(kwargs)
    )
    demo = tool('web_demo')
    demo.main([*trained])
    assert given['server_name'] == '127.0.0.1'
    assert given['max_file_size'] == '20mb'
    assert (given['share'], given['show_error']) == (False, False)
    demo.main([*trained, '--max-size', '3', '--host', '0.0.0.0'])
    assert (given['server_name'], given['max_file_size']) == ('0.0.0.0', '3mb')
    assert demo.parse_args([*trained]).max_pixels == 25_000_000


def test_a_long_thin_picture_is_not_enlarged_without_end(page, tmp_path):  # noqa: F811
    cv2.imwrite(str(tmp_path / 'line.png'), np.full((10_000, 1, 3), 90, np.uint8))
    kept, _ = page.look(str(tmp_path / 'line.png'))
    picture, _, _ = page.draw(kept, True, 0.5, 'largest')
    assert picture.shape == (10_000, 1, 3)
