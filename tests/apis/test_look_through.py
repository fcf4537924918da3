"""What a run over many images leaves behind to look at."""

import argparse
import csv
import json

import cv2
import numpy as np
import pytest

from mmwsol.apis.box_selection import BoxSelection
from mmwsol.apis.box_writer import BoxWriter
from mmwsol.apis.contact_sheets import ContactSheets
from mmwsol.apis.found_folder import ROOM_FILE, FoundFolder
from mmwsol.apis.look_first import Looked, in_order
from mmwsol.apis.look_through import add_folder_arguments, look_through
from mmwsol.apis.picture_folder import picture_names
from mmwsol.apis.results import draw_result
from mmwsol.interruption import Interruption
from mmwsol.io import atomic
from mmwsol.io.formats import BoxCollection, CocoFormat

CLASSES = ['cat', 'dog']


def result(name, score=0.8, label=0, reason=None, **changes):
    """A result of an image of 40 x 30, with one box unless there is a reason for none."""
    boxes = np.zeros((0, 4)) if reason else np.array([[5, 6, 20, 25.0]])
    found = dict(
        image=name,
        image_size=(30, 40),
        pred_label=label,
        pred_class=CLASSES[label],
        pred_score=0.9,
        map_label=label,
        pred_map=np.zeros((7, 7), np.float32),
        pred_bboxes=boxes,
        bbox_scores=np.full(len(boxes), score),
        map_scores=np.full(len(boxes), score / 0.9),
        class_score=0.9,
        familiarity=1.0,
        reason=reason,
    )
    return dict(found, **changes)


@pytest.fixture
def look(tmp_path, capsys):
    """Looks through results; gives the exit code, what is said, and the folder."""

    def run(results, *options, draw=None):
        parser = argparse.ArgumentParser()
        add_folder_arguments(parser)
        out = tmp_path / 'found'
        args = parser.parse_args([f'--out={out}', *options])
        found = BoxCollection(CLASSES, '', dict(threshold='otsu'))
        selection = BoxSelection(np.zeros(2), 1.0)
        outputs = [(CocoFormat('results.json'), out / 'predictions.json')]
        writer = BoxWriter(found, selection, outputs)
        image = np.full((30, 40, 3), 200, np.uint8)
        draw = draw or (lambda one: draw_result(image, one, classes=CLASSES))
        names = [one['image'] for one in results]
        folder = FoundFolder(args, names, writer, draw)
        with Interruption() as interruption:
            code = look_through(iter(results), folder, interruption)
        return code, capsys.readouterr(), out

    return run


def test_every_image_is_on_a_page_and_in_the_list(look):
    results = [result(f'{i}.jpg', score=0.9 - i / 100) for i in range(7)]
    results.append(result('none.jpg', reason='nothing above the threshold'))
    results.append(dict(image='bad.jpg', error='bad.jpg is truncated'))
    code, said, out = look(results, '--sheet=3')
    assert code == 1
    pages = sorted(out.glob('contact_sheet*.jpg'))
    names = ['contact_sheet.jpg', 'contact_sheet_002.jpg', 'contact_sheet_003.jpg']
    assert [page.name for page in pages] == names
    first, _, last = (cv2.imread(str(page)) for page in pages)
    assert last.shape[1] == first.shape[1] > last.shape[0] > 200
    with (out / 'look_first.csv').open() as file:
        rows = [*csv.DictReader(file)]
    assert [row['image'] for row in rows[:3]] == ['bad.jpg', 'none.jpg', '6.jpg']
    assert rows[0]['reason'] == 'bad.jpg is truncated'
    assert rows[1]['reason'] == 'nothing above the threshold'
    assert rows[2]['class'] == 'cat'
    assert float(rows[2]['score']) == pytest.approx(0.84)
    assert len(rows) == 9
    assert '8 images, 7 boxes, 1 without a box' in said.out
    assert 'contact_sheet.jpg and 2 more' in said.out
    *_, least = (line for line in said.out.splitlines() if 'cat 0.84' in line)
    assert least.split()[0] == '6.jpg'
    # a shorter run leaves no page of the longer one
    look(results[:2], '--sheet=3')
    assert [page.name for page in out.glob('contact_sheet*')] == names[:1]


def test_one_reason_in_the_picture_the_list_and_the_json(look, monkeypatch):
    captions = []
    monkeypatch.setattr(
        'mmwsol.visualization.drawing.draw_caption',
        lambda image, caption: captions.append(caption) or image,
    )
    reason = 'nothing above the threshold'
    _, _, out = look([result('a.jpg', reason=reason), result('b.jpg', 0.456, label=1)])
    assert captions == [f'cat: no box, {reason}', 'dog 0.46']
    content = json.loads((out / 'predictions.json').read_text())
    assert content['images'][0]['reason'] == reason
    assert content['annotations'][0]['score'] == 0.456
    assert reason in (out / 'look_first.csv').read_text()


def test_what_is_doubted_is_the_lowest_factor(look):
    sure = result('a.jpg', 0.8, familiarity=0.1, class_score=0.7)
    _, said, _ = look([sure, result('b.jpg', 0.3, familiarity=0.9)])
    assert 'least sure of the likeness to its class, 0.10' in said.out
    assert 'least sure of the map, 0.33' in said.out


@pytest.mark.parametrize(
    ('order', 'expected'),
    [('score', ['c', 'b', 'd', 'a']), ('name', ['a', 'b', 'c', 'd'])],
)
def test_orders(order, expected):
    scores = dict(a=0.9, b=None, c=None, d=0.1)
    images = [Looked(n, 'cat', s, failed=n == 'c') for n, s in scores.items()]
    assert [one.name for one in in_order(images, order)] == expected


def test_a_random_order_is_the_same_every_time():
    images = [Looked(str(i), 'cat', i / 50) for i in range(50)]
    shuffled = in_order(images, 'random')
    assert shuffled == in_order(images, 'random') != images
    assert {*shuffled} == {*images}


def test_many_images_take_no_memory(tmp_path):
    sheets = ContactSheets(tmp_path, 24)
    noise = np.random.default_rng(0).integers(0, 255, (180, 240, 3), np.uint8)
    for i in range(300):
        sheets.add(noise, Looked(f'{i}.jpg', 'cat', i / 300))
    assert all(isinstance(place, tuple) for place in sheets.kept.values())
    assert [*tmp_path.iterdir()] == []  # the file has no name
    sheets.write('score')
    assert sheets.pages == 13
    first = cv2.imread(str(tmp_path / 'contact_sheet.jpg'))
    assert 1000 < first.shape[1] < 1920
    assert first.shape[0] < 1000


@pytest.mark.parametrize(
    ('names', 'expected'),
    [
        (['gull_02.jpg', 'b/tern.JPEG'], ['gull_02.jpg', 'b/tern.JPEG']),
        (['a.png', 'a.jpg', 'a.webp'], ['a.png.jpg', 'a.jpg', 'a.webp.jpg']),
        (['a.png', 'b/a.jpg'], ['a.jpg', 'b/a.jpg']),
        (['a.png', 'a.png.jpg', 'a.jpg'], ['a.png.jpg.jpg', 'a.png.jpg', 'a.jpg']),
        (['A.jpg', 'a.png'], ['A.jpg', 'a.png.jpg']),
        (['/photos/a.tif'], ['photos/a.jpg']),
    ],
)
def test_pictures_are_called_like_images_and_no_two_alike(names, expected):
    assert picture_names(names) == dict(zip(names, expected))


def test_boxes_have_room_on_a_disk_that_pictures_fill(look, tmp_path, monkeypatch):
    write = atomic.write_atomic

    def full(file, content, sync=True):
        """A disk on which there is room for what was reserved, and for nothing else."""
        if file.suffix == '.jpg' or (file.suffix == '.json' and room.exists()):
            raise OSError(28, f'Could not write {file} (No space left on device)')
        write(file, content, sync)

    for user in ('mmwsol.io.pictures', 'mmwsol.io.formats.coco'):
        monkeypatch.setattr(f'{user}.write_atomic', full)
    results = [result(f'{i}.jpg') for i in range(40)]
    room = tmp_path / 'found' / ROOM_FILE
    code, said, out = look(results)
    assert code == 1
    content = json.loads((out / 'predictions.json').read_text())
    assert len(content['annotations']) == 40
    assert not room.exists()
    assert '42 pictures were not written' in said.err
    assert 'and 37 more' in said.err  # a few tell why


def test_a_disk_without_room_for_boxes_is_found_out_first(look, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('mmwsol.apis.found_folder.write_atomic', full)
    with pytest.raises(OSError, match='room for the boxes of 1 images in .*--out'):
        look([result('a.jpg')])


def test_an_image_that_is_gone_is_named(look):
    def draw(one):
        raise FileNotFoundError('Expected an image at a.jpg, but it is gone.')

    code, said, out = look([result('a.jpg')], draw=draw)
    assert code == 1
    assert 'Could not draw a.jpg' in said.err
    assert json.loads((out / 'predictions.json').read_text())['annotations']
