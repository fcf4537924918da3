"""Lists of strangers: no path in them leads out of the data's folder."""

import shutil
from pathlib import Path

import pytest

from mmwsol.datasets import (
    CUBLoc,
    CustomLoc,
    ImageNetLoc,
    ListLoc,
    OpenImagesLoc,
    VOCLoc,
)
from mmwsol.evaluation.samples import image_id
from mmwsol.io.text import inside
from tests.support.damage import refusal

FAST = dict(test_mode=True, serialize_data=False)
TEST = dict(split='test', **FAST)
pytestmark = pytest.mark.faults

OUT = ['../secret.jpg', 'a/../../secret.jpg', '..', '/etc/passwd']


# where a path stands, what stands there, and what reads it
LISTED = {
    'CUB': ('cub_root', 'images.txt', '001.Albatross/bird_0.jpg', CUBLoc, {}),
    'lists': ('lists', 'lists/val/image_ids.txt', 'a/1.jpg', ListLoc, {}),
    'VOC': ('voc_root', 'ImageSets/Main/val.txt', 'hard', VOCLoc, TEST),
    'OpenImages': (
        *('openimages_root', 'metadata/test/image_ids.txt'),
        *('test/01226z/00af.jpg', OpenImagesLoc, TEST),
    ),
    'masks': (
        *('openimages_root', 'metadata/test/localization.txt'),
        *('test/01226z/00af_m0_left.png', OpenImagesLoc, TEST),
    ),
}


@pytest.mark.parametrize('path', OUT)
@pytest.mark.parametrize('listed', LISTED)
def test_paths_of_lists_stay_below_the_data(listed, path, request):
    fixture, name, old, dataset, options = LISTED[listed]
    root = request.getfixturevalue(fixture)
    file, options = root / name, dict(options, data_root=str(root))
    if dataset is ListLoc:
        options = dict(lists=f'{root}/lists', data_root=f'{root}/images', **FAST)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, path, 1))
    expected = 'below the folder of the data in'
    with pytest.raises(ValueError, match=expected) as caught:
        dataset(**options)
    refusal(caught.value, file)
    if not path.startswith('/'):
        with pytest.raises(ValueError, match=expected):
            dataset(**options, absolute_paths=True)


def test_whole_paths_are_taken_where_a_data_set_says_so(cub_root, tmp_path):
    elsewhere = tmp_path / 'elsewhere.jpg'
    (cub_root / 'images/001.Albatross/bird_0.jpg').rename(elsewhere)
    file = cub_root / 'images.txt'
    file.write_text(
        file.read_text().replace('001.Albatross/bird_0.jpg', str(elsewhere))
    )
    train = CUBLoc(data_root=str(cub_root), absolute_paths=True)
    assert train.get_data_info(0)['img_path'] == str(elsewhere)


def test_images_outside_the_data_are_not_looked_for(own, imagenet):
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


def test_map_files_stay_below_their_folder():
    for path in ('../../a/b.jpg', '/a/../c.jpg', 'd/./e.jpg', '/x/y.jpg'):
        image = image_id(path, Path(''))
        assert inside(image, 'here') == image
    assert image_id('/x/y.jpg', Path('')) == 'x/y.jpg'
