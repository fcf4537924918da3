"""Images of one's own and images named by lists: what is read, and what is refused."""

import builtins
import io
import json
import shutil
import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmpretrain.registry import DATASETS
from PIL import Image

from mmwsol.datasets import CustomLoc, ImageNetLoc, ListLoc

ROOT = Path(__file__).parents[2]
TURNED = 6  # EXIF: to be displayed, the stored picture is turned clockwise by a quarter


def picture(size=(40, 30), box=(8, 6, 20, 24), color=(250, 20, 20)):
    """A box of a color on black, RGB."""
    image = Image.new('RGB', size)
    image.paste(color, box)
    return image


def stored(image, kind='PNG', **kwargs):
    content = io.BytesIO()
    image.save(content, kind, **kwargs)
    return content.getvalue()


def turned(image):
    """JPEG of an image that is stored as it is, to be displayed turned."""
    exif = Image.Exif()
    exif[0x0112] = TURNED
    return stored(image, 'JPEG', exif=exif, quality=100, subsampling=0)


def put(file, content=None):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(stored(picture()) if content is None else content)


@pytest.fixture
def animals(tmp_path):
    """Three classes of 3 images each: accents, spaces, folders in folders."""
    root = tmp_path / 'animals'
    for name in ('cat/tom.png', 'cat/old ones/1.PNG', 'cat/old ones/2/3.png'):
        put(root / name)
    for i in range(3):
        put(root / f'Hündin/Bild {i}.png')
        put(root / f'fox/{i}.png')
    return root


def own(root, **kwargs):
    return CustomLoc(data_root=str(root), **kwargs)


def paths(dataset):
    root = Path(dataset.data_root)
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [Path(info['img_path']).relative_to(root).as_posix() for info in infos]


def boxes_of(dataset):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return {
        Path(info['img_path']).relative_to(dataset.data_root).as_posix(): [
            instance['bbox'] for instance in info['instances']
        ]
        for info in infos
    }


def test_a_folder_for_each_class(animals):
    train = own(animals)
    assert train.metainfo['classes'] == ('Hündin', 'cat', 'fox')
    assert train.get_gt_labels().tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert paths(train)[3:6] == [
        'cat/old ones/1.PNG',
        'cat/old ones/2/3.png',
        'cat/tom.png',
    ]


def test_the_last_images_of_a_class_are_held_out(animals):
    train = own(animals, val_per_class=1)
    val = own(animals, split='val', val_per_class=1, test_mode=True)
    assert paths(val) == ['Hündin/Bild 2.png', 'cat/tom.png', 'fox/2.png']
    assert len(train) == 6
    assert not set(paths(train)) & set(paths(val))


def test_a_list_of_held_out_images(animals, tmp_path):
    (tmp_path / 'val.txt').write_text('fox/0.png\ncat/tom.png\nHündin/Bild 1.png\n')
    val = own(animals, split='val', val_list=str(tmp_path / 'val.txt'))
    assert paths(val) == ['Hündin/Bild 1.png', 'cat/tom.png', 'fox/0.png']


def test_folders_for_training_and_testing(animals, tmp_path):
    root = tmp_path / 'split'
    shutil.copytree(animals, root / 'train')
    shutil.copytree(animals, root / 'test')
    (root / 'test/fox/2.png').unlink()
    assert (len(own(root)), len(own(root, split='test'))) == (9, 8)
    assert len(own(root, split='val', val_per_class=1)) == 3
    assert all(path.startswith('test/') for path in paths(own(root, split='test')))
    shutil.copytree(animals, root / 'val')
    assert paths(own(root, split='val'))[0] == 'val/Hündin/Bild 0.png'
    assert all(path.startswith('train/') for path in paths(own(root)))
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


# --- pictures ---------------------------------------------------------------------------


def deep(image):
    """16-bit PNG whose upper bytes are the image's."""
    values = np.asarray(image)[..., ::-1].astype(np.uint16) * 256 + 77
    return cv2.imencode('.png', values)[1].tobytes()


def transparent(image):
    return stored(Image.merge('RGBA', (*image.split(), Image.new('L', image.size))))


RED, GREY = (250, 20, 20), (200, 200, 200)
PICTURES = {
    'baseline.JPG': (stored(picture(), 'JPEG', quality=100, subsampling=0), RED),
    'grey.jpeg': (stored(picture(color=GREY).convert('L'), 'JPEG', quality=100), GREY),
    'cmyk.jpg': (stored(picture().convert('CMYK'), 'JPEG', quality=100), RED),
    'really_png.jpg': (stored(picture()), RED),
    'really_jpeg.png': (stored(picture(), 'JPEG', quality=100, subsampling=0), RED),
    'deep.png': (deep(picture()), RED),
    'deep_grey.png': (
        stored(
            Image.fromarray(np.asarray(picture(color=GREY))[..., 0] * np.uint16(257))
        ),
        GREY,
    ),
    'transparent.png': (transparent(picture()), RED),
    'palette.png': (stored(picture().quantize(8)), RED),
    'old.bmp': (stored(picture(), 'BMP'), RED),
    'new.webp': (stored(picture(), 'WEBP', lossless=True), RED),
    'scan.tif': (stored(picture(), 'TIFF'), RED),
    'print.tiff': (stored(picture().convert('CMYK'), 'TIFF'), RED),
}


@pytest.mark.parametrize('name', PICTURES)
def test_every_kind_of_picture_is_three_channels_of_bytes(tmp_path, name):
    content, color = PICTURES[name]
    put(tmp_path / 'cat' / name, content)
    put(tmp_path / 'dog/1.png')
    cats = own(tmp_path, classes=['cat'], pipeline=[dict(type='LoadIntactImage')])
    image = cats[0]['img']
    assert image.shape == (30, 40, 3)
    assert image.dtype == np.uint8
    inside = image[15, 14, ::-1].astype(int)
    assert abs(inside - color).max() <= 6
    assert image[2, 2].max() <= 6


@pytest.mark.parametrize(
    ('content', 'problem'),
    [
        (b'', 'is empty'),
        (stored(picture(), 'JPEG')[:-40], 'is truncated'),
        (stored(picture())[:-20], 'is truncated'),
        (stored(picture(), 'BMP')[:-100], 'is not an image'),
        (stored(picture(), 'WEBP')[:-10], 'is not an image'),
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


def configured(name, root, **changes):
    """The test data of a data set file, elsewhere."""
    config = Config.fromfile(ROOT / f'configs/_base_/datasets/{name}.py')
    settings = {**config.test_dataloader.dataset, 'data_root': str(root), **changes}
    return DATASETS.build(settings)


def brightest(sample):
    """Box of the bright pixels ``x0, y0, x1, y1``, exclusive ends."""
    ys, xs = np.nonzero(sample['inputs'].numpy().max(0) > 128)
    return np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])


def test_own_boxes_are_on_the_picture_as_displayed(tmp_path):
    # stored 40 x 30 with the box (8, 6, 20, 24); turned clockwise a stored pixel (x, y) is
    # displayed at (30 - 1 - y, x), so the box at (30 - 24, 8, 30 - 6, 20) of 30 x 40
    put(tmp_path / 'cat/1.jpg', turned(picture(color=(255, 255, 255))))
    put(tmp_path / 'dog/1.jpg', stored(picture(), 'JPEG'))
    (tmp_path / 'boxes.csv').write_text('image,x0,y0,x1,y1\ncat/1.jpg,6,8,24,20\n')
    (tmp_path / 'val.txt').write_text('cat/1.jpg\ndog/1.jpg\n')
    changes = dict(val_per_class=0, val_list=str(tmp_path / 'val.txt'))
    sample = configured('custom', tmp_path, boxes='boxes.csv', **changes)[0]
    expected = np.array([6, 8, 24, 20]) * np.array([224 / 30, 224 / 40] * 2)
    found = sample['data_samples'].gt_bboxes
    np.testing.assert_allclose(found, [expected], rtol=1e-6)
    assert abs(brightest(sample) - expected).max() < 8  # blurred by the resize


def test_official_boxes_are_on_the_picture_as_stored(cub_root):
    # the fifth image's box is x 4, y 3, width 24, height 15
    white = picture(box=(4, 3, 28, 18), color=(255, 255, 255))
    put(cub_root / 'images/001.Albatross/bird_4.jpg', turned(white))
    sample = configured('cub', cub_root)[0]
    expected = np.array([4, 3, 28, 18]) * np.array([224 / 40, 224 / 30] * 2)
    found = sample['data_samples'].gt_bboxes
    np.testing.assert_allclose(found, [expected], rtol=1e-6)
    assert abs(brightest(sample) - expected).max() < 8
    # 256 x 256, of which the middle 224
    sample = configured('cub_legacy', cub_root)[0]
    expected = np.array([4, 3, 28, 18]) * np.array([256 / 40, 256 / 30] * 2) - 16
    assert abs(brightest(sample) - expected).max() < 8


def test_training_pictures_are_turned_as_evaluated_ones_are():
    for name, flag in (('custom', 'color'), ('cub', 'color_ignore_orientation')):
        config = Config.fromfile(ROOT / f'configs/_base_/datasets/{name}.py')
        for loader in (config.train_dataloader, config.test_dataloader):
            assert loader.dataset.pipeline[0].color_type == flag


# --- boxes ------------------------------------------------------------------------------


def evaluated(root, text, name='boxes.csv', encoding='utf-8'):
    (root / name).write_text(text, encoding=encoding)
    return own(root, split='val', val_per_class=2, test_mode=True, boxes=name)


EXPECTED = {
    'Hündin/Bild 1.png': [[1, 2, 11, 22], [3.5, 4, 5, 6]],
    'Hündin/Bild 2.png': [],
    'cat/old ones/2/3.png': [],
    'cat/tom.png': [[5, 6, 7, 8]],
    'fox/1.png': [],
    'fox/2.png': [],
}


@pytest.mark.parametrize(
    ('text', 'encoding'),
    [
        (
            'image,x0,y0,x1,y1\n'
            'Hündin/Bild 1.png,1,2,11,22\n'
            'cat/tom.png,5,6,7,8\n\n'
            'Hündin/Bild 1.png,3.5,4,5,6\n',
            'utf-8',
        ),
        # a spreadsheet's: mark at the start, semicolons, spaces, another column
        (
            'Image; X; Y; Width; Height; name\n'
            'Hündin/Bild 1.png; 1; 2; 10; 20; "a; b"\n'
            'Hündin/Bild 1.png;3.5;4;1.5;2;\n'
            'tom.png;5;6;2;2;\n',
            'utf-8-sig',
        ),
        # Windows's slashes, an accent of two characters, an image of training
        (
            'y1,x1,y0,x0,image\n'
            + unicodedata.normalize('NFD', '22,11,2,1,Hündin\\Bild 1.png\n')
            + '6,5,4,3.5,./Hündin/Bild 1.png\n8,7,6,5,cat/tom.png\n9,9,1,1,fox/0.png\n',
            'utf-8',
        ),
    ],
)
def test_tables_of_boxes(animals, text, encoding):
    assert boxes_of(evaluated(animals, text, encoding=encoding)) == EXPECTED


def coco(**changes):
    content = dict(
        images=[
            dict(id=7, file_name='Hündin/Bild 1.png', width=40, height=30),
            dict(id='b', file_name='tom.png'),
            dict(id=9, file_name='not/there.png'),  # without a box it does not matter
        ],
        annotations=[
            dict(id=1, image_id=7, bbox=[1, 2, 10, 20], category_id=1),
            dict(id=2, image_id='b', bbox=[5, 6, 2, 2]),
            dict(id=3, image_id=7, bbox=[3.5, 4, 1.5, 2]),
        ],
    )
    return json.dumps({**content, **changes})


def test_boxes_in_coco_format(animals):
    assert boxes_of(evaluated(animals, coco(), 'boxes.json')) == EXPECTED


def test_an_image_without_box_has_none_in_the_sample(animals):
    (animals / 'boxes.csv').write_text('image,x0,y0,x1,y1\ncat/tom.png,5,6,7,8\n')
    dataset = configured('custom', animals, val_per_class=1, boxes='boxes.csv')
    counts = [len(dataset[i]['data_samples'].gt_bboxes) for i in range(3)]
    assert counts == [0, 1, 0]


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


HEADER = 'image,x0,y0,x1,y1\n'


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (
            f'{HEADER}cat/tom.png,1,1,2,2\nwolf.png,1,1,2,2\nowl.png,1,1,2,2\n',
            "2 of those it names are not there, the first: 'wolf.png' in line 3 of",
        ),
        (f'{HEADER}cat/tom.png,1,1,2\n', 'Expected 5 values in line 2 of .*got 4'),
        (f'{HEADER}cat/tom.png,1,one,2,2\n', "finite number in line 2 of .*'one'"),
        (f'{HEADER}\ncat/tom.png,5,1,2,2\n', r'x0 < x1 .* in line 3 of .*\[5.0, 1'),
        (f'{HEADER}cat/tom.png,1,1,nan,2\n', "finite number in line 2 of .*'nan'"),
        (f'{HEADER}1.png,1,1,2,2\n', "'1.png' may be 'cat/.*1.png' or 'fox/1.png'"),
        (
            'image,left,top,right,bottom\n',
            'columns image,x0,y0,x1,y1 or image,x,y,width',
        ),
        ('', 'Expected the columns'),
    ],
)
def test_mistakes_in_a_table_are_named_with_their_line(animals, text, message):
    put(animals / 'cat/old ones/1.png')
    (animals / 'cat/old ones/1.PNG').unlink()
    with pytest.raises(ValueError, match=message):
        evaluated(animals, text)


def test_a_table_in_another_encoding_is_named(animals):
    with pytest.raises(ValueError, match='UTF-8 text in .*boxes.csv'):
        evaluated(animals, f'{HEADER}Hündin/Bild 1.png,1,1,2,2\n', encoding='latin-1')


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('{"images": [', 'Expected JSON in .*boxes.json'),
        ('[]', "COCO's images .* in .*boxes.json"),
        (coco(annotations=[dict(image_id=8, bbox=[1, 1, 1, 1])]), 'annotation 0 of'),
        (
            coco(annotations=[dict(image_id=7, bbox=None)]),
            'a bbox in annotation 0 of .*None',
        ),
        (coco(annotations=[dict(image_id=7, bbox=[1, 2, 3])]), 'numbers x, y, width'),
        (coco(annotations=[dict(image_id=7, bbox=[1, 2, 0, 3])]), 'x0 < x1'),
        (
            coco(annotations=[dict(image_id=9, bbox=[1, 1, 1, 1])]),
            "1 of those it names are not there, the first: 'not/there.png'",
        ),
    ],
)
def test_mistakes_in_coco_files_are_named(animals, text, message):
    with pytest.raises(ValueError, match=message):
        evaluated(animals, text, 'boxes.json')


def test_a_missing_box_file_is_named(animals):
    with pytest.raises(FileNotFoundError, match="`boxes` of CustomLoc.*'none.csv'"):
        own(animals, split='val', val_per_class=1, test_mode=True, boxes='none.csv')


# --- lists ------------------------------------------------------------------------------


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


# --- ILSVRC's other layouts -------------------------------------------------------------


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
    assert [Path(path).name for path in paths(train)] == [
        'n01440764_1.JPEG',
        'n01443537_1.JPEG',
    ]
