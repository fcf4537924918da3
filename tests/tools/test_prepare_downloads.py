"""Tools that check downloads, on small copies of them."""

import hashlib

import cv2
import numpy as np
import pytest
from torchvision.datasets.imagenet import ARCHIVE_META

from tools.prepare import cub as prepare_cub
from tools.prepare import ilsvrc as prepare_ilsvrc


def jpeg(width=40, height=30):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (height, width, 3), dtype=np.uint8)
    return cv2.imencode('.jpg', image)[1].tobytes()


def put(file, content=None):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(jpeg() if content is None else content)


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


# --- CUB --------------------------------------------------------------------------------


SMALL_CUB = dict(classes=3, images=18, train=12, test=6)


@pytest.fixture
def cub(cub_root, capsys, monkeypatch):
    """Runs the tool on the small copy; gives exit code and output."""
    monkeypatch.setattr(prepare_cub, 'EXPECTED', SMALL_CUB)

    def run(*args):
        code = prepare_cub.main([str(cub_root), *args])
        return code, capsys.readouterr().out

    return run


def test_a_whole_cub_is_well(cub):
    for args in ((), ('--thorough',)):
        code, output = cub(*args)
        assert code == 0, output
        assert 'All is well. Next: python tools/train.py' in output
        assert 'test images              6\n' in output


def test_the_official_numbers_are_asked_for(cub_root, capsys):
    assert prepare_cub.main([str(cub_root)]) == 1
    output = capsys.readouterr().out
    for line in (
        'classes                  3, expected 200',
        'images in images.txt     18, expected 11788',
        'training images          12, expected 5994',
        'test images              6, expected 5794',
        '4 problem(s). Download or unpack again',
    ):
        assert line in output


def test_missing_and_empty_images_are_named(cub, cub_root):
    (cub_root / 'images/001.Albatross/bird_0.jpg').unlink()
    (cub_root / 'images/002.Auklet/bird_5.jpg').write_bytes(b'')
    code, output = cub()
    assert code == 1
    assert '1 images are missing:\n    001.Albatross/bird_0.jpg\n' in output
    assert '1 images are damaged:\n    002.Auklet/bird_5.jpg is empty\n' in output


def test_no_more_than_ten_are_named(cub, cub_root):
    for file in (cub_root / 'images').rglob('*.jpg'):
        file.unlink()
    code, output = cub()
    assert code == 1
    assert '18 images are missing:' in output
    assert '    and 8 more' in output
    assert output.count('bird_') == 10


def test_truncation_is_found_by_decoding(cub, cub_root):
    # an image of training: without boxes nothing opens it, unless thorough
    broken = cub_root / 'images/003.Wren/bird_1.jpg'
    broken.write_bytes(broken.read_bytes()[:-200])
    code, output = cub('--thorough', '--workers', '3')
    assert code == 1
    assert '003.Wren/bird_1.jpg is truncated' in output


def test_a_box_outside_is_a_note(cub, cub_root):
    edit(cub_root / 'bounding_boxes.txt', '5 4.0 3.0 24.0', '5 4.0 3.0 94.0')
    code, output = cub()
    assert code == 0
    assert 'note: 1 boxes leave their images' in output
    assert '001.Albatross/bird_4.jpg (40 x 30 pixels): [4.0, 3.0, 98.0, 18.0]' in output


def test_a_broken_table_is_named(cub, cub_root):
    (cub_root / 'classes.txt').unlink()
    code, output = cub()
    assert code == 1
    assert 'classes.txt, which does not exist' in output


@pytest.mark.parametrize(
    ('name', 'known', 'expected'),
    [
        ('CUB_200_2011.tgz', True, 'has the published MD5'),
        (
            'CUB_200_2011.tgz',
            False,
            'the published one is 97eceeb196236b17998738112f37',
        ),
        ('other.tgz', False, 'other.tgz is not one of CUB_200_2011.tgz'),
        ('none/CUB_200_2011.tgz', False, 'does not exist'),
    ],
)
def test_archives_are_compared(cub, tmp_path, monkeypatch, name, known, expected):
    archive = tmp_path / name
    if archive.parent == tmp_path:
        archive.write_bytes(b'an archive' * 1000)
    if known:
        digest = hashlib.md5(b'an archive' * 1000).hexdigest()
        monkeypatch.setitem(prepare_cub.MD5, name, digest)
    code, output = cub('--archive', str(archive))
    assert code == int(not known)
    assert expected in output


# --- ILSVRC -----------------------------------------------------------------------------


@pytest.fixture
def imagenet(tmp_path):
    """Two classes of 3 training and one validation image each."""
    root = tmp_path / 'imagenet'
    for number, synset in enumerate(('n01440764', 'n01443537'), start=1):
        for i in range(3):
            put(root / f'train/{synset}/{synset}_{i}.JPEG')
        name = f'ILSVRC2012_val_{number:08d}'
        put(root / f'val/{name}.JPEG')
        put(
            root / f'bboxes/val/{name}.xml',
            f'<annotation><object><name>{synset}</name><bndbox><xmin>1</xmin>'
            '<ymin>2</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object>'
            '</annotation>'.encode(),
        )
    return root


@pytest.fixture
def ilsvrc(imagenet, capsys, monkeypatch):
    small = dict(classes=2, train=6, val=2, smallest=3)
    monkeypatch.setattr(prepare_ilsvrc, 'EXPECTED', small)

    def run(*args, folder=imagenet):
        code = prepare_ilsvrc.main([str(folder), *args])
        return code, capsys.readouterr().out

    return run


def test_a_whole_ilsvrc_is_well(ilsvrc):
    for args in ((), ('--thorough',)):
        code, output = ilsvrc(*args)
        assert code == 0, output
        assert 'training images          6\n' in output
        assert 'validation images        2\n' in output


def test_kaggles_folder_is_read_as_it_is(ilsvrc, imagenet, tmp_path):
    kaggle = tmp_path / 'ILSVRC'
    (kaggle / 'Data/CLS-LOC').mkdir(parents=True)
    (kaggle / 'Annotations/CLS-LOC').mkdir(parents=True)
    for part in ('train', 'val'):
        (imagenet / part).rename(kaggle / 'Data/CLS-LOC' / part)
    (imagenet / 'bboxes/val').rename(kaggle / 'Annotations/CLS-LOC/val')
    code, output = ilsvrc('--thorough', folder=kaggle)
    assert code == 0, output


def test_what_ilsvrc_lacks_is_named(ilsvrc, imagenet):
    (imagenet / 'train/n01443537/n01443537_0.JPEG').unlink()
    (imagenet / 'val/ILSVRC2012_val_00000001.JPEG').unlink()
    (imagenet / 'bboxes/val/ILSVRC2012_val_00000002.xml').unlink()
    put(imagenet / 'train/n01443537.tar')
    code, output = ilsvrc()
    assert code == 1
    for line in (
        '1 archives in train to unpack:\n    n01443537.tar',
        'training images          5, expected 6',
        '1 classes have fewer than 3 images',
        'n01443537: 2',
        'validation annotations   1, expected 2',
        '1 annotations are missing:\n    ILSVRC2012_val_00000002.xml',
        'validation images        1, expected 2',
        '1 images are missing:\n    val/ILSVRC2012_val_00000001.JPEG',
    ):
        assert line in output


def test_damaged_training_images_are_found_by_decoding(ilsvrc, imagenet):
    put(imagenet / 'train/n01440764/n01440764_2.JPEG', jpeg()[:-100])
    assert ilsvrc()[0] == 0
    code, output = ilsvrc('--thorough')
    assert code == 1
    assert 'train/n01440764/n01440764_2.JPEG is truncated' in output


def test_a_folder_that_is_not_there(ilsvrc, tmp_path):
    code, output = ilsvrc(folder=tmp_path / 'nowhere')
    assert code == 1
    assert 'nowhere/train, which does not exist' in output


def test_known_archives_are_torchvisions():
    for part in ('train', 'val'):
        name, digest = ARCHIVE_META[part]
        assert prepare_ilsvrc.MD5[name] == digest


@pytest.mark.parametrize('name', ['cub', 'ilsvrc'])
def test_help_says_what_to_do(capsys, name):
    tool = dict(cub=prepare_cub, ilsvrc=prepare_ilsvrc)[name]
    with pytest.raises(SystemExit) as stopped:
        tool.main(['--help'])
    assert stopped.value.code == 0
    output = capsys.readouterr().out
    assert 'python tools/train.py' in output
    assert f'python tools/prepare/{name}.py' in output
