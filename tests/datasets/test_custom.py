"""Your own images in folders: what is read, and what is refused."""

import builtins
import shutil

import pytest

from mmwsol.datasets import CustomLoc
from tests.support.folders import (
    make_animals,
    paths_of,
    put,
)
from tests.support.images import picture, stored


@pytest.fixture
def animals(tmp_path):
    return make_animals(tmp_path / 'animals')


def own(root, **kwargs):
    return CustomLoc(data_root=str(root), **kwargs)


def test_a_folder_for_each_class(animals):
    train = own(animals)
    assert train.metainfo['classes'] == ('Hündin', 'cat', 'fox')
    assert train.get_gt_labels().tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert paths_of(train)[3:6] == [
        'cat/old ones/1.PNG',
        'cat/old ones/2/3.png',
        'cat/tom.png',
    ]


def test_the_last_images_of_a_class_are_held_out(animals):
    train = own(animals, val_per_class=1)
    val = own(animals, split='val', val_per_class=1, test_mode=True)
    assert paths_of(val) == ['Hündin/Bild 2.png', 'cat/tom.png', 'fox/2.png']
    assert len(train) == 6
    assert not set(paths_of(train)) & set(paths_of(val))


def test_a_list_of_held_out_images(animals, tmp_path):
    (tmp_path / 'val.txt').write_text('fox/0.png\ncat/tom.png\nHündin/Bild 1.png\n')
    val = own(animals, split='val', val_list=str(tmp_path / 'val.txt'))
    assert paths_of(val) == ['Hündin/Bild 1.png', 'cat/tom.png', 'fox/0.png']


def test_folders_for_training_and_testing(animals, tmp_path):
    root = tmp_path / 'split'
    shutil.copytree(animals, root / 'train')
    shutil.copytree(animals, root / 'test')
    (root / 'test/fox/2.png').unlink()
    assert (len(own(root)), len(own(root, split='test'))) == (9, 8)
    assert len(own(root, split='val', val_per_class=1)) == 3
    assert all(path.startswith('test/') for path in paths_of(own(root, split='test')))
    shutil.copytree(animals, root / 'val')
    assert paths_of(own(root, split='val'))[0] == 'val/Hündin/Bild 0.png'
    assert all(path.startswith('train/') for path in paths_of(own(root)))
    with pytest.raises(ValueError, match='neither `val_per_class` nor'):
        own(root, split='val', val_per_class=1)


def test_a_class_may_be_called_train(animals):
    shutil.copytree(animals / 'fox', animals / 'train')
    assert own(animals).metainfo['classes'] == ('Hündin', 'cat', 'fox', 'train')


def test_a_train_that_may_be_both_is_asked_about(animals):
    shutil.copytree(animals / 'cat', animals / 'train')  # has folders of its own
    with pytest.raises(ValueError, match="since its train holds folders.*'Hündin'"):
        own(animals)


def test_a_test_split_needs_images(animals):
    with pytest.raises(ValueError, match="`val_per_class` and evaluate on split='val'"):
        own(animals, split='test')


def test_a_class_that_only_the_test_folder_has_is_named(animals, tmp_path):
    shutil.copytree(animals, tmp_path / 'split/train')
    put(tmp_path / 'split/test/wolf/1.png')
    with pytest.raises(ValueError, match=r"split/test, but got \['wolf'\]"):
        own(tmp_path / 'split', split='test')


def test_an_empty_class_is_named(animals):
    (animals / 'wolf').mkdir()
    with pytest.raises(ValueError, match="'wolf'"):
        own(animals)
    assert len(own(animals, classes=['cat', 'fox'])) == 6


def test_no_images_at_all(tmp_path):
    (tmp_path / 'cat').mkdir()
    (tmp_path / 'cat/notes.txt').write_text('none yet')
    with pytest.raises(ValueError, match='Expected images .*`data_root` of CustomLoc'):
        own(tmp_path)


def test_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match='`data_root`.*nowhere'):
        own(tmp_path / 'nowhere')


def test_other_files_are_counted_once_and_hidden_ones_passed_over(
    animals, log_messages
):
    (animals / 'cat/notes.txt').write_text('')
    (animals / 'cat/film.mp4').write_text('')
    (animals / 'fox/more.TXT').write_text('')
    (animals / 'README.md').write_text('')  # in no class
    for hidden in ('.DS_Store', '._tom.png', '.cache/1.png', '@eaDir/tom.png'):
        put(animals / 'cat' / hidden)
    put(animals / '.ipynb_checkpoints/1.png')
    assert len(own(animals)) == 9
    (message,) = log_messages
    assert 'leaves 3 files' in message
    assert '2 of .txt, 1 of .mp4' in message


def test_linked_folders_are_followed(animals, tmp_path):
    (animals / 'fox').rename(tmp_path / 'elsewhere')
    (animals / 'fox').symlink_to(tmp_path / 'elsewhere')
    assert len(own(animals)) == 9


@pytest.mark.parametrize(
    ('content', 'problem'),
    [
        (b'', 'is empty'),
        (stored('JPEG', picture())[:-40], 'is truncated'),
        (stored('PNG', picture())[:-20], 'is truncated'),
        (stored('BMP', picture())[:-100], 'is not an image'),
        (stored('WEBP', picture())[:-10], 'is not an image'),
        (b'an html page that says 404', 'is not an image'),
    ],
)
def test_damaged_files_are_named_or_skipped(animals, log_messages, content, problem):
    put(animals / 'fox/0.png', content)
    pipeline = [dict(type='LoadIntactImage')]
    with pytest.raises(ValueError, match=f'fox/0.png {problem}'):
        own(animals, classes=['fox'], pipeline=pipeline)[0]
    kept = own(animals, broken_images='skip', pipeline=pipeline)
    assert len(kept) == 8
    (message,) = log_messages
    assert 'skips 1 of 9' in message
    assert f'fox/0.png {problem}' in message


def test_training_never_opens_the_boxes(animals, monkeypatch):
    (animals / 'boxes.csv').write_text('not a table at all')
    opened = []
    real = builtins.open
    monkeypatch.setattr(
        builtins,
        'open',
        lambda f, *a, **k: (opened.append(str(f)), real(f, *a, **k))[1],
    )
    train = own(animals, boxes='boxes.csv')
    assert all('instances' not in train.get_data_info(i) for i in range(len(train)))
    assert not [name for name in opened if 'boxes' in name]


def test_a_missing_box_file_is_named(animals):
    with pytest.raises(FileNotFoundError, match="`boxes` of CustomLoc.*'none.csv'"):
        own(animals, split='val', val_per_class=1, test_mode=True, boxes='none.csv')


@pytest.mark.parametrize(
    ('train', 'val', 'test'),
    [
        ('train', 'valid', 'test'),
        ('Train', 'Validation', 'Test'),
        ('training', 'dev', 'testing'),
    ],
)
def test_other_names_of_the_splits_are_understood(animals, tmp_path, train, val, test):
    for name in (train, val, test):
        shutil.copytree(animals, tmp_path / 'split' / name)
    (tmp_path / 'split' / val / 'fox/2.png').unlink()
    counts = [len(own(tmp_path / 'split', split=s)) for s in ('train', 'val', 'test')]
    assert counts == [9, 8, 9]


def test_two_folders_of_a_split_are_named(animals, tmp_path):
    for name in ('train', 'val', 'valid'):
        shutil.copytree(animals, tmp_path / 'split' / name)
    with pytest.raises(ValueError, match=r"one folder of val .* \['val', 'valid'\]"):
        own(tmp_path / 'split')


def test_classes_may_be_called_like_other_names_of_splits(animals):
    shutil.copytree(animals / 'cat', animals / 'Training')
    assert own(animals).metainfo['classes'] == ('Hündin', 'Training', 'cat', 'fox')
