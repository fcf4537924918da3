"""Files and pictures are written whole, whatever their names, or named."""

import ast
import io
import os
import resource
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmwsol.command import run_tool
from mmwsol.io.atomic import check_writable, write_atomic
from mmwsol.io.pictures import write_picture
from mmwsol.visualization import contact_sheet, draw_caption
from tests.support.models import ROOT

LATIN = os.fsdecode(b'Mu\xf1oz')
NAMES = [LATIN, 'two\nlines', 'wörter', ' outer ', f'{"x" * 251}']


def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (24, 32, 3), dtype=np.uint8)


@pytest.mark.parametrize('name', NAMES)
def test_pictures_of_any_name(tmp_path, name):
    file = tmp_path / 'new' / f'{name}.png'
    write_picture(file, noise())
    content = np.frombuffer(file.read_bytes(), np.uint8)
    np.testing.assert_array_equal(cv2.imdecode(content, cv2.IMREAD_COLOR), noise())
    assert os.listdir(file.parent) == [file.name]


@pytest.fixture
def full_disk():
    """No file may grow beyond 100 bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_leaves_what_was_there(tmp_path, request):
    file = tmp_path / 'a.jpg'
    file.write_bytes(b'former')
    request.getfixturevalue('full_disk')
    with pytest.raises(OSError, match=r'Could not write .*a.jpg.* MB free'):
        write_picture(file, noise())
    assert file.read_bytes() == b'former'
    assert os.listdir(tmp_path) == ['a.jpg']


@pytest.mark.parametrize(
    ('name', 'height', 'what'),
    [
        ('a file/below.jpg', 24, 'Not a directory'),
        ('a folder.jpg', 24, 'Is a directory'),
        (f'{"x" * 252}.jpg', 24, 'File name too long'),
        ('high.jpg', 70_000, '1 x 70000 pixels cannot be stored as .*jpg'),
        ('notes.txt', 24, "'.txt'"),
        ('none', 24, 'a file without an ending'),
    ],
)
def test_a_picture_that_is_not_written_is_an_error(tmp_path, name, height, what):
    (tmp_path / 'a file').touch()
    (tmp_path / 'a folder.jpg').mkdir()
    with pytest.raises(OSError, match=f'Could not write .*{what}'):
        write_picture(tmp_path / name, np.zeros((height, 1, 3), np.uint8))
    assert sorted(os.listdir(tmp_path)) == ['a file', 'a folder.jpg']


def test_whether_a_file_can_be_written_is_known_before(tmp_path):
    check_writable(tmp_path / 'new/a.json')
    assert os.listdir(tmp_path / 'new') == []
    (tmp_path / 'a file').touch()
    for name in ('a file/b.json', 'new', 'x' * 256):
        with pytest.raises(OSError, match='Expected a file that can be written at'):
            check_writable(tmp_path / name)


def test_text_keeps_the_bytes_of_names(tmp_path):
    write_atomic(tmp_path / 'names.txt', f'{LATIN}.jpg')
    assert (tmp_path / 'names.txt').read_bytes() == b'Mu\xf1oz.jpg'


def test_a_class_of_any_name_is_drawn():
    drawn = draw_caption(noise(), f'{LATIN} 0.97')
    assert (drawn != noise()).any()
    contact_sheet([[noise()]], [LATIN])


def test_what_is_printed_crashes_no_tool(monkeypatch):
    content = io.BytesIO()
    monkeypatch.setattr(sys, 'stdout', io.TextIOWrapper(content, encoding='utf-8'))
    with pytest.raises(SystemExit) as ended:
        run_tool(lambda: print(f'written: {LATIN}'))
    assert ended.value.code == 0
    sys.stdout.flush()
    assert content.getvalue() == b'written: Mu\\udcf1oz\n'


def test_a_users_mistake_is_a_sentence_and_a_mistake_of_ours_is_not():
    def fail(error):
        raise error

    said = 'Expected a config at x, but there is no such file.'
    worker = 'Caught ValueError in DataLoader worker process 0.\nOriginal Traceback'
    for text in (
        said,
        f'class `CustomLoc` in mmwsol/datasets/custom.py: {said}',
        f'{worker} (most recent call last):\n  File "x", line 1\nValueError: {said}\n',
    ):
        with pytest.raises(SystemExit, match=f'^{said}'):
            run_tool(lambda text=text: fail(ValueError(text)))
    with pytest.raises(ValueError, match='operands'):
        run_tool(lambda: fail(ValueError('operands could not be broadcast')))


def test_an_interruption_is_no_fault(capsys):
    def work():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        run_tool(work)
    assert ended.value.code == 130
    assert capsys.readouterr().err == '\nStopped by SIGINT.\n'


@pytest.mark.parametrize('tool', sorted(ROOT.glob('tools/**/*.py')))
def test_every_tool_is_run_so(tool):
    text = tool.read_text()
    if '__main__' in text:
        assert text.endswith("if __name__ == '__main__':\n    run_tool(main)\n")


def test_opencv_is_given_no_names():
    """At one that is not UTF-8 it crashes, and of a full disk it says nothing."""
    files = [*Path(ROOT / 'mmwsol').rglob('*.py'), *Path(ROOT / 'tools').rglob('*.py')]
    called = {
        f'{file.name}: {ast.unparse(node.func)}'
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
    }
    names = ('cv2.imread', 'cv2.imwrite', 'mmcv.imread', 'mmcv.imwrite', 'np.savez')
    assert not [call for call in called if call.split(': ')[1] in names]


def test_a_reader_that_has_read_enough_gets_no_traceback(tmp_path):
    """As ``| head`` has."""
    code = 'from mmwsol.command import run_tool; run_tool(lambda: print("x" * 10**6))'
    done = subprocess.run(
        f"{sys.executable} -c '{code}' | head -c 5",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == 'xxxxx'
    assert 'Traceback' not in done.stderr
    assert 'Nobody reads the output any more.' in done.stderr
