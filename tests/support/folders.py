"""Small data sets in their official layouts, each written to a folder that is given."""

import json
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import Config
from mmpretrain.registry import DATASETS
from PIL import Image

from mmwsol.datasets.voc import VOC2007_CATEGORIES
from tests.support.images import picture, stored
from tests.support.models import ROOT

OPENIMAGES_CLASSES = ('01226z', '0bt_c3')
# images of a class
OPENIMAGES_COUNTS = dict(train=3, val=2, test=2)

CAT, DOG, PERSON = (VOC2007_CATEGORIES.index(name) for name in ('cat', 'dog', 'person'))
# name, xmin ymin xmax ymax, difficult, more of the file's elements
VOC_OBJECTS = {
    'dog_person': [
        ('dog', (1, 1, 20, 15), 0, '<truncated>1</truncated>'),
        ('person', (21, 16, 40, 30), 0, '<part><name>head</name>'
         '<bndbox><xmin>22</xmin><ymin>17</ymin><xmax>25</xmax><ymax>20</ymax></bndbox></part>'),
        ('person', (31, 2, 40, 9), 1, ''),
        ('cat', (2, 20, 9, 29), 1, ''),
    ],
    'hard': [('cat', (3, 3, 9, 9), 1, '')],
    'dog': [('dog', (5.6, 6, 30, 25), 0, '')],
    'cat': [('cat', (5, 6, 30, 25), 0, '')],
}  # fmt: skip
VOC_NAMES = tuple(sorted({'cat', 'dog', 'person'}))


def make_cub(root: Path) -> Path:
    """A folder in CUB's layout: 3 classes, 4 training and 2 test images each, 40 x 30."""
    names = ['001.Albatross', '002.Auklet', '003.Wren']
    tables: dict[str, list[str]] = {
        name: []
        for name in (
            'images',
            'image_class_labels',
            'train_test_split',
            'bounding_boxes',
        )
    }
    rng = np.random.default_rng(0)
    key = 0
    for label, name in enumerate(names, start=1):
        (root / 'images' / name).mkdir(parents=True)
        for i in range(6):
            key += 1
            path = f'{name}/bird_{i}.jpg'
            image = rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)
            cv2.imwrite(str(root / 'images' / path), image)
            tables['images'].append(f'{key} {path}')
            tables['image_class_labels'].append(f'{key} {label}')
            tables['train_test_split'].append(f'{key} {int(i < 4)}')
            tables['bounding_boxes'].append(f'{key} 4.0 3.0 {20 + i}.0 15.0')
    for name, lines in tables.items():
        (root / f'{name}.txt').write_text('\n'.join(lines) + '\n')
    classes = '\n'.join(f'{i} {name}' for i, name in enumerate(names, start=1))
    (root / 'classes.txt').write_text(classes + '\n')
    return root


def make_openimages(root):
    """Two classes; images of 40 x 30, masks of other sizes, as the published are.

    The first image of 'test' has two masks and an ignore file, its second a mask alone.
    """
    rng = np.random.default_rng(0)
    for split, count in OPENIMAGES_COUNTS.items():
        lists = {'image_ids': [], 'class_labels': [], 'localization': []}
        for label, name in enumerate(OPENIMAGES_CLASSES):
            folder = root / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                key = f'{split}/{name}/{label}{i}af'
                noise = rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)
                cv2.imwrite(str(root / f'{key}.jpg'), noise)
                lists['image_ids'].append(f'{key}.jpg')
                lists['class_labels'].append(f'{key}.jpg,{label}')
                if split != 'train':
                    lists['localization'] += write_masks(root, key, two=i == 0)
        if split == 'train':
            del lists['localization']
        (root / 'metadata' / split).mkdir(parents=True)
        for name, lines in lists.items():
            (root / f'metadata/{split}/{name}.txt').write_text('\n'.join(lines) + '\n')
    return root


def write_masks(root, key, two):
    """Masks of 80 x 60 on the left, one of 20 x 15 on the right, ignored below."""
    left = np.zeros((60, 80), np.uint8)
    left[:, :20] = 255
    cv2.imwrite(str(root / f'{key}_m0_left.png'), left)
    if not two:
        return [f'{key}.jpg,{key}_m0_left.png,']
    right, ignore = np.zeros((15, 20), np.uint8), np.zeros((30, 40), np.uint8)
    right[:, 15:] = 255
    ignore[15:] = 255
    cv2.imwrite(str(root / f'{key}_m0_right.png'), right)
    cv2.imwrite(str(root / f'{key}_ignore.png'), ignore)
    return [
        f'{key}.jpg,{key}_m0_left.png,{key}_ignore.png',
        f'{key}.jpg,{key}_m0_right.png,',
    ]


def make_voc(root):
    """Four images of 40 x 30 in both lists, two of them with a segmentation map."""
    folders = ('JPEGImages', 'Annotations', 'SegmentationClass')
    for folder in (*folders, 'ImageSets/Main', 'ImageSets/Segmentation'):
        (root / folder).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name, objects in VOC_OBJECTS.items():
        image = rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)
        image = image[..., 0] if name == 'cat' else image  # a grey JPEG
        cv2.imwrite(str(root / f'JPEGImages/{name}.jpg'), image)
        text = ''.join(voc_object(*own) for own in objects)
        file = root / f'Annotations/{name}.xml'
        file.write_text(f'<annotation>{text}</annotation>')
    for split in ('train', 'val', 'trainval'):
        (root / f'ImageSets/Main/{split}.txt').write_text('\n'.join(VOC_OBJECTS) + '\n')
        (root / f'ImageSets/Segmentation/{split}.txt').write_text('dog_person\ndog\n')
    both = np.zeros((30, 40), np.uint8)
    both[:15, :20] = DOG + 1
    both[15:, 20:] = PERSON + 1
    both[19:29, 1:9] = 255  # the difficult cat
    both[0, 39] = CAT + 1
    one = np.zeros((30, 40), np.uint8)
    one[5:25, 5:30] = DOG + 1
    for name, mask in (('dog_person', both), ('dog', one)):
        picture = Image.fromarray(mask, 'P')
        picture.putpalette(rng.integers(0, 255, 768, dtype=np.uint8).tobytes())
        picture.save(root / f'SegmentationClass/{name}.png')
    return root


def voc_object(name, box, difficult, more):
    corners = zip(('xmin', 'ymin', 'xmax', 'ymax'), box)
    corners = ''.join(f'<{key}>{value}</{key}>' for key, value in corners)
    return (
        f'<object><name>{name}</name>{more}<difficult>{difficult}</difficult>'
        f'<bndbox>{corners}</bndbox></object>'
    )


def make_imagenet(root):
    """Two classes; each validation image has two objects."""
    for number, synset in enumerate(('n01440764', 'n01443537')):
        for place in (
            f'train/{synset}/{synset}_1',
            f'val/ILSVRC2012_val_0000000{number}',
        ):
            file = root / f'{place}.JPEG'
            file.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(file), np.zeros((20, 20, 3), np.uint8))
        lines = ['<annotation>', f'  <filename>{number}</filename>']
        for x in (1, 3):
            lines += ['  <object>', f'    <name>{synset}</name>', '    <bndbox>']
            lines += [f'      <xmin>{x}</xmin>', '      <ymin>2</ymin>']
            lines += ['      <xmax>9</xmax>', '      <ymax>8</ymax>']
            lines += ['    </bndbox>', '  </object>']
        file = root / f'bboxes/val/ILSVRC2012_val_0000000{number}.xml'
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('\n'.join([*lines, '</annotation>\n']))
    return root


def make_lists(root):
    """wsolevaluation's lists of three images in two classes."""
    ids = ['a/1.jpg', 'a/2.jpg', 'b/3.jpg']
    for image in ids:
        file = root / 'images' / image
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), np.zeros((20, 30, 3), np.uint8))
    folder = root / 'lists/val'
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
    return root


def make_own(root):
    """Two classes of two images, and their boxes in a table and in COCO's JSON."""
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


def lines_of(file: Path) -> list[str]:
    """Lines that are not empty."""
    lines = file.read_text('utf-8-sig', errors='surrogateescape').split('\n')
    return [line.strip() for line in lines if line.strip()]


def rows(file: Path) -> list[list[str]]:
    """Words of each line."""
    return [line.split() for line in lines_of(file)]


def table(file: Path) -> list[list[str]]:
    """Cells of each line, which commas part."""
    return [[word.strip() for word in line.split(',')] for line in lines_of(file)]


def put(file: Path, content: bytes | None = None) -> None:
    """Writes a file, by default a small picture, and its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(stored('PNG', picture()) if content is None else content)


def make_animals(root: Path) -> Path:
    """Three classes of 3 images each: accents, spaces, folders in folders."""
    for name in ('cat/tom.png', 'cat/old ones/1.PNG', 'cat/old ones/2/3.png'):
        put(root / name)
    for i in range(3):
        put(root / f'Hündin/Bild {i}.png')
        put(root / f'fox/{i}.png')
    return root


def paths_of(dataset) -> list[str]:
    """Paths of a data set's images below its root."""
    root = Path(dataset.data_root)
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [Path(info['img_path']).relative_to(root).as_posix() for info in infos]


def configured(name: str, root: Path, **changes):
    """The test data of a data set file, elsewhere."""
    config = Config.fromfile(ROOT / f'configs/_base_/datasets/{name}.py')
    settings = {**config.test_dataloader.dataset, 'data_root': str(root), **changes}
    return DATASETS.build(settings)


def brightest(sample: dict) -> np.ndarray:
    """Box of the bright pixels ``x0, y0, x1, y1``, exclusive ends."""
    ys, xs = np.nonzero(sample['inputs'].numpy().max(0) > 128)
    return np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
