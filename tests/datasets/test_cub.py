"""CUB, and by its example what all data sets read and refuse, and that training sees no box."""

import builtins
from pathlib import Path

import numpy as np
import pytest

from mmwsol.datasets import CUBLoc
from tests.support.models import read_config

ROOT = Path(__file__).parents[2]
TEST_PIPELINE = [
    dict(type='LoadIntactImage'),
    dict(type='LoadBoxes'),
    dict(type='Resize', scale=(80, 60)),
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]


def cub(root, **kwargs):
    return CUBLoc(data_root=str(root), **kwargs)


def edit(file, change):
    lines = file.read_text().splitlines()
    file.write_text('\n'.join(change(lines)) + '\n')


def test_cub_reads_the_official_layout(cub_root):
    train, test = cub(cub_root), cub(cub_root, split='test', test_mode=True)
    assert (len(train), len(test)) == (12, 6)
    assert train.metainfo['classes'] == ('001.Albatross', '002.Auklet', '003.Wren')
    info = test.get_data_info(0)
    assert info['gt_label'] == 0
    # bounding_boxes.txt says x y width height: 4 3 24 15 of the fifth image
    assert info['instances'][0]['bbox'] == [4.0, 3.0, 28.0, 18.0]


def test_boxes_follow_the_resize(cub_root):
    test = cub(cub_root, split='test', test_mode=True, pipeline=TEST_PIPELINE)
    sample = test[0]
    assert sample['inputs'].shape == (3, 60, 80)
    # 40 x 30 became 80 x 60
    np.testing.assert_allclose(
        sample['data_samples'].gt_bboxes, [[8.0, 6.0, 56.0, 36.0]]
    )


def test_training_never_opens_the_boxes(cub_root, monkeypatch):
    (cub_root / 'bounding_boxes.txt').unlink()
    opened = []
    real = builtins.open
    monkeypatch.setattr(
        builtins,
        'open',
        lambda f, *a, **k: (opened.append(str(f)), real(f, *a, **k))[1],
    )
    train = cub(cub_root)
    assert all('instances' not in train.get_data_info(i) for i in range(len(train)))
    assert not any('bounding_boxes' in name for name in opened)


@pytest.mark.parametrize(
    'path',
    sorted(
        str(p.relative_to(ROOT / 'configs')) for p in ROOT.glob('configs/[!_]*/*.py')
    ),
)
def test_no_training_pipeline_reads_a_box_or_mask(path):
    loader = read_config(path).train_dataloader
    assert not loader.dataset.get('test_mode', False)
    text = str(loader.dataset)
    assert 'LoadBoxes' not in text
    assert 'LoadMasks' not in text
    assert 'LoadAnnotations' not in text
    # boxes that another method found are all there is without those
    assert ('gt_bboxes' in text) == ('LoadPseudoBox' in text)
    assert 'gt_seg_map' not in text


def test_held_out_images_are_shared_out(cub_root):
    train = cub(cub_root, val_per_class=1)
    val = cub(cub_root, split='val', val_per_class=1, test_mode=True)
    paths = [
        {d.get_data_info(i)['img_path'] for i in range(len(d))} for d in (train, val)
    ]
    assert (len(train), len(val)) == (9, 3)
    assert not paths[0] & paths[1]
    assert 'instances' in val.get_data_info(0)


def test_a_subset_of_classes_is_relabelled(cub_root):
    first = cub(cub_root, num_classes=2)
    assert len(first) == 8
    assert set(first.get_gt_labels()) == {0, 1}
    chosen = cub(cub_root, classes=['003.Wren', '001.Albatross'])
    assert 'Wren' in chosen.get_data_info(len(chosen) - 1)['img_path']
    assert chosen.get_data_info(len(chosen) - 1)['gt_label'] == 0


def test_wrong_data_root_is_named():
    with pytest.raises(FileNotFoundError, match=r'/nowhere/classes.txt.*`data_root`'):
        cub('/nowhere')


def test_unknown_class_is_named(cub_root):
    with pytest.raises(ValueError, match='Penguin'):
        cub(cub_root, classes=['Penguin'])


def test_more_classes_than_there_are(cub_root):
    with pytest.raises(ValueError, match='`num_classes`.*at most 3.*got 200'):
        cub(cub_root, num_classes=200)


def test_class_without_image_is_named(cub_root):
    edit(cub_root / 'classes.txt', lambda lines: [*lines, '4 004.Dodo'])
    with pytest.raises(ValueError, match='004.Dodo'):
        cub(cub_root)


def test_label_out_of_range_names_file_and_image(cub_root):
    edit(cub_root / 'image_class_labels.txt', lambda lines: ['1 9', *lines[1:]])
    with pytest.raises(
        ValueError, match="from 1 to 3 in .*image 1 .*labels.txt.*got '9'"
    ):
        cub(cub_root)


def test_malformed_line_is_named(cub_root):
    edit(cub_root / 'images.txt', lambda lines: [*lines[:3], '4', *lines[4:]])
    with pytest.raises(ValueError, match='line 4 of .*images.txt'):
        cub(cub_root)


def test_number_that_is_none_is_named(cub_root):
    edit(cub_root / 'bounding_boxes.txt', lambda lines: ['1 a b c d', *lines[1:]])
    with pytest.raises(
        ValueError, match="number in .*image 1 in .*bounding_boxes.txt.*'a'"
    ):
        cub(cub_root, split='test', test_mode=True)


def test_missing_line_is_named(cub_root):
    edit(cub_root / 'train_test_split.txt', lambda lines: lines[1:])
    with pytest.raises(ValueError, match='train_test_split.txt.*such as image 1'):
        cub(cub_root)


def test_missing_image_stops_at_the_start(cub_root):
    (cub_root / 'images/001.Albatross/bird_0.jpg').unlink()
    with pytest.raises(FileNotFoundError, match=r'bird_0.jpg does not exist'):
        cub(cub_root)


def test_broken_images_are_skipped_and_counted_when_asked(cub_root, log_messages):
    (cub_root / 'images/001.Albatross/bird_0.jpg').unlink()
    broken = cub_root / 'images/002.Auklet/bird_1.jpg'
    broken.write_bytes(broken.read_bytes()[:-200])
    (cub_root / 'images/003.Wren/bird_2.jpg').write_bytes(b'not an image')
    train = cub(cub_root, broken_images='skip')
    assert len(train) == 9
    assert any('skips 3 of 12' in m and 'is truncated' in m for m in log_messages)


def test_truncated_image_is_refused_by_name(cub_root):
    broken = cub_root / 'images/001.Albatross/bird_0.jpg'
    broken.write_bytes(broken.read_bytes()[:-200])
    train = cub(cub_root, pipeline=[dict(type='LoadIntactImage')])
    with pytest.raises(ValueError, match='bird_0.jpg is truncated'):
        train[0]


@pytest.mark.parametrize('box', ['4 3 90 15', '4 3 -2 15', '-20 3 30 15', '4 3 0 15'])
def test_box_outside_the_image_names_the_image(cub_root, box):
    edit(
        cub_root / 'bounding_boxes.txt',
        lambda lines: [*lines[:4], f'5 {box}', *lines[5:]],
    )
    test = cub(cub_root, split='test', test_mode=True, pipeline=TEST_PIPELINE)
    with pytest.raises(ValueError, match='40 x 30 pixels of .*bird_4.jpg'):
        test[0]


def test_box_outside_the_image_is_clipped_with_a_warning_when_asked(
    cub_root, log_messages
):
    edit(
        cub_root / 'bounding_boxes.txt',
        lambda lines: [*lines[:4], '5 4 3 90 15', '6 45 3 9 15', *lines[6:]],
    )
    pipeline = [TEST_PIPELINE[0], dict(type='LoadBoxes', outside='clip')]
    test = cub(cub_root, split='test', test_mode=True, pipeline=pipeline)
    np.testing.assert_array_equal(test[0]['gt_bboxes'], [[4, 3, 40, 18]])
    assert any('bird_4.jpg' in message for message in log_messages)
    assert test[1]['gt_bboxes'].shape == (0, 4)  # nothing of it is inside
    assert any('bird_5.jpg' in m and 'no pixel' in m for m in log_messages)


def test_box_out_by_a_rounding_error_is_clipped(cub_root):
    edit(
        cub_root / 'bounding_boxes.txt',
        lambda lines: [*lines[:4], '5 4 3 37 28', *lines[5:]],
    )
    test = cub(cub_root, split='test', test_mode=True, pipeline=TEST_PIPELINE[:2])
    np.testing.assert_array_equal(test[0]['gt_bboxes'], [[4, 3, 40, 30]])


@pytest.mark.parametrize(
    ('kwargs', 'key'),
    [
        (dict(split='valid'), 'split'),
        (dict(broken_images='ignore'), 'broken_images'),
        (dict(split='val'), 'val_per_class'),
        (dict(classes=['003.Wren'], num_classes=1), 'num_classes'),
    ],
)
def test_unknown_options_name_the_key(cub_root, kwargs, key):
    with pytest.raises(ValueError, match=f'`{key}`'):
        cub(cub_root, **kwargs)
