"""Pictures of papers: what is drawn, the same bytes twice, and what users are told."""

import importlib
import re
import shlex
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpretrain.registry import MODELS

from mmwsol.apis import LocInferencer
from mmwsol.apis.pictures import (
    pictures_of_config,
    pictures_of_files,
    results_by_map,
    results_of,
)
from mmwsol.visualization.drawing import GT_COLOR, PREDICTION_COLOR, panel
from mmwsol.visualization.figures import picture_table, save_figure
from tests.support.models import shrink
from tools import visualize

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope='module')
def models(tmp_path_factory):
    """Config file and checkpoint of a narrow model of random weights, by method."""
    folder = tmp_path_factory.mktemp('models')
    init_default_scope('mmpretrain')
    files = {}
    for method in ('cam', 'pnsc', 'psol'):
        config = shrink(Config.fromfile(ROOT / f'configs/{method}/resnet18_toy.py'))
        if method == 'pnsc':
            config.model.head.map_classes = 'gt'  # maps of a label that a test names
        config.dump(folder / f'{method}.py')
        torch.manual_seed(0)
        model = MODELS.build(config.model)
        with torch.no_grad():
            model.head.classifier.weight.normal_(std=1.0)
        torch.save(dict(state_dict=model.state_dict()), folder / f'{method}.pth')
        files[method] = str(folder / f'{method}.py'), str(folder / f'{method}.pth')
    return files


def read(file):
    return cv2.imread(str(file)).astype(int)


def places(picture, color, tolerance=0):
    """Rows and columns of the box around all pixels of a color."""
    ys, xs = np.nonzero((np.abs(picture - np.array(color)) <= tolerance).all(2))
    return xs.min(), ys.min(), xs.max(), ys.max()


# panels and tables of pictures


def test_panel_has_its_height_and_boxes_where_they_belong():
    image = np.full((50, 100, 3), 90, np.uint8)
    picture = panel(image, 100, gt_boxes=[[10, 20, 40, 30]])
    assert picture.shape == (100, 200, 3)
    assert places(picture.astype(int), GT_COLOR) == (20, 40, 80, 60)
    assert (picture[10:30] == 90).all()
    heat = np.zeros((50, 100), np.float32)
    drawn = panel(image, 100, heat, [[50, 10, 90, 40]], [[10, 20, 40, 30]], '')
    assert places(drawn.astype(int), PREDICTION_COLOR) == (100, 20, 180, 80)
    assert places(drawn.astype(int), GT_COLOR) == (20, 40, 80, 60)
    assert (image == 90).all()


def test_table_shows_every_picture_pixel_by_pixel(tmp_path):
    rng = np.random.default_rng(0)
    sizes = [[(40, 60), (40, 30)], [(40, 60), (20, 30)]]
    rows = [
        [rng.integers(0, 255, (*size, 3), dtype=np.uint8) for size in row]
        for row in sizes
    ]
    figure = picture_table(rows, ['one', 'two'], ['a', 'b'])
    assert len(figure.axes) == 4
    save_figure(figure, tmp_path / 'table.png')
    sheet = cv2.imread(str(tmp_path / 'table.png'))
    for row in rows:
        for picture in row:
            match = cv2.matchTemplate(sheet, picture, cv2.TM_SQDIFF)
            assert match.min() == 0
    names = {text.get_text() for text in figure.texts}
    assert names == {'one', 'two', 'a', 'b'}


def test_long_names_get_more_lines_and_no_picture_moves_over_them():
    picture = np.zeros((60, 60, 3), np.uint8)
    short = picture_table([[picture]], ['x'], ['bird'])
    long = picture_table([[picture]], ['x'], ['001.Black_footed_Albatross'])
    assert '\n' in long.texts[0].get_text()
    assert long.get_figheight() > short.get_figheight()
    long.canvas.draw()
    label = long.texts[0].get_window_extent()
    assert label.ymin >= long.axes[0].get_window_extent().ymax
    assert label.ymax <= long.bbox.ymax


@pytest.mark.parametrize('ending', ['.png', '.jpg', '.pdf'])
def test_figures_are_written_with_nothing_of_the_day_in_them(ending, tmp_path):
    contents = []
    for name in ('a', 'b'):
        picture = np.arange(48 * 3, dtype=np.uint8).reshape(6, 8, 3)
        figure = picture_table([[picture]], ['row'], ['column'])
        save_figure(figure, tmp_path / f'{name}{ending}')
        contents.append((tmp_path / f'{name}{ending}').read_bytes())
    assert contents[0] == contents[1]
    for word in (b'CreationDate', b'matplotlib', b'Software'):
        assert word not in contents[0]


# pictures and their results


def test_pictures_of_the_test_set_are_whole_and_evenly_spaced(models, cub_root):
    config = Config.fromfile(ROOT / 'configs/cam/resnet50_cub.py')
    config.test_dataloader.dataset.data_root = str(cub_root)
    config.test_dataloader.dataset.num_classes = 3
    first, middle, last = pictures_of_config(config, 3)
    assert (first.name, middle.name, last.name) == (
        '001.Albatross',
        '002.Auklet',
        '003.Wren',
    )
    assert first.image.shape == (30, 40, 3)  # as in the file, not resized
    # the first test image of a class is its fifth: x 4, y 3, 24 x 15 pixels
    assert first.boxes.tolist() == [[4, 3, 28, 18]]
    assert first.label == 0
    assert [p.label for p in pictures_of_config(config, indices=[5, 0])] == [2, 0]
    # 0, 1.25, 2.5, 3.75, 5; two images of each class
    assert [p.label for p in pictures_of_config(config, 5)] == [0, 0, 1, 2, 2]
    with pytest.raises(ValueError, match='indices from 0 to 5, .* but got 6'):
        pictures_of_config(config, indices=[6])
    with pytest.raises(ValueError, match='count from 1 to 6, .* but got 7'):
        pictures_of_config(config, 7)


def test_maps_of_the_head_are_its_options(models):
    """Each is what a config with that option predicts."""
    config = Config.fromfile(models['pnsc'][0])
    pictures = pictures_of_config(config, indices=[0, 3])
    found = results_by_map(config, models['pnsc'][1], pictures)
    assert list(found) == ['M1', 'M2', 'fused']
    config.model.head.evaluated_map = 'deep'
    inferencer = LocInferencer(config, models['pnsc'][1])
    for picture, result in zip(pictures, found['M2']):
        (own,) = inferencer(picture.image, labels=picture.label)
        np.testing.assert_array_equal(own['pred_map'], result['pred_map'])
        assert result['map_label'] == picture.label
    assert (found['M1'][0]['pred_map'] != found['M2'][0]['pred_map']).any()
    cam = results_by_map(Config.fromfile(models['cam'][0]), models['cam'][1], pictures)
    assert list(cam) == ['map']


def test_every_heads_options_are_arguments_of_it(tiny_config):
    for method in ('adl', 'bas', 'bcam', 'cam', 'isc', 'pnsc'):
        config = tiny_config(f'{method}/resnet18_toy.py')
        for options in MODELS.get(config.model.head.type).map_names.values():
            MODELS.build({**config.model.head, **options})


def test_a_mean_over_classes_needs_no_label(models):
    config = Config.fromfile(models['pnsc'][0])
    config.model.head.map_classes = 'all'
    pictures = pictures_of_config(config, indices=[1])
    (result,) = results_of(config, models['pnsc'][1], pictures)
    assert result['map_label'] is None


# the tool


def test_maps_draws_a_row_for_each_map(models, tmp_path):
    out = tmp_path / 'maps.png'
    argv = ['maps', *models['pnsc'], '--indices', '0', '1', '--height', '48']
    visualize.main([*argv, '--out', str(out)])
    again = tmp_path / 'again.png'
    visualize.main([*argv, '--out', str(again)])
    assert out.read_bytes() == again.read_bytes()
    # four rows and two columns of 48 pixels, a name of one line on two sides
    assert read(out).shape == (4 * 54 + 24, 2 * 54 + 24, 3)
    visualize.main([*argv, '--by', 'rows', '--out', str(again)])
    assert read(again).shape == (2 * 54 + 24, 4 * 54 + 24, 3)
    plain = read(out)
    visualize.main([*argv, '--boxes', '--threshold', '0.5', '--out', str(out)])
    first_row = slice(0, 24 + 48)
    assert (read(out)[first_row] == plain[first_row]).all()
    assert (read(out) != plain).any()


def test_maps_of_own_files_are_named_by_the_prediction(models, tmp_path):
    picture = pictures_of_config(Config.fromfile(models['cam'][0]), 1)[0]
    cv2.imwrite(str(tmp_path / 'own.png'), picture.image)
    (own,) = pictures_of_files(tmp_path / 'own.png')
    assert (own.label, own.boxes.shape) == (None, (0, 4))
    args = visualize.parse_args(
        [
            'maps',
            *models['cam'],
            '--images',
            str(tmp_path / 'own.png'),
            '--out',
            'x.png',
        ]
    )
    figure = args.draw(args)
    (result,) = LocInferencer(*models['cam'])(picture.image)
    names = [text.get_text() for text in figure.texts]
    title = f'{result["pred_class"]} {result["pred_score"]:.2f}'
    assert names == [title, 'input', 'map']


def test_comparison_has_true_boxes_predicted_boxes_and_their_iou(models, monkeypatch):
    captions = []
    draw = visualize.panel

    def spy(image, height, score_map=None, boxes=(), gt_boxes=(), caption=''):
        captions.append((caption, np.array(boxes), np.array(gt_boxes)))
        return draw(image, height, score_map, boxes, gt_boxes, caption)

    monkeypatch.setattr(visualize, 'panel', spy)
    args = visualize.parse_args(
        [
            'compare',
            '--models',
            'CAM=' + ':'.join(models['cam']),
            'ours=' + ':'.join(models['pnsc']),
            *('--threshold', 'CAM=0.3', 'ours=otsu'),
            *('--indices', '2', '--height', '96', '--out', 'x.png'),
        ]
    )
    figure = args.draw(args)
    assert len(figure.axes) == 3
    assert [t.get_text() for t in figure.texts] == ['finch', 'input', 'CAM', 'ours']
    (picture,) = pictures_of_config(Config.fromfile(models['cam'][0]), indices=[2])
    drawn = figure.axes[0].images[0].get_array()[..., ::-1].astype(int)
    x0, y0, x1, y1 = picture.boxes[0].astype(int)
    assert places(drawn, GT_COLOR) == (x0, y0, min(x1, 95), min(y1, 95))
    assert captions[0][0] == ''
    for (caption, boxes, gt_boxes), (name, threshold) in zip(
        captions[1:], [('cam', 0.3), ('pnsc', 'otsu')]
    ):
        inferencer = LocInferencer(*models[name], threshold=threshold)
        (result,) = inferencer(picture.image, labels=picture.label)
        np.testing.assert_array_equal(boxes, result['pred_bboxes'])
        np.testing.assert_array_equal(gt_boxes, picture.boxes)
        a, b = boxes[0], gt_boxes[0]
        across = max(0, min(a[2], b[2]) - max(a[0], b[0]))
        down = max(0, min(a[3], b[3]) - max(a[1], b[1]))
        areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
        iou = across * down / (sum(areas) - across * down)
        assert caption == f'IoU {iou:.2f}'


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (['--models', 'CAM'], 'NAME=CONFIG:CHECKPOINT, but got .CAM'),
        (['--models', 'CAM=a.py'], 'NAME=CONFIG:CHECKPOINT, but got CAM=a.py'),
        (['--models', 'CAM=a.py:b', 'CAM=c.py:d'], "name each, but got 'CAM' twice"),
        (['--models', 'CAM=a.py:b'], 'config at a.py, but there is no such file'),
        (['--threshold', 'ours=0.3'], r"models \['CAM'\], but got it for \['ours'\]"),
        (['--threshold', '1.5'], r'`threshold` in \[0, 1\)'),
        (['--images', 'nowhere.jpg'], 'image or a folder at nowhere.jpg'),
        (['--out', 'x.gif'], "ends with one of .*, but got 'x.gif'"),
    ],
)
def test_users_are_told_what_is_wrong(change, message, models, tmp_path):
    argv = ['compare', '--models', 'CAM=' + ':'.join(models['cam']), '--count', '1']
    with pytest.raises(SystemExit, match=message):
        visualize.main([*argv, '--out', str(tmp_path / 'x.png'), *change])


# the document


def test_commands_of_the_document_are_commands_of_the_tools():
    text = (ROOT / 'docs/pictures.md').read_text().replace('\\\n', ' ')
    calls = r'^    python (?:tools/(\w+)\.py|-m (tools[\w.]+)) (.*)$'
    seen = set()
    for script, module, rest in re.findall(calls, text, re.MULTILINE):
        argv = shlex.split(rest)
        name = f'tools.{script}' if script else module
        if name == 'tools.report':
            name = 'tools.report.__main__'
        importlib.import_module(name).parse_args(argv)
        seen.add((name, argv[0]))
    assert seen >= {
        ('tools.visualize', 'maps'),
        ('tools.visualize', 'compare'),
        ('tools.report.plot', 'bars'),
        ('tools.report.plot', 'curve'),
        ('tools.report.plot', 'learning'),
    }


def test_a_box_without_a_map_is_compared_and_has_no_maps_to_show(models, tmp_path):
    out = str(tmp_path / 'x.png')
    with pytest.raises(SystemExit, match='Expected a model with maps'):
        visualize.main(['maps', *models['psol'], '--out', out])
    named = [f'{name}={":".join(models[name])}' for name in ('cam', 'psol')]
    visualize.main(['compare', '--models', *named, '--count', '2', '--out', out])
    assert read(out).size
