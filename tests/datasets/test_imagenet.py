"""ILSVRC in its layouts: what is read, and what is refused."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mmwsol.datasets import ImageNetLoc
from tests.support.folders import paths_of, put


@pytest.fixture
def imagenet_root(tmp_path):
    """Two classes in ILSVRC's layout; the validation image has two objects."""
    for synset in ('n01440764', 'n01443537'):
        (tmp_path / 'train' / synset).mkdir(parents=True)
        cv2.imwrite(
            str(tmp_path / f'train/{synset}/{synset}_1.JPEG'),
            np.zeros((20, 20, 3), np.uint8),
        )
    (tmp_path / 'val').mkdir()
    (tmp_path / 'bboxes/val').mkdir(parents=True)
    for number, synset in ((1, 'n01443537'), (2, 'n01440764')):
        name = f'ILSVRC2012_val_0000000{number}'
        cv2.imwrite(str(tmp_path / f'val/{name}.JPEG'), np.zeros((20, 20, 3), np.uint8))
        objects = ''.join(
            f'<object><name>{synset}</name><bndbox><xmin>{x}</xmin><ymin>2</ymin>'
            '<xmax>9</xmax><ymax>8</ymax></bndbox></object>'
            for x in (1, 3)
        )
        (tmp_path / f'bboxes/val/{name}.xml').write_text(
            f'<annotation>{objects}</annotation>'
        )
    return tmp_path


def test_imagenet_reads_the_official_layout(imagenet_root):
    train = ImageNetLoc(data_root=str(imagenet_root))
    test = ImageNetLoc(data_root=str(imagenet_root), split='test', test_mode=True)
    assert (len(train), len(test)) == (2, 2)
    info = test.get_data_info(0)
    assert info['gt_label'] == 1
    assert [i['bbox'] for i in info['instances']] == [[1, 2, 9, 8], [3, 2, 9, 8]]


def test_imagenet_annotation_without_object_is_named(imagenet_root):
    file = imagenet_root / 'bboxes/val/ILSVRC2012_val_00000001.xml'
    file.write_text('<annotation></annotation>')
    with pytest.raises(ValueError, match='val_00000001.xml'):
        ImageNetLoc(data_root=str(imagenet_root), split='test', test_mode=True)


def ilsvrc(root, images='', boxes='bboxes', val='val'):
    for synset in ('n01440764', 'n01443537'):
        put(root / f'{images}train/{synset}/{synset}_1.JPEG')
        put(root / f'{images}{val.format(synset)}/ILSVRC2012_val_{synset}.JPEG')
        put(
            root / f'{boxes}/val/ILSVRC2012_val_{synset}.xml',
            f'<annotation><object><name>{synset}</name><bndbox><xmin>1</xmin><ymin>2</ymin>'
            '<xmax>9</xmax><ymax>8</ymax></bndbox></object></annotation>'.encode(),
        )


@pytest.mark.parametrize(
    'layout',
    [
        dict(),
        dict(val='val/{}'),
        dict(images='Data/CLS-LOC/', boxes='Annotations/CLS-LOC'),
    ],
)
def test_ilsvrc_is_read_as_it_was_unpacked(tmp_path, layout):
    ilsvrc(tmp_path, **layout)
    test = ImageNetLoc(data_root=str(tmp_path), split='test', test_mode=True)
    assert test.get_gt_labels().tolist() == [0, 1]
    assert test.get_data_info(1)['instances'][0]['bbox'] == [1, 2, 9, 8]
    train = ImageNetLoc(data_root=str(tmp_path))
    assert [Path(path).name for path in paths_of(train)] == [
        'n01440764_1.JPEG',
        'n01443537_1.JPEG',
    ]


def test_what_systems_leave_behind_is_no_image_and_no_annotation(imagenet_root):
    before = paths_of(ImageNetLoc(data_root=str(imagenet_root)))
    for name in (
        'train/n01440764/._1.JPEG',
        'bboxes/val/._1.xml',
        'train/__MACOSX/1.JPEG',
    ):
        put(imagenet_root / name)
    assert paths_of(ImageNetLoc(data_root=str(imagenet_root))) == before
    ImageNetLoc(data_root=str(imagenet_root), split='test')
