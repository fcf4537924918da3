"""Boxes of your own images in tables and in COCO's JSON: what is read, and what is refused."""

import json
import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmwsol.datasets import CustomLoc
from mmwsol.io.images import decoded_size, displayed_size
from tests.support.folders import configured, make_animals, put
from tests.support.images import picture, stored, turned


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


HEADER = 'image,x0,y0,x1,y1\n'
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


FOX = [f'fox/{i}.png' for i in range(3)]


@pytest.mark.parametrize(
    'form',
    [
        '/home/me/animals/{}',
        'C:\\Users\\me\\animals\\{}',
        '..\\animals\\{}',
        '../label/{}',
        './{}',
        'data/animals/{}',
        '/data/local-files/?d={}',
        '/data/local-files/?d=data%2Fmy%20animals%2F{}',
        'file:///home/me/{}',
        'https://example.org/my%20bucket/{}?token=ab/cd.png#1',
        's3://bucket/{}',
    ],
)
def test_longer_paths_with_an_ending_of_one_image(animals, form):
    lines = [f'{form.format(path)},5,6,7,8' for path in (*FOX, 'cat/tom.png')]
    found = boxes_of(evaluated(animals, HEADER + '\n'.join(lines)))
    assert found['fox/1.png'] == found['fox/2.png'] == [[5, 6, 7, 8]]
    assert found['cat/tom.png'] == [[5, 6, 7, 8]]


@pytest.mark.parametrize(
    'name', ['H%C3%BCndin/Bild%201.png', 'HÜNDIN/bild 1.PNG', 'BILD%201.PNG']
)
def test_quoted_names_and_other_capitals(animals, name):
    found = boxes_of(evaluated(animals, f'{HEADER}{name},5,6,7,8\n'))
    assert found['Hündin/Bild 1.png'] == [[5, 6, 7, 8]]


def test_a_folder_of_all_images_that_the_data_does_not_have(animals, log_messages):
    text = f'{HEADER}images/tom.png,5,6,7,8\nimages/Bild 1.png,1,2,11,22\n'
    found = boxes_of(evaluated(animals, text))
    assert found['cat/tom.png'] == [[5, 6, 7, 8]]
    assert "no folder 'images'" in log_messages[0]


@pytest.mark.parametrize(
    ('names', 'message'),
    [
        # the folder is one of the data's, so these are about images that are not there
        (['fox/tom.png'], "first: 'fox/tom.png' in line 2 .* or by a longer path"),
        (['images/tom.png', 'more/Bild 1.png'], "2 of those .* 'images/tom.png'"),
        (['images/tom.png', 'cat/tom.png'], "1 of those .* 'images/tom.png'"),
        (['images/2.png', 'images/owl.png'], 'are not there'),
        (
            ['a/fox/1.png', 'b/fox/1.png'],
            "'b/fox/1.png' in line 3 .* both be 'fox/1.png'",
        ),
    ],
)
def test_names_that_may_be_of_other_images_are_refused(animals, names, message):
    lines = [f'{name},5,6,7,8' for name in names]
    with pytest.raises(ValueError, match=message):
        evaluated(animals, HEADER + '\n'.join(lines))


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


def sized(names=(*FOX, 'cat/tom.png'), size=(40, 30), box=(5, 6, 20, 15), **more):
    """COCO's JSON with a box on each image."""
    images = [
        dict(id=i, file_name=name, width=size[0], height=size[1])
        for i, name in enumerate(names)
    ]
    boxes = [
        dict(id=i, image_id=i, bbox=[*box], category_id=1, iscrowd=0)
        for i in range(len(names))
    ]
    return {**dict(images=images, annotations=boxes), **more}


def of_coco(root, content, **kwargs):
    (root / 'boxes.json').write_text(json.dumps(content))
    options = dict(split='val', val_per_class=2, test_mode=True)
    return CustomLoc(data_root=str(root), boxes='boxes.json', **options, **kwargs)


@pytest.mark.parametrize(
    ('size', 'message'),
    [
        ((20, 15), r'4 of 4 .* fox/0.png is displayed in 40 x 30 .* has 20 x 15'),
        ((30, 40), r'30 x 40, which the camera turned by a quarter'),
        ((40, 32), r'40 x 30 pixels, the file has 40 x 32'),
    ],
)
def test_boxes_of_pictures_of_another_size_are_refused(animals, size, message):
    with pytest.raises(ValueError, match=message):
        of_coco(animals, sized(size=size))


@pytest.mark.parametrize(
    'size', [(40, 30), (41, 30), (0, 0), (None, None), ('40', '30')]
)
def test_sizes_that_are_the_pictures_or_unknown_are_taken(animals, size):
    assert boxes_of(of_coco(animals, sized(size=size)))['fox/1.png'] == [[5, 6, 25, 21]]


def test_sizes_are_those_of_the_displayed_picture(animals):
    put(animals / 'fox/3.jpg', turned(picture()))
    content = sized(['fox/3.jpg'], size=(30, 40))
    assert boxes_of(of_coco(animals, content))['fox/3.jpg'] == [[5, 6, 25, 21]]
    with pytest.raises(ValueError, match='fox/3.jpg is displayed in 30 x 40 .* turned'):
        of_coco(animals, sized(['fox/3.jpg'], size=(40, 30)))


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP', 'TIFF'])
@pytest.mark.parametrize('orientation', [1, 3, 6, 8])
def test_the_displayed_size_is_that_of_the_decoded_picture(tmp_path, kind, orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    file = tmp_path / 'a.jpg'
    put(file, stored(kind, picture(), exif=exif))
    problem, size = decoded_size(str(file))
    if not problem:  # OpenCV 5.0 cannot decode a TIFF file that it has to turn
        assert displayed_size(file) == size


def test_a_size_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'pipe.jpg')
    assert displayed_size(tmp_path / 'pipe.jpg') is None
    assert displayed_size(tmp_path / 'none.jpg') is None
    put(tmp_path / 'text.jpg', b'text')
    assert displayed_size(tmp_path / 'text.jpg') is None


@pytest.mark.parametrize(
    ('unit', 'size'),
    [('share', (1, 1)), ('percent', (100, 100)), ('of half', (20, 15))],
)
def test_boxes_in_another_unit_are_refused_unless_it_is_told(animals, unit, size):
    big = (400, 300)  # percentages of small pictures leave them
    for path in (*FOX, 'cat/tom.png'):
        put(animals / path, stored('PNG', picture(size=big)))
    scale = size if unit != 'of half' else (200, 150)
    lines = []
    for i, path in enumerate((*FOX, 'cat/tom.png')):
        for x, y in ((0.1, 0.2 * i), (0.5, 0.2 * i)):
            box = np.array([x, y, x + 0.4, y + 0.35]) * (*scale, *scale)
            lines.append(f'{path},' + ','.join(f'{v:.4f}' for v in box))
    text = HEADER + '\n'.join(lines)
    with pytest.raises(ValueError, match='in pixels of their .*`box_unit`'):
        evaluated(animals, text)
    options = dict(split='val', val_per_class=2, test_mode=True, boxes='boxes.csv')
    if unit == 'of half':
        CustomLoc(data_root=str(animals), box_unit='pixels', **options)
        return
    found = boxes_of(CustomLoc(data_root=str(animals), box_unit=unit, **options))
    assert np.allclose(found['fox/1.png'], [[40, 60, 200, 165], [200, 60, 360, 165]])


def test_small_objects_anywhere_are_no_other_unit(animals, log_messages):
    evaluated(
        animals,
        HEADER + ''.join(f'{path},2,2,{i + 4},9\n' for i, path in enumerate(FOX * 4)),
    )
    assert 'doubts the boxes' in log_messages[0]
    rng = np.random.default_rng(0)
    lines = []
    for path in (*FOX, 'cat/tom.png') * 3:
        x, y = rng.uniform(0, 30), rng.uniform(0, 22)
        lines.append(f'{path},{x:.1f},{y:.1f},{x + 6:.1f},{y + 6:.1f}')
    evaluated(animals, HEADER + '\n'.join(lines))
    assert len(log_messages) == 1
    with pytest.raises(ValueError, match='`box_unit` of CustomLoc'):
        CustomLoc(data_root=str(animals), box_unit='inches')


def categories(*names):
    return [dict(id=i, name=name) for i, name in enumerate(names, start=1)]


def test_crowds_and_boxes_of_other_classes_are_left_out(animals, log_messages):
    content = sized(categories=categories('Fox', 'CAT', 'background', 'hündin'))
    content['annotations'][3]['category_id'] = 2
    whole = dict(image_id=1, bbox=[0, 0, 40, 30])
    content['annotations'] += [
        dict(**whole, category_id=1, iscrowd=1),
        dict(**whole, category_id=1, ignore=1),
        dict(**whole, category_id=2),
        dict(**whole, category_id=3),
    ]
    found = boxes_of(of_coco(animals, content))
    assert found['fox/1.png'] == found['cat/tom.png'] == [[5, 6, 25, 21]]
    assert 'leaves 2 regions of crowds' in log_messages[0]
    assert "leaves 2 boxes of other classes than their images'" in log_messages[1]


def test_categories_that_are_no_classes_all_count(animals, log_messages):
    content = sized(categories=categories('animal', 'pet'))
    content['annotations'][1]['category_id'] = 2
    assert boxes_of(of_coco(animals, content))['fox/1.png'] == [[5, 6, 25, 21]]
    assert not log_messages


@pytest.mark.parametrize(
    ('names', 'change', 'message'),
    [
        # boxes of cats may be of tigers where there is no category for those
        (['animal', 'cat'], {}, "annotation 0 .* 'animal' on an image of 'fox'"),
        (['fox', 'cat'], dict(category_id=None), "annotation 0 .* has '' on an image"),
        (
            ['fox', 'cat'],
            dict(category_id=7),
            'the category_id of one of the categories',
        ),
        (['fox'], dict(iscrowd='yes'), 'Expected 0 or 1 as iscrowd in annotation 0'),
        (['fox'], dict(image_id=True), 'the image_id of one of the images'),
    ],
)
def test_categories_of_some_classes_alone_are_refused(animals, names, change, message):
    content = sized(FOX, categories=categories(*names))
    content['annotations'][0].update(change)
    with pytest.raises(ValueError, match=message):
        of_coco(animals, content)


def test_a_column_of_classes_is_read_as_coco_s_categories(animals, log_messages):
    lines = ['fox/1.png,5,6,37,8,fox,0', 'fox/1.png,1,1,9,9,cat,0']
    lines += ['fox/1.png,1,1,9,9,Fox,1', 'cat/tom.png,5,6,7,8,Cat,']
    header = HEADER.strip() + ',class,iscrowd\n'
    found = boxes_of(evaluated(animals, header + '\n'.join(lines)))
    assert (found['fox/1.png'], found['cat/tom.png']) == (
        [[5, 6, 37, 8]],
        [[5, 6, 7, 8]],
    )
    assert 'leaves 1 regions of crowds' in log_messages[0]
    assert 'leaves 1 boxes of other classes' in log_messages[1]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (sized(annotations=[]), 'Expected boxes in .*boxes.json, but got 0'),
        (
            sized(['fox/1.png'], box=(1, 1, 3, 3), categories=categories('cat')),
            'got 1, of which 0 are regions of crowds and 1 of other classes',
        ),
    ],
)
def test_a_file_without_a_box_to_measure_with_is_refused(animals, content, message):
    with pytest.raises(ValueError, match=message):
        of_coco(animals, content)


def test_ids_may_be_numbers_or_their_text(animals):
    content = sized()
    for annotation in content['annotations']:
        annotation['image_id'] = str(annotation['image_id'])
    assert boxes_of(of_coco(animals, content))['fox/1.png'] == [[5, 6, 25, 21]]


def test_an_image_that_is_there_twice_has_the_boxes_of_both(animals):
    content = sized(['fox/1.png', './fox/1.png'])
    assert len(boxes_of(of_coco(animals, content))['fox/1.png']) == 2
    content['images'][1].update(file_name='fox/1.png', width=20)
    with pytest.raises(ValueError, match="'fox/1.png' with two sizes"):
        of_coco(animals, content)


def test_corners_in_place_of_sides_are_refused_with_the_reason(animals, log_messages):
    content = sized(box=(15, 10, 35, 28))
    with pytest.raises(
        ValueError, match=r'4 leave|3 leave .*fox/1.png \(40 x 30 pixels'
    ):
        of_coco(animals, content, pipeline=[dict(type='LoadBoxes')])
    assert 'if x,y,width,height are read as x0,y0,x1,y1' in log_messages[0]
    clip = [dict(type='LoadBoxes', outside='clip')]
    assert len(of_coco(animals, content, pipeline=clip)) == 6


def test_scores_say_that_boxes_are_predictions(animals, log_messages):
    content = sized()
    content['annotations'][0]['score'] = 0.5
    of_coco(animals, content)
    assert 'takes predictions for truth' in log_messages[0]
