"""Damaged lists and annotations of every data set: used rightly, or refused by name.

Of each file hundreds of damaged copies are read with ``--long``. What is taken must be what
a parser of a few lines, written here, finds in the same bytes; the rest must end in one
sentence that names the file. What the sentences say is tested beside each reader.
"""

import csv
import io
import json
import re
from functools import partial
from xml.etree import ElementTree

import numpy as np
import pytest

from mmwsol.datasets import (
    CUBLoc,
    CustomLoc,
    ImageNetLoc,
    ListLoc,
    OpenImagesLoc,
    VOCLoc,
)
from tests.support.damage import BINARY, strike
from tests.support.folders import VOC_NAMES, lines_of, rows, table

PIPELINE = [dict(type='LoadIntactImage'), dict(type='LoadBoxes', outside='stop')]
pytestmark = pytest.mark.faults


def build(dataset, root, **options):
    options = dict(split='test', pipeline=PIPELINE) | options
    return dataset(data_root=str(root), test_mode=True, serialize_data=False, **options)


def infos(dataset):
    return [dataset.get_data_info(index) for index in range(len(dataset))]


def check_dataset(make, expected):
    """Compares what a data set found with ``{path: (label, [boxes])}`` of another parser."""
    dataset = make()
    found = {}
    for info in infos(dataset):
        labels = np.atleast_1d(info['gt_label']).tolist()
        assert all(0 <= label < len(dataset.metainfo['classes']) for label in labels)
        boxes = [tuple(own['bbox']) for own in info.get('instances', ())]
        assert np.isfinite(np.array(boxes, float)).all()
        found[info['img_path']] = (info['gt_label'], boxes)
    assert found == expected()
    problems = []
    for index in range(len(dataset)):
        try:
            sample = dataset[index]
        except ValueError as error:  # a box that leaves its image
            problems.append(error)
            continue
        height, width = sample['img_shape'][:2]
        x0, y0, x1, y1 = sample['gt_bboxes'].reshape(-1, 4).T
        assert ((x0 >= 0) & (y0 >= 0) & (x1 <= width) & (y1 <= height)).all()
        assert ((x0 < x1) & (y0 < y1)).all()
    if problems:
        raise problems[0]


def test_cub(cub_root, tries):
    def expected():
        labels, splits, boxes = (
            {row[0]: [*map(float, row[1:])] for row in rows(cub_root / f'{name}.txt')}
            for name in ('image_class_labels', 'train_test_split', 'bounding_boxes')
        )
        found = {}
        for key, path in rows(cub_root / 'images.txt'):
            x, y, w, h = boxes[key]
            if splits[key] == [0]:
                place = str(cub_root / 'images' / path)
                found[place] = (int(labels[key][0]) - 1, [(x, y, x + w, y + h)])
        return found

    use = partial(check_dataset, partial(build, CUBLoc, cub_root), expected)
    strike(sorted(cub_root.glob('*.txt')), use, cub_root, tries(25, 500))


def parsed_xml(file):
    """The same with strings, and no parser of XML but its check that it is XML."""
    text = file.read_text('utf-8-sig')
    ElementTree.fromstring(text)
    return re.findall(r'<object\s*>.*?</object\s*>', text, re.DOTALL)


def inner(text, key):
    return re.search(rf'<{key}\s*>(.*?)</{key}\s*>', text, re.DOTALL)[1]


def corners(text):
    return tuple(float(inner(text, k)) for k in ('xmin', 'ymin', 'xmax', 'ymax'))


@pytest.mark.parametrize(
    ('layout', 'images', 'boxes'),
    [
        ('imagenet', 'val', 'bboxes/val'),
        ('kaggle', 'Data/CLS-LOC/val', 'Annotations/CLS-LOC/val'),
    ],
)
def test_imagenet_annotations(layout, images, boxes, request, tries):
    root = request.getfixturevalue(layout)
    files = sorted((root / boxes).glob('*.xml'))

    def expected():
        found = {}
        for file in files:
            objects = parsed_xml(file)
            label = ('n01440764', 'n01443537').index(inner(objects[0], 'name'))
            place = str(root / images / f'{file.stem}.JPEG')
            found[place] = (label, [corners(own) for own in objects])
        return found

    use = partial(check_dataset, partial(build, ImageNetLoc, root), expected)
    strike(files, use, root, tries(25, 500))


def test_voc_annotations(voc_root, tries):
    for file in voc_root.glob('Annotations/*.xml'):  # a line for each element
        file.write_text(file.read_text().replace('><', '>\n<'))
    images = voc_root / 'ImageSets/Main/val.txt'
    kept = {name: i for i, name in enumerate(VOC_NAMES)}

    def expected():
        found = {}
        for (image,) in rows(images):
            own = []
            for text in parsed_xml(voc_root / f'Annotations/{image}.xml'):
                text = re.sub(r'<part\s*>.*?</part\s*>', '', text, flags=re.DOTALL)
                x0, y0, x1, y1 = corners(text)
                name = inner(text, 'name').strip()
                hard = '<difficult' in text and float(inner(text, 'difficult')) == 1
                own.append((name, hard, (x0 - 1, y0 - 1, x1, y1)))
            counted = [(n, box) for n, hard, box in own if not hard and n in kept]
            labels = sorted({kept[name] for name, _ in counted})
            if any(name in kept for name, _, _ in own):
                place = str(voc_root / f'JPEGImages/{image}.jpg')
                found[place] = (labels, [box for _, box in counted])
        return found

    make = partial(build, VOCLoc, voc_root, classes=VOC_NAMES)
    files = [*sorted(voc_root.glob('Annotations/*.xml')), images]
    strike(files, partial(check_dataset, make, expected), voc_root, tries(25, 500))


def test_lists(lists, tries):
    folder, images = lists / 'lists/val', lists / 'images'

    def expected():
        labels = dict(table(folder / 'class_labels.txt'))
        places = table(folder / 'localization.txt')
        return {
            str(images / image): (
                int(float(labels[image])),
                [tuple(map(float, row[1:])) for row in places if row[0] == image],
            )
            for (image,) in table(folder / 'image_ids.txt')
        }

    make = partial(build, ListLoc, images, lists=str(lists / 'lists'), split='val')
    use = partial(check_dataset, make, expected)
    strike(sorted(folder.iterdir()), use, lists, tries(25, 500))


def test_openimages_lists(openimages_root, tries):
    root, folder = openimages_root, openimages_root / 'metadata/test'

    def expected():
        labels = dict(table(folder / 'class_labels.txt'))
        found = {}
        for (image,) in table(folder / 'image_ids.txt'):
            pairs = [
                tuple(str(root / word) if word else '' for word in row[1:])
                for row in table(folder / 'localization.txt')
                if row[0] == image
            ]
            found[str(root / image)] = (int(float(labels[image])), pairs)
        return found

    def use():
        assert {
            info['img_path']: (info['gt_label'], info.get('seg_map_path', []))
            for info in infos(build(OpenImagesLoc, root, pipeline=()))
        } == expected()

    strike(sorted(folder.iterdir()), use, root, tries(25, 500))


@pytest.mark.parametrize('kind', ['openimages', 'voc'])
def test_masks(kind, request, tries):
    root = request.getfixturevalue(f'{kind}_root')
    steps = [dict(type=step) for step in ('LoadIntactImage', 'LoadMasks')]
    if kind == 'voc':
        dataset = build(VOCLoc, root, pipeline=steps, classes=VOC_NAMES)
        files = sorted(root.glob('SegmentationClass/*.png'))
    else:
        dataset = build(OpenImagesLoc, root, pipeline=steps)
        files = sorted(root.glob('test/*/*.png'))

    def use():
        for sample in (dataset[index] for index in range(len(dataset))):
            if 'gt_seg_map' in sample:
                mask, count = sample['gt_seg_map'], np.size(sample['gt_label'])
                assert mask.shape == sample['img_shape'][:2]
                assert mask.dtype == np.uint8
                assert set(np.unique(mask)) <= {*range(count + 1), 255}

    strike(files, use, root, tries(20, 500), BINARY, some_taken=False)


PATHS = ('cat/1.png', 'cat/2.png', 'dog/1.png', 'dog/3.png')


def by_image(found):
    """Boxes of each image of the fixture ``own``, from pairs of a name and a box."""
    boxes = {path: [] for path in PATHS}
    for name, box in found:
        parts = name.strip().replace('\\', '/').split('/')
        end = '/' + '/'.join(part for part in parts if part not in ('', '.'))
        (path,) = (path for path in PATHS if f'/{path}'.endswith(end))
        boxes[path].append(box)
    return boxes


def parsed_csv(root):
    lines = csv.reader(
        io.StringIO((root / 'boxes.csv').read_text('utf-8-sig')), skipinitialspace=True
    )
    header = [name.strip().lower() for name in next(lines)]
    cells = [dict(zip(header, row)) for row in lines if ''.join(row).strip()]
    names = 'x0', 'y0', 'x1', 'y1'
    return by_image((c['image'], tuple(float(c[k]) for k in names)) for c in cells)


def parsed_coco(root):
    content = json.loads((root / 'boxes.json').read_text('utf-8-sig'))
    names = {image['id']: image['file_name'] for image in content['images']}
    found = []
    for own_box in content['annotations']:
        x, y, w, h = map(float, own_box['bbox'])
        found.append((names[own_box['image_id']], (x, y, x + w, y + h)))
    return by_image(found)


@pytest.mark.parametrize('name', ['boxes.csv', 'boxes.json', 'val.txt', 'classes.txt'])
def test_own_images(own, name, tries):
    names, classes = own / 'val.txt', own / 'classes.txt'

    def expected():
        boxes = (parsed_coco if name == 'boxes.json' else parsed_csv)(own)
        listed, kept = lines_of(names), lines_of(classes)
        return {
            str(own / path): (kept.index(path[:3]), boxes[path])
            for path in PATHS
            if path in listed and path[:3] in kept
        }

    boxes = name if name.startswith('boxes') else 'boxes.csv'
    options = dict(boxes=boxes, val_list=str(names), classes=str(classes), split='val')
    make = partial(build, CustomLoc, own, **options)
    use = partial(check_dataset, make, expected)
    strike([own / name], use, own, tries(20, 500))
