"""Pictures and boxes of a folder of images."""

import json
import os
import shutil
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from mmwsol.apis import LocInferencer
from mmwsol.command import run_tool
from mmwsol.io.box_files import read_box_file
from tools import infer


@pytest.fixture
def photos(cub_root, tmp_path) -> Path:
    """Three images in a folder and one below it, one of them broken, and a text."""
    folder = tmp_path / 'photos'
    (folder / 'sub').mkdir(parents=True)
    for number, name in enumerate(('a.jpg', 'b.jpg', 'sub/a.jpg')):
        bird = cub_root / f'images/001.Albatross/bird_{number}.jpg'
        (folder / name).write_bytes(bird.read_bytes())
    (folder / 'b.jpg').write_bytes((folder / 'b.jpg').read_bytes()[:200])
    (folder / 'notes.txt').write_text('not an image')
    return folder


def test_a_folder_becomes_pictures_and_boxes(trained, photos, tmp_path, capsys):
    out = tmp_path / 'found'
    code = infer.main([str(photos), *trained, '--out', str(out), '--workers', '0'])
    said = capsys.readouterr()
    assert code == 1  # not all files could be read
    assert 'b.jpg is truncated' in said.err
    assert '1 of 3 files' in said.err
    assert cv2.imread(str(out / 'pictures/sub/a.jpg')).shape == (30, 40, 3)
    assert (out / 'pictures/a.jpg').exists()
    assert cv2.imread(str(out / 'contact_sheet.jpg')) is not None
    content = json.loads((out / 'predictions.json').read_text())
    assert [image['file_name'] for image in content['images']] == ['a.jpg', 'sub/a.jpg']
    first = content['images'][0]
    assert (first['width'], first['height']) == (40, 30)
    assert content['failed'][0]['file_name'] == 'b.jpg'
    assert content['info']['threshold'] == 'otsu'
    coco = COCO(str(out / 'predictions.json'))
    for annotation in coco.loadAnns(coco.getAnnIds()):
        x, y, width, height = annotation['bbox']
        assert min(x, y) >= 0 < min(width, height)
        assert x + width <= 40.01
        assert y + height <= 30.01
        assert annotation['category_id'] in (1, 2, 3)


def test_one_image_without_pictures(trained, photos, tmp_path):
    arguments = [str(photos / 'a.jpg'), *trained, '--out', str(tmp_path / 'found')]
    assert infer.main([*arguments, '--no-pictures', '--workers', '0']) == 0
    written = sorted(p.name for p in (tmp_path / 'found').iterdir())
    assert written == ['look_first.csv', 'predictions.json', 'results.json']


@pytest.mark.parametrize('name', ['SIGINT', 'SIGTERM', 'SIGHUP'])
def test_a_run_that_is_told_to_end_keeps_what_it_found(
    trained, photos, tmp_path, monkeypatch, capsys, name
):
    stream, number = LocInferencer.stream, signal.Signals[name]

    def cut(self, *args):
        for place, result in enumerate(stream(self, *args)):
            if place == 1:
                signal.raise_signal(number)
            yield result

    monkeypatch.setattr(LocInferencer, 'stream', cut)
    before = signal.getsignal(number)
    code = infer.main(
        [str(photos), *trained, '--out', str(tmp_path / 'f'), '--workers', '0']
    )
    assert code == 128 + number
    assert signal.getsignal(number) == before
    content = json.loads((tmp_path / 'f/predictions.json').read_text())
    assert [image['file_name'] for image in content['images']] == ['a.jpg']
    assert f'Stopped by {name} after 2 of 3 images' in capsys.readouterr().err


def test_an_error_in_between_keeps_what_was_found(
    trained, photos, tmp_path, monkeypatch
):
    stream = LocInferencer.stream

    def cut(self, *args):
        yield next(stream(self, *args))
        raise RuntimeError('out of memory')

    monkeypatch.setattr(LocInferencer, 'stream', cut)
    with pytest.raises(RuntimeError, match='out of memory'):
        infer.main(
            [str(photos), *trained, '--out', str(tmp_path / 'f'), '--workers', '0']
        )
    content = json.loads((tmp_path / 'f/predictions.json').read_text())
    assert [image['file_name'] for image in content['images']] == ['a.jpg']


def test_names_of_any_bytes_become_pictures_and_boxes(
    trained, photos, tmp_path, capsys
):
    (photos / 'b.jpg').unlink()
    names = [os.fsdecode(b'Mu\xf1oz.jpg'), 'two\nlines.jpg', f'{"x" * 247}.jpg']
    for name in names:
        shutil.copy(photos / 'a.jpg', photos / name)
    out = tmp_path / os.fsdecode(b'gef\xfcllt')
    arguments = [str(photos), *trained, f'--out={out}', '--workers=0']
    with pytest.raises(SystemExit) as ended:
        run_tool(lambda: infer.main(arguments))
    assert ended.value.code == 0
    assert 'gef\\udcfcllt' in capsys.readouterr().out
    content = json.loads((out / 'predictions.json').read_text())
    assert {image['file_name'] for image in content['images']} == {
        *names,
        'a.jpg',
        'sub/a.jpg',
    }
    assert {*names} <= {p.name for p in (out / 'pictures').iterdir()}
    classes = dict.fromkeys([*names, 'a.jpg', 'sub/a.jpg'], 'any')
    found = read_box_file(out / 'predictions.json', photos, classes, 'pixels')
    assert {*found.boxes} == {*classes}


def test_a_picture_that_is_not_written_is_named(trained, photos, tmp_path, capsys):
    (photos / 'b.jpg').unlink()
    longest = f'{"x" * 251}.jpg'  # whose picture's would be one of two alike
    shutil.copy(photos / 'a.jpg', photos / longest)
    shutil.copy(photos / 'a.jpg', photos / f'{"x" * 251}.png')
    (tmp_path / 'found/pictures/a.jpg').mkdir(parents=True)
    out = tmp_path / 'found'
    assert infer.main([str(photos), *trained, f'--out={out}', '--workers=0']) == 1
    said = capsys.readouterr().err
    assert '2 pictures were not written' in said
    assert 'pictures/a.jpg' in said
    assert f'{longest[:-4]}.png.jpg' in said
    assert len(json.loads((out / 'predictions.json').read_text())['images']) == 4


def test_a_folder_that_cannot_be_filled_is_found_out_first(trained, photos, tmp_path):
    (tmp_path / 'found').write_text('a file')
    with pytest.raises(SystemExit, match='can be written at .*found/predictions.json'):
        infer.main([str(photos), *trained, f'--out={tmp_path / "found"}'])


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({0: 'nowhere'}, 'Expected an image or a folder at nowhere'),
        ({1: 'none.py'}, 'none.py'),
        ({2: 'none.pth'}, 'Expected a checkpoint at none.pth'),
        ({3: '--threshold=2'}, r'`threshold` in \[0, 1\)'),
        ({3: '--label=Penguin'}, "'Penguin'"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(trained, photos, tmp_path, wrong, message):
    arguments = [str(photos), *trained, f'--out={tmp_path / "found"}']
    for place, value in wrong.items():
        arguments[place : place + 1] = [value]
    with pytest.raises(SystemExit, match=message):
        infer.main([*arguments, '--workers', '0'])


def test_boxes_for_a_labelling_tool_lie_beside_coco_s(trained, photos, tmp_path):
    out = tmp_path / 'found'
    arguments = [str(photos), *trained, f'--out={out}', '--no-pictures', '--workers=0']
    arguments += ['--format=label-studio', '--image-url=http://here/photos']
    assert infer.main([*arguments, '--lowest-score', '0', '001.Albatross=0.1']) == 1
    tasks = json.loads((out / 'label-studio/tasks.json').read_text())
    addresses = [task['data']['image'] for task in tasks]
    assert addresses == ['http://here/photos/a.jpg', 'http://here/photos/sub/a.jpg']
    with pytest.raises(SystemExit, match='the nearest is 001.Albatross'):
        infer.main([*arguments, '--smallest', '001.Albatros=0.1'])


@pytest.mark.parametrize('size', [(1, 1), (8, 8), (1, 900), (3000, 2), (5000, 40)])
def test_images_of_any_shape_have_a_box_and_a_picture(trained, tmp_path, size):
    noise = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    cv2.imwrite(str(tmp_path / 'a.png'), noise)
    out = tmp_path / 'found'
    arguments = [str(tmp_path / 'a.png'), *trained, f'--out={out}', '--workers=0']
    assert infer.main(arguments) == 0
    content = json.loads((out / 'predictions.json').read_text())
    for annotation in content['annotations']:
        x, y, width, height = annotation['bbox']
        assert min(x, y) >= 0 < min(width, height)
        assert x + width <= size[1] + 0.01
        assert y + height <= size[0] + 0.01
    for name in ('pictures/a.jpg', 'contact_sheet.jpg'):
        assert cv2.imread(str(out / name)) is not None
