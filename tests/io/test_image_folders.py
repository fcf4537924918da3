"""The one search for images in folders, whoever made a mess of them."""

import os

import pytest

from mmwsol.apis.inputs import list_images
from mmwsol.datasets import CustomLoc
from mmwsol.io import image_folders
from mmwsol.io.image_folders import find_folders, find_images
from mmwsol.io.names import printable
from tests.support.folders import make_animals, paths_of, put


@pytest.fixture
def animals(tmp_path):
    return make_animals(tmp_path / 'animals')


def below(root, paths):
    return [os.path.relpath(path, root).replace(os.sep, '/') for path in paths]


LEFT_BEHIND = (
    *('.hidden/1.jpg', '.hidden.jpg', '._tom.jpg', '.thumbnails/1.jpg'),
    *('@eaDir/tom.jpg/SYNOPHOTO_THUMB_M.jpg', '__MACOSX/._tom.jpg', '__MACOSX/tom.jpg'),
    *('#recycle/1.jpg', '$RECYCLE.BIN/1.jpg', 'System Volume Information/1.jpg'),
    *('Thumbs.db', 'desktop.ini', '.DS_Store', '@Recycle/1.jpg', 'lost+found/1.jpg'),
)


def test_what_systems_leave_behind_is_passed_over_by_all(animals, log_messages):
    before = paths_of(CustomLoc(data_root=str(animals)))
    for name in LEFT_BEHIND:
        put(animals / 'cat' / name)
        put(animals / name)
    assert paths_of(CustomLoc(data_root=str(animals))) == before
    assert sorted(below(animals, list_images(animals))) == sorted(before)
    assert not log_messages


def test_links_are_followed_and_nothing_is_listed_twice(tmp_path):
    put(tmp_path / 'elsewhere/deep/3.jpg')
    put(tmp_path / 'photos/z/1.jpg')
    (tmp_path / 'photos/a').symlink_to('z')  # its own name counts, not the link's
    (tmp_path / 'photos/z/up').symlink_to('..')
    (tmp_path / 'photos/more').symlink_to(tmp_path / 'elsewhere')
    (tmp_path / 'photos/again').symlink_to(tmp_path / 'elsewhere')
    (tmp_path / 'photos/2.jpg').symlink_to('z/1.jpg')
    found = find_images(tmp_path / 'photos')
    assert found.images == ['2.jpg', 'again/deep/3.jpg', 'z/1.jpg']
    assert not found.remarks()


def test_what_is_called_like_an_image_is_named(animals, log_messages):
    put(animals / 'cat/photo.jpg/thumb.jpg')
    (animals / 'cat/gone').symlink_to('nowhere')
    (animals / 'wolf').symlink_to('nowhere')
    (animals / 'cat/gone.jpg').symlink_to('nowhere.jpg')
    found = find_images(animals, 'cat')
    assert found.passed_over == {
        'cat/gone': 'is a link that leads nowhere',
        'cat/photo.jpg': 'is a folder',
    }
    listed = below(animals, list_images(animals))
    # in the list, so that it is named with what else cannot be read
    assert 'cat/gone.jpg' in listed
    assert not [path for path in listed if 'photo' in path]
    dataset = CustomLoc(data_root=str(animals), broken_images='skip')
    assert len(dataset) == 9
    passed = [message for message in log_messages if ' passes ' in message]
    for message in passed:
        assert 'passes 3 over' in message
        assert 'cat/photo.jpg is a folder' in message
        assert 'wolf is a link that leads nowhere' in message
    assert len(passed) == 2
    assert 'cat/gone.jpg is a link that leads nowhere' in log_messages[-1]


def test_a_folder_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    put(tmp_path / 'a/1.jpg')
    put(tmp_path / '2.jpg')
    real = os.listdir

    def listdir(path):
        if str(path).endswith('a'):
            raise PermissionError(13, 'Permission denied', path)
        return real(path)

    monkeypatch.setattr(image_folders.os, 'listdir', listdir)
    found = find_images(tmp_path)
    assert found.images == ['2.jpg']
    assert found.passed_over == {'a': 'cannot be opened (Permission denied)'}
    with pytest.raises(PermissionError):
        find_images(tmp_path, 'a')


def test_files_of_other_endings_are_counted_in_one_line(tmp_path, log_messages):
    for i in range(3):
        put(tmp_path / f'IMG_{i}.HEIC')
    for name in ('a.jpg', 'chrome.jfif', 'b.avif', 'c.svg', 'film.mp4', 'README'):
        put(tmp_path / name)
    assert below(tmp_path, list_images(tmp_path)) == ['a.jpg', 'chrome.jfif']
    (message,) = log_messages
    assert 'leaves 7 files out' in message
    assert '3 of .heic, 1 of none, 1 of .avif, 1 of .svg, 1 of .mp4; convert' in message


@pytest.mark.parametrize('out', ['', 'found'])
def test_the_output_of_an_earlier_run_is_left_out(animals, out, log_messages):
    before = below(animals, list_images(animals))
    found = animals / out
    for name in ('pictures/cat/tom.png.jpg', 'contact_sheet.jpg'):
        put(found / name)
    (found / 'predictions.json').write_text('{"images": []}')  # someone else's
    assert len(list_images(animals)) == len(before) + 2
    assert len(find_folders(animals)[0]) == 4
    del log_messages[:]
    (found / 'predictions.json').write_text('{"info": {"checkpoint": "a.pth"}}')
    assert below(animals, list_images(animals)) == before
    assert 'pictures is the output of tools/infer.py' in log_messages[0]
    assert CustomLoc(data_root=str(animals)).metainfo['classes'] == (
        *('Hündin', 'cat', 'fox'),
    )


def test_images_in_no_class_are_counted(animals, log_messages):
    put(animals / 'stray.jpg')
    assert len(CustomLoc(data_root=str(animals))) == 9
    (message,) = log_messages
    assert 'leaves 1 images out that lie in no class folder' in message
    assert 'stray.jpg' in message


def test_a_name_that_is_not_utf8_is_found_and_can_be_printed(tmp_path, log_messages):
    try:
        put(tmp_path / os.fsdecode(b'caf\xe9.jpg'))
        put(tmp_path / os.fsdecode(b'caf\xe9.heic'))
    except OSError:
        pytest.skip('this file system takes UTF-8 alone')
    assert len(list_images(tmp_path)) == 1
    log_messages[0].encode()
    assert printable('caf\udce9') == 'caf\\udce9'
