"""YOLO and VOC, read back by supervision, and what becomes of the images."""

import csv
import os
import shutil

import cv2
import numpy as np
import pytest
import supervision
import yaml
from PIL import Image

from mmwsol.io.atomic import os as atomic_os
from mmwsol.io.formats import VOCFormat, YOLOFormat, placed_image
from mmwsol.io.images import is_turned, read_image
from tests.support.folders import put
from tests.support.found_boxes import CLASSES, FOUND, collected
from tests.support.images import picture

NAMES = ['cat_1.jpg', 'dog_1.jpg', 'dog_1_2.png', 'my,_Mañana_★_cat.jpg', 'turned.jpg']
CLEAN = ['cat', "dog: 'big' #1", 'cat (2)', 'no']


def read(form, folder):
    """What supervision reads: class names, and detections by the name of the image."""
    load = supervision.DetectionDataset
    if form.name == 'yolo':
        data = load.from_yolo(
            *map(str, (folder / 'images', folder / 'labels', folder / 'data.yaml'))
        )
    else:
        data = load.from_pascal_voc(
            *map(str, (folder / 'JPEGImages', folder / 'Annotations'))
        )
    return data.classes, {os.path.basename(path): own for path, _, own in data}


@pytest.mark.parametrize('form', [YOLOFormat(), VOCFormat()], ids=lambda own: own.name)
def test_supervision_reads_the_same_boxes(found, tmp_path, form):
    assert form.write(found, tmp_path / 'out') == []
    classes, read_back = read(form, tmp_path / 'out')
    if form.name == 'yolo':
        assert classes == CLEAN
    assert sorted(read_back) == sorted(NAMES)
    for name, (_, _, label, boxes) in zip(NAMES, FOUND):
        own = read_back[name]
        assert {classes[number] for number in own.class_id} <= {CLEAN[label]}
        expected = np.array(boxes, float).reshape(-1, 4)
        if form.name == 'voc':
            expected = expected.round()
        np.testing.assert_allclose(own.xyxy, expected, atol=0.01)


def test_files_of_yolo_are_as_trainers_want_them(found, tmp_path):
    YOLOFormat().write(found, tmp_path)
    lines = (tmp_path / 'labels/dog_1.txt').read_text().splitlines()
    assert lines[0] == '1 0.5000000 0.5000000 1.0000000 1.0000000'
    assert [len(line.split()) for line in lines] == [5, 5]
    assert (tmp_path / 'labels/dog_1_2.txt').read_text() == ''  # background
    content = yaml.safe_load((tmp_path / 'data.yaml').read_text(encoding='utf-8'))
    assert content == dict(train='images', val='images', nc=4, names=CLEAN)
    with (tmp_path / 'sources.csv').open(encoding='utf-8') as file:
        sources = {row['image']: row['source'] for row in csv.DictReader(file)}
    assert sources == dict(zip(NAMES, (own[0] for own in FOUND)))


def test_voc_counts_from_1_to_the_last_pixel(found, tmp_path):
    VOCFormat().write(found, tmp_path)
    text = (tmp_path / 'Annotations/my,_Mañana_★_cat.xml').read_text(encoding='utf-8')
    for side, value in dict(xmin=40, ymin=30, xmax=40, ymax=30).items():
        assert f'<{side}>{value}</{side}>' in text
    listed = (tmp_path / 'ImageSets/Main/train.txt').read_text(encoding='utf-8')
    assert listed.split() == [name.rpartition('.')[0] for name in NAMES]


@pytest.mark.parametrize('reading', ['turned as EXIF says', 'as it is stored'])
def test_a_turned_photograph_has_its_box_for_every_reader(found, tmp_path, reading):
    """The red rectangle is where the box is, whether a trainer heeds EXIF or not."""
    YOLOFormat().write(found, tmp_path)
    file = tmp_path / 'images/turned.jpg'
    flag = cv2.IMREAD_COLOR
    if reading == 'as it is stored':
        flag |= cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imread(str(file), flag)
    assert image.shape[:2] == (40, 30)
    assert Image.open(file).size == (30, 40)
    red = image[..., 2] > 128
    rows, columns = np.flatnonzero(red.any(1)), np.flatnonzero(red.any(0))
    shown = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    cx, cy, w, h = map(float, (tmp_path / 'labels/turned.txt').read_text().split()[1:])
    box = (cx - w / 2) * 30, (cy - h / 2) * 40, (cx + w / 2) * 30, (cy + h / 2) * 40
    np.testing.assert_allclose(box, shown, atol=0.01)
    np.testing.assert_allclose(box, FOUND[-1][3][0], atol=0.01)


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP', 'TIFF', 'MPO'])
@pytest.mark.parametrize('orientation', range(1, 9))
def test_turned_images_of_all_kinds_are_written_upright(tmp_path, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    shown = picture((40, 30), (8, 6, 20, 24))
    source, target = tmp_path / f'a.{kind.lower()}', tmp_path / 'placed'
    shown.save(source, kind, exif=exif)
    height, width = read_image(source).shape[:2]
    for _ in range(2):
        placed_image.place_image(str(source), target, (height, width), 'copy')
    assert not is_turned(target)
    stored = cv2.imread(
        str(target), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    )
    by_pillow = np.array(Image.open(target).convert('RGB'), int)
    displayed = read_image(source)[..., ::-1].astype(int)
    for own in (stored, by_pillow):
        # red of a few pixels of a JPEG that was written twice
        assert np.mean(np.abs(own - displayed)) < 6


@pytest.mark.parametrize('way', ['link', 'symlink', 'copy'])
def test_how_images_come_into_the_folder(found, photos, tmp_path, way):
    for _ in range(2):  # the second run finds what the first one made
        assert YOLOFormat(way).write(found, tmp_path / 'out') == []
    source, file = photos / 'cat/1.jpg', tmp_path / 'out/images/cat_1.jpg'
    assert file.is_symlink() == (way == 'symlink')
    assert os.path.samefile(file, source) == (way != 'copy')
    assert file.read_bytes() == source.read_bytes()
    assert not [*tmp_path.rglob('*.part')]


@pytest.mark.parametrize('way', ['link', 'symlink'])
def test_a_disk_without_links_gets_copies(found, photos, tmp_path, monkeypatch, way):
    def refuse(*paths):
        raise OSError(95, 'Operation not supported')

    monkeypatch.setattr(placed_image.os, 'link', refuse)
    monkeypatch.setattr(placed_image.os, 'symlink', refuse)
    assert YOLOFormat(way).write(found, tmp_path / 'out') == []
    file = tmp_path / 'out/images/cat_1.jpg'
    assert file.read_bytes() == (photos / 'cat/1.jpg').read_bytes()
    assert not os.path.samefile(file, photos / 'cat/1.jpg')


@pytest.mark.parametrize('form', [YOLOFormat(), VOCFormat()], ids=lambda own: own.name)
def test_a_second_run_leaves_nothing_of_images_that_are_gone(
    found, photos, tmp_path, form
):
    form.write(found, tmp_path / 'out')
    own = tmp_path / 'out' / form.annotation_folder / 'of_mine.txt'
    own.write_text('kept')
    again = collected(photos)
    del again.found['dog/1.jpg']
    form.check(tmp_path / 'out')
    assert form.write(again, tmp_path / 'out') == []
    assert (photos / 'dog/1.jpg').exists()
    left = {file.name for file in (tmp_path / 'out' / form.image_folder).iterdir()}
    # dog/1.png has the name that dog/1.jpg had, and what it had itself is gone
    assert left == {*NAMES} - {'dog_1.jpg', 'dog_1_2.png'} | {'dog_1.png'}
    stems = {file.stem for file in own.parent.glob(f'*{form.ending}')} - {'of_mine'}
    assert stems == {name.rpartition('.')[0] for name in left}
    assert own.read_text() == 'kept'


def test_a_folder_of_the_user_s_own_is_refused(tmp_path):
    put(tmp_path / 'labels/1.txt')
    with pytest.raises(ValueError, match='which has other files; name another one'):
        YOLOFormat().check(tmp_path)


def test_images_that_are_there_already_are_not_lost(found, photos, tmp_path):
    """Photographs in the very folder that is written."""
    (tmp_path / 'out/images').mkdir(parents=True)
    shutil.copy(photos / 'cat/1.jpg', tmp_path / 'out/images/cat_1.jpg')
    found.found = {'cat/1.jpg': found.found['cat/1.jpg']}
    found.found['cat/1.jpg'].file = str(tmp_path / 'out/images/cat_1.jpg')
    for _ in range(2):
        assert YOLOFormat().write(found, tmp_path / 'out') == []
    assert cv2.imread(str(tmp_path / 'out/images/cat_1.jpg')) is not None


def test_an_image_that_cannot_be_placed_is_named_and_not_background(
    found, photos, tmp_path
):
    """An image without labels would teach that there is nothing on it."""
    (photos / 'dog/1.jpg').unlink()
    (problem,) = YOLOFormat().write(found, tmp_path)
    assert 'Could not write' in problem
    assert 'images/dog_1.jpg' in problem
    assert not (tmp_path / 'labels/dog_1.txt').exists()
    assert not (tmp_path / 'images/dog_1.jpg').exists()
    assert (tmp_path / 'labels/turned.txt').exists()


@pytest.mark.parametrize('full', ['labels', 'images'])
def test_a_full_disk_is_one_sentence(found, tmp_path, monkeypatch, full):
    def refuse(*args):
        raise OSError(28, 'No space left on device')

    if full == 'labels':
        monkeypatch.setattr(atomic_os, 'fsync', refuse)
    else:
        monkeypatch.setattr(placed_image, '_link', refuse)
    (problem,) = YOLOFormat('copy').write(found, tmp_path)
    assert 'Could not write' in problem
    assert 'No space left on device' in problem


def test_classes_without_names_are_numbers(tmp_path, found):
    found.classes = [str(number) for number in range(len(CLASSES))]
    YOLOFormat().write(found, tmp_path)
    assert read(YOLOFormat(), tmp_path)[0] == ['0', '1', '2', '3']
