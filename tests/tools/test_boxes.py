"""Boxes for a folder of photographs, without training."""

import json
import shutil

import cv2
import numpy as np
import pytest
import torch

from mmwsol.command import run_tool
from mmwsol.io.formats import placed_image
from tools import boxes

SMALL = [
    '--workers=0',
    '--cfg-options',
    'model.backbone.init_cfg=None',
    'model.backbone.base_channels=8',
    'model.backbone.stem_channels=8',
    'model.head.in_channels=256',
]


def photograph(file, generator, place=(60, 40), size=(160, 240)):
    """Grey noise with a striped disc of 50 pixels at a place, x and y."""
    file.parent.mkdir(parents=True, exist_ok=True)
    image = generator.integers(100, 130, (*size, 3), np.uint8)
    y, x = np.indices(size)
    disc = (x - place[0]) ** 2 + (y - place[1]) ** 2 < 25**2
    image[disc & (x // 4 % 2 == 0)] = (0, 0, 255)
    image[disc & (x // 4 % 2 == 1)] = (255, 255, 0)
    cv2.imwrite(str(file), image)


@pytest.fixture
def folder(tmp_path):
    generator = np.random.default_rng(0)
    for kind in ('cat', 'dog'):
        for number, x in enumerate((60, 120, 170)):
            file = tmp_path / f'photos/{kind}/{number}.jpg'
            photograph(file, generator, (x, 40 + 30 * number))
    return tmp_path / 'photos'


def find(folder, out, *options):
    """Exit code of the tool, and its file; the same random weights each time."""
    torch.manual_seed(0)
    with pytest.raises(SystemExit) as ended:
        run_tool(lambda: boxes.main([str(folder), f'--out={out}', *options, *SMALL]))
    file = out / 'predictions.json'
    return ended.value.code, json.loads(file.read_text()) if file.exists() else None


def test_folders_are_classes_and_the_disc_is_found(folder, tmp_path):
    code, content = find(folder, tmp_path / 'found')
    assert code == 0
    assert [c['name'] for c in content['categories']] == ['cat', 'dog']
    names = [image['file_name'] for image in content['images']]
    assert names == [f'{kind}/{n}.jpg' for kind in ('cat', 'dog') for n in range(3)]
    for annotation in content['annotations']:
        name = names[annotation['image_id'] - 1]
        assert annotation['category_id'] == 1 + name.startswith('dog')
        # random weights say where something differs, if not to the pixel
        x, y, width, height = annotation['bbox']
        number = int(name[4])
        assert x < (60, 120, 170)[number] < x + width
        assert y < 40 + 30 * number < y + height
    for name in ('contact_sheet.jpg', 'pictures/dog/2.jpg'):
        assert cv2.imread(str(tmp_path / 'found' / name)) is not None


def test_a_folder_without_images_is_named(folder, tmp_path, capsys):
    (folder / 'wren').mkdir()
    code, content = find(folder, tmp_path / 'found')
    assert code == 0
    assert [c['name'] for c in content['categories']] == ['cat', 'dog']
    said = 'No class is made of folders without images:\n  wren\n'
    assert said in capsys.readouterr().err


def test_an_image_of_something_else_has_no_box(folder, tmp_path):
    known, out = boxes.Colocalizer.fit, tmp_path / 'found'
    generator = np.random.default_rng(1)
    noise = generator.integers(0, 256, (160, 240, 3), np.uint8)
    cv2.imwrite(str(folder / 'cat/z.png'), noise)

    def fit_on_others(self, images, labels, *options):
        return known(self, images[:3] + images[4:], labels[:3] + labels[4:], *options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boxes.Colocalizer, 'fit', fit_on_others)
        code, content = find(folder, out)
        _, every = find(folder, out, '--lowest-score', '0')
    assert code == 0
    reasons = [image.get('reason') for image in content['images']]
    assert reasons == [*3 * [None], 'unlike the images of any class', *3 * [None]]
    assert len(content['annotations']) == 6
    assert len(every['annotations']) == 7
    strange = every['annotations'][3]
    assert (strange['familiarity'] < 0.01, strange['class_score']) == (True, 1)


def test_large_photographs_have_boxes_in_their_own_pixels(folder, tmp_path):
    _, small = find(folder, tmp_path / 'small', '--no-pictures')
    for file in folder.rglob('*.jpg'):
        image = cv2.imread(str(file))
        large = cv2.resize(image, None, fx=12, fy=12, interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(file), large)
    code, content = find(folder, tmp_path / 'large')
    assert code == 0
    first = content['images'][0]
    assert (first['width'], first['height']) == (2880, 1920)
    picture = cv2.imread(str(tmp_path / 'large/pictures/cat/0.jpg'))
    assert picture.shape == (853, 1280, 3)
    pairs = zip(small['annotations'], content['annotations'])
    for one, other in pairs:
        # a grid cell is 7 x 5 of the small pixels
        assert np.allclose(np.array(one['bbox']) * 12, other['bbox'], atol=12 * 8)


def test_photographs_of_one_kind_need_no_folders(folder, tmp_path):
    code, content = find(folder / 'cat', tmp_path / 'found', '--no-pictures')
    assert code == 0
    assert [c['name'] for c in content['categories']] == ['object']
    assert len(content['annotations']) == 3


def test_what_cannot_be_read_is_named_and_the_rest_found(folder, tmp_path, capsys):
    broken = folder / 'dog/0.jpg'
    broken.write_bytes(broken.read_bytes()[:300])
    code, content = find(folder, tmp_path / 'found')
    assert code == 1
    assert len(content['annotations']) == 5
    assert content['failed'][0]['file_name'] == 'dog/0.jpg'
    assert 'dog/0.jpg is truncated' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        ('beside', 'but got 1 beside the folders, the first'),
        ('unreadable', "but got none of 'dog'"),
        ('flat', "is not of one colour, but got none of 'dog'"),
        ('empty', 'Expected images'),
        ('file', 'Expected a folder, but got'),
        ('method', 'such as DDTHead, but got CAMHead'),
    ],
)
def test_what_is_refused_in_a_sentence(folder, tmp_path, change, said):
    options = []
    if change == 'beside':
        photograph(folder / 'x.jpg', np.random.default_rng(1))
    elif change == 'unreadable':
        for file in (folder / 'dog').iterdir():
            file.write_bytes(b'\xff\xd8 no more')
    elif change == 'flat':
        for file in (folder / 'dog').iterdir():
            cv2.imwrite(str(file), np.full((60, 80, 3), 90, np.uint8))
    elif change == 'empty':
        folder = tmp_path / 'empty'
        folder.mkdir()
    elif change == 'file':
        folder = folder / 'cat/0.jpg'
    elif change == 'method':
        options = ['--config=cam/resnet50_custom']
    code, _ = find(folder, tmp_path / 'found', *options)
    assert said in code


def test_another_format_lies_beside_coco_s(folder, tmp_path):
    out = tmp_path / 'found'
    for _ in range(2):
        code, content = find(folder, out, '--format=yolo', '--no-pictures')
        assert code == 0
    assert len(json.loads((out / 'results.json').read_text())) == 6
    for annotation in content['annotations']:
        image = content['images'][annotation['image_id'] - 1]
        label = out / f'yolo/labels/{image["file_name"].replace("/", "_")}'
        text = label.with_suffix('.txt').read_text()
        number, cx, cy, width, height = map(float, text.split())
        assert number == annotation['category_id'] - 1
        box = (cx - width / 2, cy - height / 2, width, height)
        size = (image['width'], image['height']) * 2
        np.testing.assert_allclose(
            np.multiply(box, size), annotation['bbox'], atol=0.01
        )


def test_a_full_disk_is_named_and_the_rest_kept(folder, tmp_path, monkeypatch, capsys):
    def refuse(*args):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(placed_image, '_link', refuse)
    code, content = find(folder, tmp_path / 'found', '--format=voc', '--no-pictures')
    assert code == 1
    assert len(content['annotations']) == 6
    said = capsys.readouterr().err
    assert said.count('Could not write') == 1
    assert 'voc/JPEGImages/cat_0.jpg (No space left on device)' in said


def test_images_that_are_all_alike_are_too_few(folder, tmp_path, log_messages):
    generator = np.random.default_rng(1)
    for number in range(3, 9):
        photograph(folder / f'dog/{number}.jpg', generator, (100, 20 + 10 * number))
    for number in range(3, 9):  # the same again and again
        shutil.copy(folder / 'cat/0.jpg', folder / f'cat/{number}.jpg')
    code, content = find(folder, tmp_path / 'found', '--no-pictures')
    assert code == 0
    assert len(content['images']) == 18
    said = [text for text in log_messages if 'have in common' in text]
    assert len(said) == 1
    assert "but got 3 of 'cat': boxes" in said[0]
