"""Boxes of your own images in tables and in COCO's JSON: what is read, and what is refused."""

import json
import unicodedata
from pathlib import Path

import pytest

from mmwsol.datasets import CustomLoc
from tests.support.folders import configured, make_animals, put


@pytest.fixture
def animals(tmp_path):
    return make_animals(tmp_path / 'animals')


def boxes_of(dataset):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return {
        Path(info['img_path']).relative_to(dataset.data_root).as_posix(): [
            instance['bbox'] for instance in info['instances']
        ]
        for info in infos
    }


def evaluated(root, text, name='boxes.csv', encoding='utf-8'):
    (root / name).write_text(text, encoding=encoding)
    options = dict(split='val', val_per_class=2, test_mode=True)
    return CustomLoc(data_root=str(root), boxes=name, **options)


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
