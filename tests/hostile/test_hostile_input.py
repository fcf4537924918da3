"""Damaged files of every kind that the package reads: used rightly, or refused by name.

Of each file hundreds of damaged copies are read. What is taken must be what a parser of a few
lines, written here, finds in the same bytes; the rest must end in one sentence that names
the file. What the sentences say is tested beside each reader.
"""

import csv
import io
import json
import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
import torch
import yaml

from mmwsol.datasets import (
    CUBLoc,
    CustomLoc,
    ImageNetLoc,
    ListLoc,
    OpenImagesLoc,
    VOCLoc,
)
from mmwsol.engine.safe_loading import load_plain
from mmwsol.functional.box_report import tuned_metrics
from mmwsol.functional.checks import map_problem
from mmwsol.functional.protocol import get_protocol
from mmwsol.io.map_folders import read_annotations
from tests.datasets.test_openimages import root as openimages  # noqa: F401  a fixture
from tests.datasets.test_voc import NAMES
from tests.datasets.test_voc import root as voc  # noqa: F401  a fixture
from tests.support.mutations import BINARY, TEXT, strike
from tests.tools.test_eval_maps import eval_maps
from tools.report import Tables, export
from tools.report.box_curves import read_box_curves
from tools.report.export import read_results
from tools.report.runs import _span
from tools.report.scalars import read_entries

ROOT = Path(__file__).parents[2]
PIPELINE = [dict(type='LoadIntactImage'), dict(type='LoadBoxes', outside='stop')]
FAST = dict(test_mode=True, serialize_data=False)
pytestmark = pytest.mark.faults


def check_dataset(build, expected):
    """Compares what a data set found with ``{path: (label, [boxes])}`` of another parser."""
    dataset = build()
    found = {}
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
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


# --- data sets --------------------------------------------------------------------------


def rows(file):
    return [
        line.split() for line in file.read_text('utf-8-sig').split('\n') if line.strip()
    ]


def test_cub(cub_root, tries):
    def expected():
        labels, splits, boxes = (
            {
                row[0]: [float(word) for word in row[1:]]
                for row in rows(cub_root / f'{n}.txt')
            }
            for n in ('image_class_labels', 'train_test_split', 'bounding_boxes')
        )
        found = {}
        for key, path in rows(cub_root / 'images.txt'):
            x, y, w, h = boxes[key]
            if splits[key] == [0]:
                place = str(cub_root / 'images' / path)
                found[place] = (int(labels[key][0]) - 1, [(x, y, x + w, y + h)])
        return found

    def build():
        options = dict(
            split='test', test_mode=True, serialize_data=False, pipeline=PIPELINE
        )
        return CUBLoc(data_root=str(cub_root), **options)

    files = sorted(cub_root.glob('*.txt'))
    taken, _ = strike(
        files, lambda: check_dataset(build, expected), cub_root, tries(25, 500)
    )
    assert taken


@pytest.fixture
def imagenet(tmp_path):
    """Two classes; each validation image has two objects."""
    for number, synset in enumerate(('n01440764', 'n01443537')):
        for place in (
            f'train/{synset}/{synset}_1',
            f'val/ILSVRC2012_val_0000000{number}',
        ):
            file = tmp_path / f'{place}.JPEG'
            file.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(file), np.zeros((20, 20, 3), np.uint8))
        lines = ['<annotation>', f'  <filename>{number}</filename>']
        for x in (1, 3):
            lines += ['  <object>', f'    <name>{synset}</name>', '    <bndbox>']
            lines += [f'      <xmin>{x}</xmin>', '      <ymin>2</ymin>']
            lines += ['      <xmax>9</xmax>', '      <ymax>8</ymax>']
            lines += ['    </bndbox>', '  </object>']
        file = tmp_path / f'bboxes/val/ILSVRC2012_val_0000000{number}.xml'
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('\n'.join([*lines, '</annotation>\n']))
    return tmp_path


@pytest.fixture
def kaggle(imagenet):
    """The same, in the layout of Kaggle's archive."""
    root = imagenet / 'ILSVRC'
    for old, new in (('train', 'Data'), ('val', 'Data'), ('bboxes/val', 'Annotations')):
        (root / new / 'CLS-LOC').mkdir(parents=True, exist_ok=True)
        (imagenet / old).rename(root / new / 'CLS-LOC' / Path(old).name)
    return root


def parsed_xml(file):
    """The same with strings, and no parser of XML but its check that it is XML."""
    text = file.read_text('utf-8-sig')
    ElementTree.fromstring(text)
    return re.findall(r'<object\s*>.*?</object\s*>', text, re.DOTALL)


def inner(text, key):
    return re.search(rf'<{key}\s*>(.*?)</{key}\s*>', text, re.DOTALL)[1]


def corners(text):
    return tuple(float(inner(text, k)) for k in ('xmin', 'ymin', 'xmax', 'ymax'))


@pytest.mark.parametrize('layout', ['imagenet', 'kaggle'])
def test_imagenet_annotations(layout, request, tries):
    root = request.getfixturevalue(layout)
    images, boxes = (
        ('Data/CLS-LOC/val', 'Annotations/CLS-LOC/val')
        if layout == 'kaggle'
        else ('val', 'bboxes/val')
    )
    files = sorted((root / boxes).glob('*.xml'))

    def expected():
        found = {}
        for file in files:
            objects = parsed_xml(file)
            label = ('n01440764', 'n01443537').index(inner(objects[0], 'name'))
            place = str(root / images / f'{file.stem}.JPEG')
            found[place] = (label, [corners(own) for own in objects])
        return found

    def build():
        options = dict(
            split='test', test_mode=True, serialize_data=False, pipeline=PIPELINE
        )
        return ImageNetLoc(data_root=str(root), **options)

    use = lambda: check_dataset(build, expected)  # noqa: E731
    taken, _ = strike(files, use, root, tries(25, 500))
    assert taken


def test_voc_annotations(voc, tries):  # noqa: F811
    for file in voc.glob('Annotations/*.xml'):  # a line for each element
        file.write_text(file.read_text().replace('><', '>\n<'))
    files = sorted(voc.glob('Annotations/*.xml')) + [voc / 'ImageSets/Main/val.txt']
    kept = {name: i for i, name in enumerate(NAMES)}

    def expected():
        found = {}
        for (image,) in rows(voc / 'ImageSets/Main/val.txt'):
            own = []
            for text in parsed_xml(voc / f'Annotations/{image}.xml'):
                text = re.sub(r'<part\s*>.*?</part\s*>', '', text, flags=re.DOTALL)
                x0, y0, x1, y1 = corners(text)
                name = inner(text, 'name').strip()
                hard = '<difficult' in text and float(inner(text, 'difficult')) == 1
                own.append((name, hard, (x0 - 1, y0 - 1, x1, y1)))
            counted = [(n, box) for n, hard, box in own if not hard and n in kept]
            labels = sorted({kept[name] for name, _ in counted})
            if any(name in kept for name, _, _ in own):
                place = str(voc / f'JPEGImages/{image}.jpg')
                found[place] = (labels, [box for _, box in counted])
        return found

    def build():
        options = dict(
            classes=NAMES,
            split='test',
            test_mode=True,
            serialize_data=False,
            pipeline=PIPELINE,
        )
        return VOCLoc(data_root=str(voc), **options)

    use = lambda: check_dataset(build, expected)  # noqa: E731
    taken, _ = strike(files, use, voc, tries(25, 500))
    assert taken


@pytest.fixture
def lists(tmp_path):
    """wsolevaluation's lists of three images in two classes."""
    ids = ['a/1.jpg', 'a/2.jpg', 'b/3.jpg']
    for image in ids:
        file = tmp_path / 'images' / image
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), np.zeros((20, 30, 3), np.uint8))
    folder = tmp_path / 'lists/val'
    folder.mkdir(parents=True)
    lines = dict(
        image_ids=ids,
        class_labels=[f'{image},{int(image[0] == "b")}' for image in ids],
        image_sizes=[f'{image},30,20' for image in ids],
        localization=[f'{image},{x},2,17,15' for image in ids for x in (3, 5)],
        predicted_classes=[f'{image},1,0' for image in ids],
    )
    for name, own in lines.items():
        (folder / f'{name}.txt').write_text('\n'.join(own) + '\n')
    return tmp_path


def table(file):
    text = file.read_text('utf-8-sig')
    lines = [line for line in text.split('\n') if line.strip()]
    return [[word.strip() for word in line.split(',')] for line in lines]


def test_lists(lists, tries):
    folder = lists / 'lists/val'

    def expected():
        labels = dict(table(folder / 'class_labels.txt'))
        places = table(folder / 'localization.txt')
        return {
            str(lists / 'images' / image): (
                int(float(labels[image])),
                [tuple(map(float, row[1:])) for row in places if row[0] == image],
            )
            for (image,) in table(folder / 'image_ids.txt')
        }

    def build():
        return ListLoc(
            lists=str(lists / 'lists'),
            data_root=str(lists / 'images'),
            test_mode=True,
            serialize_data=False,
            pipeline=PIPELINE,
        )

    use = lambda: check_dataset(build, expected)  # noqa: E731
    taken, _ = strike(sorted(folder.iterdir()), use, lists, tries(25, 500))
    assert taken


def test_annotations_of_maps_in_files(lists, tries):
    folder = lists / 'lists/val'

    def use():
        found = read_annotations(folder)
        sizes = {row[0]: row[1:] for row in table(folder / 'image_sizes.txt')}
        classes = {row[0]: row[1:] for row in table(folder / 'predicted_classes.txt')}
        for (image,) in table(folder / 'image_ids.txt'):
            assert found.sizes[image] == tuple(float(word) for word in sizes[image])
            if image in classes:
                assert found.classes[image] == [float(word) for word in classes[image]]
        part = eval_maps.judge(
            found.ids, lists, lists, found, get_protocol('bas'), (0.5,)
        )
        assert part.problems.keys() == {*found.ids}  # no maps are there

    taken, _ = strike(sorted(folder.iterdir()), use, lists, tries(25, 500))
    assert taken


def test_openimages_lists(openimages, tries):  # noqa: F811
    folder = openimages / 'metadata/test'

    def expected():
        labels = dict(table(folder / 'class_labels.txt'))
        found = {}
        for (image,) in table(folder / 'image_ids.txt'):
            pairs = [
                tuple(str(openimages / word) if word else '' for word in row[1:])
                for row in table(folder / 'localization.txt')
                if row[0] == image
            ]
            found[str(openimages / image)] = (int(float(labels[image])), pairs)
        return found

    def use():
        dataset = OpenImagesLoc(
            data_root=str(openimages),
            split='test',
            test_mode=True,
            serialize_data=False,
        )
        infos = [dataset.get_data_info(i) for i in range(len(dataset))]
        assert {
            info['img_path']: (info['gt_label'], info.get('seg_map_path', []))
            for info in infos
        } == expected()

    taken, _ = strike(sorted(folder.iterdir()), use, openimages, tries(25, 500))
    assert taken


@pytest.mark.parametrize('kind', ['openimages', 'voc'])
def test_masks(kind, request, tries):
    root = request.getfixturevalue(kind)
    load = dict(openimages=OpenImagesLoc, voc=VOCLoc)[kind]
    options = dict(classes=NAMES) if kind == 'voc' else {}
    steps = ['LoadIntactImage', 'LoadMasks']
    dataset = load(
        data_root=str(root),
        split='test',
        test_mode=True,
        serialize_data=False,
        pipeline=[dict(type=step) for step in steps],
        **options,
    )
    files = sorted(
        root.glob('SegmentationClass/*.png' if kind == 'voc' else 'test/*/*.png')
    )

    def use():
        for index in range(len(dataset)):
            sample = dataset[index]
            if 'gt_seg_map' in sample:
                mask, count = sample['gt_seg_map'], np.size(sample['gt_label'])
                assert mask.shape == sample['img_shape'][:2]
                assert mask.dtype == np.uint8
                assert set(np.unique(mask)) <= {*range(count + 1), 255}

    strike(files, use, root, tries(20, 500), BINARY)


@pytest.fixture
def own(tmp_path):
    """Two classes of two images, and their boxes in a table and in COCO's JSON."""
    root = tmp_path / 'own'
    for path in ('cat/1.png', 'cat/2.png', 'dog/1.png', 'dog/3.png'):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / path), np.zeros((20, 30, 3), np.uint8))
    lines = [
        'image,x0,y0,x1,y1,note',
        'cat/1.png,1,2,9,8,"a, b"',
        'cat/2.png,3,4,20,15,',
    ]
    lines += ['dog/1.png,2.5,2,9,8,c', '3.png,5,6,29.5,19,d', 'cat/1.png,0,0,5,5,e']
    (root / 'boxes.csv').write_text('\n'.join(lines) + '\n')
    images = [dict(id=i, file_name=f'dog/{i}.png') for i in (1, 3)]
    boxes = [dict(image_id=i, bbox=[i, 2, 10, 12.5]) for i in (1, 3, 1)]
    content = dict(images=images, annotations=boxes)
    (root / 'boxes.json').write_text(json.dumps(content, indent=1))
    (root / 'val.txt').write_text('cat/1.png\ncat/2.png\ndog/1.png\ndog/3.png\n')
    (root / 'classes.txt').write_text('cat\ndog\n')
    return root


PATHS = ('cat/1.png', 'cat/2.png', 'dog/1.png', 'dog/3.png')


def by_image(found):
    """Boxes of each image of :func:`own`, from pairs of a name and a box."""
    boxes = {path: [] for path in PATHS}
    for name, box in found:
        name = name.strip().replace('\\', '/')
        parts = [part for part in name.split('/') if part != '.']
        (path,) = (
            p for p in PATHS if f'/{p}'.endswith('/' + '/'.join(filter(None, parts)))
        )
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
    def build():
        return CustomLoc(
            data_root=str(own),
            boxes=name if name.startswith('boxes') else 'boxes.csv',
            split='val',
            val_list=str(own / 'val.txt'),
            classes=str(own / 'classes.txt'),
            test_mode=True,
            serialize_data=False,
            pipeline=PIPELINE,
        )

    def expected():
        boxes = (parsed_coco if name == 'boxes.json' else parsed_csv)(own)
        names, kept = (
            [line.strip() for line in (own / f).read_text('utf-8-sig').split('\n')]
            for f in ('val.txt', 'classes.txt')
        )
        kept = [line for line in kept if line]
        return {
            str(own / path): (kept.index(path[:3]), boxes[path])
            for path in PATHS
            if path in names and path[:3] in kept
        }

    use = lambda: check_dataset(build, expected)  # noqa: E731
    taken, _ = strike([own / name], use, own, tries(20, 500))
    assert taken


# --- maps, numbers, tables, checkpoints -------------------------------------------------


def test_maps(tmp_path, tries):
    file = tmp_path / 'a.jpg.npy'
    score_map = np.random.default_rng(0).random((12, 15)).astype(np.float32)
    np.save(file, score_map)
    header = file.read_bytes()[: -score_map.nbytes]

    def use():
        found, problem = eval_maps.load_map(file)
        assert (found is None) == bool(problem)
        problem = problem or map_problem(found)
        if problem:
            raise ValueError(f'{file} {problem}')
        content = file.read_bytes()
        if content.startswith(header):
            own = np.frombuffer(content[len(header) :][: score_map.nbytes], np.float32)
            np.testing.assert_array_equal(found, own.reshape(12, 15))
        assert found.min() >= 0
        assert found.max() <= 1

    assert strike([file], use, tmp_path, tries(25, 500), BINARY + TEXT)[0]


KINDS = [np.float16, '>f4', np.longdouble, np.uint8, bool, complex, 'U3', 'M8[s]']


@pytest.mark.parametrize('kind', [*KINDS, object])
def test_a_map_of_every_type_is_judged_or_named(lists, kind):
    found = read_annotations(lists / 'lists/val')
    for image in found.ids:
        file = lists / f'maps/{image}.npy'
        file.parent.mkdir(parents=True, exist_ok=True)
        values = np.random.default_rng(0).random((20, 30))
        values = values.astype('f8' if kind == 'M8[s]' else kind).astype(kind)
        np.save(file, values, allow_pickle=kind is object)
    parts = found.ids, lists / 'maps', lists, found, get_protocol('bas'), (0.5,)
    assert bool(eval_maps.judge(*parts).problems) == (kind not in KINDS[:4])


def test_an_archive_and_a_map_of_petabytes_are_named(lists):
    file = lists / 'a.npy'
    np.savez(lists / 'a.npz', a=np.zeros((20, 30)))
    (lists / 'a.npz').rename(file)
    assert eval_maps.load_map(file)[1].endswith(f'{file} is an archive of several')
    shape = (
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999), }\n"
    )
    with file.open('wb') as out:  # asks for 40 PB
        out.write(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(shape)) + shape.encode())
    assert f'{file} is not an .npy' in eval_maps.load_map(file)[1]


def test_files_of_metrics(tmp_path, tries):
    file = tmp_path / 'metrics.json'
    curves = {
        f'{name}_iou{iou}': [1.0, 2.5, 3.0] for name in ('v2',) for iou in (30, 50)
    }
    content = dict(
        protocol=dict(threshold='oracle'),
        metrics={'loc/threshold': 0.25, 'loc/gt_known': 62.0},
        thresholds=[0.0, 0.5, 0.9],
        curves=dict(gt_known_iou50=[0.0, 7.0, 2.0], **curves),
        format=1,
        results=[dict(metrics=dict())],
    )
    file.write_text(json.dumps(content, indent=1))

    def use():
        tuned, found, results = (
            tuned_metrics(str(file)),
            read_box_curves(file),
            read_results(file),
        )
        own = json.loads(file.read_text('utf-8-sig'))
        metrics = {
            name.split('/')[-1]: v for name, v in own.get('metrics', own).items()
        }
        assert tuned.items() <= metrics.items()
        assert 0 <= tuned.get('threshold', 0) <= 1
        curve = own['curves']['gt_known_iou50']
        assert found.gt_known.tolist() == [float(value) for value in curve]
        assert found.thresholds.tolist() == [float(x) for x in own['thresholds']]
        assert results == own['results']

    assert strike([file], use, tmp_path, tries(25, 500))[0]


def test_logs_of_runs(tmp_path, tries):
    numbers, log = tmp_path / 'scalars.json', tmp_path / f'{tmp_path.name}.log'
    entries = [{'loss': 0.5, 'step': i, 'loc/gt_known': 62.5} for i in range(3)]
    numbers.write_text('\n'.join(map(json.dumps, entries)) + '\n')
    log.write_text('2024/05/06 10:11:12 - begin\n2024/05/06 11:11:12 - end\n')

    def use():
        found = [*read_entries(numbers)]
        lines = numbers.read_text('utf-8-sig').split('\n')
        lines = [line for line in lines if line.strip()]
        # of a log alone the last line may be missing, which a kill cuts off
        assert len(found) in (len(lines), len(lines) - 1)
        assert found == [json.loads(line) for line in lines[: len(found)]]
        assert all(abs(entry.get('loc/gt_known', 0)) < 1e300 for entry in found)
        first, last = _span(tmp_path)
        assert abs(last.year - first.year) < 9999

    assert strike([numbers, log], use, tmp_path, tries(20, 500))[0]


def metafile(name):
    metrics = {
        'GT-known Loc': 71.5,
        'GT-known Loc spread': 0.5,
        'Published Top-1 Loc': 60,
    }
    metrics |= dict(Source='a paper', Seeds='0, 1')
    setting = dict(
        images=9, split='test', classes=3, maps='gt', epochs=2, hardware='CPU'
    )
    metrics['Setting'] = dict(**setting, options=dict(ious=[0.5]), changed=['a=1'])
    collection = dict(
        Name=name, README=f'{name}/README.md', Metadata=dict(Summary='It.')
    )
    models = [
        dict(Config=f'configs/{name}/vgg16_{data}.py', Results=[dict(Metrics=metrics)])
        for data in ('cub', 'ilsvrc')
    ]
    return json.loads(json.dumps(dict(Collections=[collection], Models=models)))


@pytest.fixture
def repository(tmp_path):
    """Two methods' metafiles and one of the paper's tables."""
    for name in ('bas', 'cam'):
        file = tmp_path / 'configs' / name / 'metafile.yml'
        file.parent.mkdir(parents=True)
        file.write_text(yaml.safe_dump(metafile(name), sort_keys=False))
    lines = [dict(row='BAS', paper=[1.5, None, 3], config='configs/bas/vgg16_cub.py')]
    paper = {
        3: dict(title='a', images=9, rows=[*lines, dict(row='EIL', paper=[1, 2, 3])])
    }
    (tmp_path / 'configs/pnsc').mkdir()
    (tmp_path / 'configs/pnsc/paper_tables.yml').write_text(yaml.safe_dump(paper))
    return tmp_path


def test_metafiles(repository, tries):
    files = sorted(repository.glob('configs/*/*.yml'))

    def use():
        try:
            tables = Tables(repository)
            export(tables, repository / 'out')
        except ValueError as error:
            # those that disagree are named from the repository on
            text = str(error).replace('configs/', f'{repository}/configs/', 1)
            raise type(error)(text) from None
        texts = [f.read_text('utf-8-sig') for f in files if f.stem == 'metafile']
        models = [m for text in texts for m in yaml.safe_load(text)['Models']]
        assert [row.config for row in tables.rows] == [m['Config'] for m in models]
        expected = [m['Results'][0]['Metrics'].get('GT-known Loc') for m in models]
        assert [row.metrics.get('GT-known Loc') for row in tables.rows] == expected

    assert strike(files, use, repository, tries(24, 500))[0]


def test_checkpoints_without_a_checksum(tmp_path, tries):
    file = tmp_path / 'model.pth'
    for old_format in (False, True):
        content = dict(
            state_dict=dict(a=torch.arange(20.0)), meta=dict(classes=('x', 'y'))
        )
        torch.save(content, file, _use_new_zipfile_serialization=not old_format)

        def use():
            assert isinstance(load_plain(file), dict)

        strike([file], use, tmp_path, tries(10, 250), BINARY)


@pytest.mark.parametrize('content', [[1], torch.zeros(3), 'a', None])
def test_a_checkpoint_that_is_no_dictionary_is_named(tmp_path, content):
    torch.save(content, tmp_path / 'model.pth')
    with pytest.raises(ValueError, match='model.pth, but it holds a'):
        load_plain(tmp_path / 'model.pth')
