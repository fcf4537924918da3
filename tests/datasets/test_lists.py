"""Images named by wsolevaluation's lists: what is read, and what is refused."""

import shutil

import numpy as np
import pytest

from mmwsol.datasets import ListLoc
from mmwsol.io.map_folders import read_annotations
from tests.support.folders import brightest, configured, put
from tests.support.images import picture, turned


@pytest.fixture
def lists(tmp_path):
    """wsolevaluation's lists of two birds of a class and one of another, and the images."""
    labels = {'001.Albatross/1.jpg': 0, '001.Albatross/2.jpg': 0, '002.Auklet/3.jpg': 1}
    folder = tmp_path / 'metadata/CUB/val'
    folder.mkdir(parents=True)
    lines = dict(
        image_ids=list(labels),
        class_labels=[f'{image},{label}' for image, label in labels.items()],
        image_sizes=[f'{image},40,30' for image in labels],
        localization=[f'{image},8,6,20,24' for image in labels]
        + ['002.Auklet/3.jpg,1,2,3,4'],
    )
    for name, own_lines in lines.items():
        (folder / f'{name}.txt').write_text('\n'.join(own_lines) + '\n')
    for image in labels:
        put(tmp_path / 'CUBV2' / image, turned(picture(color=(255, 255, 255))))
    return tmp_path / 'metadata/CUB'


def test_lists_stand_in_for_a_configs_test_images(lists):
    root = lists.parent.parent / 'CUBV2'
    changes = dict(type='ListLoc', lists=str(lists), split='val')
    val = configured('cub', root, **changes)
    assert isinstance(val, ListLoc)
    assert val.metainfo['classes'] == ('001.Albatross', '002.Auklet')
    assert val.get_gt_labels().tolist() == [0, 0, 1]
    scale = np.array([224 / 40, 224 / 30] * 2)
    boxes = val[2]['data_samples'].gt_bboxes
    np.testing.assert_allclose(
        boxes, [[8, 6, 20, 24] * scale, [1, 2, 3, 4] * scale], rtol=1e-6
    )
    assert abs(brightest(val[0]) - boxes[0]).max() < 8  # stored pixels


def test_training_on_lists_reads_labels_alone(lists):
    shutil.copytree(lists / 'val', lists / 'train')
    (lists / 'train/localization.txt').unlink()
    (lists / 'train/image_sizes.txt').unlink()
    root = str(lists.parent.parent / 'CUBV2')
    train = ListLoc(lists=str(lists), data_root=root, split='train')
    assert len(train) == 3
    assert 'instances' not in train.get_data_info(0)
    with pytest.raises(FileNotFoundError, match='localization.txt'):
        ListLoc(lists=str(lists), data_root=root, split='train', test_mode=True)


def test_classes_without_a_folder_of_their_own_are_numbers(lists):
    labels = (lists / 'val/class_labels.txt').read_text()
    (lists / 'val/class_labels.txt').write_text(labels.replace('2.jpg,0', '2.jpg,1'))
    val = ListLoc(lists=str(lists), data_root=str(lists.parent.parent / 'CUBV2'))
    assert val.metainfo['classes'] == ('0', '1')


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(split='test'), "lists of split='test' in .*CUB/test"),
        (dict(val_per_class=1), 'neither `val_per_class` nor `val_list` of ListLoc'),
        (dict(data_root='/nowhere'), '3 of 3 images of ListLoc .*Albatross/1.jpg'),
    ],
)
def test_wrong_lists_are_explained(lists, change, message):
    settings = dict(data_root=str(lists.parent.parent / 'CUBV2'), test_mode=True)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        ListLoc(lists=str(lists), **{**settings, **change})


def test_negative_labels_are_refused(lists):
    labels = (lists / 'val/class_labels.txt').read_text()
    (lists / 'val/class_labels.txt').write_text(labels.replace('1.jpg,0', '1.jpg,-1'))
    with pytest.raises(ValueError, match="from 0 to .* in line 1 of .*, but got '-1'"):
        ListLoc(lists=str(lists))


@pytest.mark.parametrize('changed', [1, 3])
def test_sizes_in_the_lists_are_compared_with_the_pictures(
    lists, log_messages, changed
):
    file = lists / 'val/image_sizes.txt'
    file.write_text(file.read_text().replace(',40,30', ',20,15', changed))
    options = dict(split='val', lists=str(lists), test_mode=True)
    options['data_root'] = str(lists.parent.parent / 'CUBV2')
    if changed == 3:
        with pytest.raises(ValueError, match='3 of 3 images .* 40 x 30 pixels, and 20'):
            ListLoc(**options)
    else:
        ListLoc(**options)
        assert 'other sizes than in' in log_messages[1]
        assert '1 of 3 images' in log_messages[1]


def test_boxes_of_another_unit_in_the_lists_are_refused(lists):
    file = lists / 'val/localization.txt'
    file.write_text('002.Auklet/3.jpg,0.1,0.2,0.5,0.6\n')
    with pytest.raises(
        ValueError, match='localization.txt, but no coordinate is above'
    ):
        read_annotations(lists / 'val')
    file.write_text('002.Auklet/3.jpg,10,20,50,60\n')
    (remark,) = read_annotations(lists / 'val').remarks
    assert '1 of 1 boxes leave their images' in remark


def test_a_map_with_its_sides_swapped_is_known(lists):
    found = read_annotations(lists / 'val')
    assert found.is_turned('002.Auklet/3.jpg', (40, 30))
    assert not found.is_turned('002.Auklet/3.jpg', (30, 40))
    assert not found.is_turned('002.Auklet/3.jpg', (28, 28))
