"""Exported models say what their localizers say, and carry what a user has to know."""

import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpretrain.registry import DATASETS, MODELS
from mmpretrain.structures import DataSample
from PIL import Image
from torch import nn

from mmwsol import __version__
from mmwsol.deployment import (
    Agreement,
    ExportableLocalizer,
    ImageView,
    compare,
    describe,
    export_problem,
    image_size,
    map_contrast,
    onnx_file,
    open_session,
    to_onnx,
)
from mmwsol.functional import get_protocol, map_boxes
from mmwsol.models import Localizer
from tests.support.models import ROOT, shrink, tiny_localizer
from tools import export_onnx
from tools.report import Tables

onnx = pytest.importorskip('onnx')

TOY = sorted(
    str(p.relative_to(ROOT / 'configs')) for p in ROOT.glob('configs/*/*_toy.py')
)
SIZE = (64, 48)


def build(path):
    """A toy model whose classes and places differ."""
    init_default_scope('mmpretrain')
    torch.manual_seed(0)
    model = MODELS.build(shrink(Config.fromfile(ROOT / 'configs' / path)).model).eval()
    for parameter in model.head.parameters():
        parameter.data.normal_(std=0.1)
    return model


PROBLEMS = {path: export_problem(build(path)) for path in TOY}
EXPORTED = [path for path, problem in PROBLEMS.items() if not problem]


def export(model):
    """The localizer, the file's content and a session on it."""
    model = model.eval()
    notes = describe(model.head, SIZE, [])
    content = to_onnx(ExportableLocalizer(model), SIZE, notes)
    return SimpleNamespace(
        model=model, content=content, session=open_session(content, threads=1)
    )


@cache
def export_toy(path):
    return export(build(path))


@pytest.fixture(scope='module', params=EXPORTED)
def exported(request):
    return export_toy(request.param)


@pytest.fixture(scope='module')
def cam():
    return export_toy('cam/resnet18_toy.py')


def random_images(count, generator, size=SIZE):
    """``(N, 3, H, W)`` uint8, BGR."""
    shape = (count, 3, *size)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def operators(content):
    return {node.op_type for node in onnx.load_from_string(content).graph.node}


def test_every_toy_method_but_one_is_exported():
    methods = {Path(path).parent.name for path in EXPORTED}
    assert {'adl', 'bas', 'cam', 'isc', 'pnsc'} <= methods
    assert 'bcam' not in methods


@pytest.mark.parametrize('batch', [1, 3])
@pytest.mark.parametrize('samples', [False, True])
def test_the_graph_predicts_as_the_localizer(exported, batch, samples, generator):
    images = random_images(batch, generator)
    unlabelled = [DataSample() for _ in images] if samples else None
    with torch.no_grad():
        expected = exported.model.test_step(
            dict(inputs=images, data_samples=unlabelled)
        )
    scores, maps = exported.session.run(None, dict(images=images.flip(1).numpy()))
    assert scores.shape == (batch, 6)
    assert maps.shape == (batch, 1, *SIZE)
    assert maps.dtype == scores.dtype == np.float32
    for sample, score, score_map in zip(expected, scores, maps):
        np.testing.assert_allclose(score, sample.pred_score.numpy(), atol=1e-5)
        np.testing.assert_allclose(score_map, sample.pred_map.numpy(), atol=5e-4)


def test_images_are_rgb_bytes(cam, generator):
    images = random_images(2, generator)
    right, swapped = (
        cam.session.run(None, dict(images=i.numpy()))[0]
        for i in (images.flip(1), images)
    )
    assert np.abs(right - swapped).max() > 1e-4
    with pytest.raises(Exception, match='uint8'):  # and not 0 to 1
        cam.session.run(None, dict(images=images.float().numpy() / 255))


def test_the_file_says_what_it_is(exported):
    notes = exported.session.get_modelmeta().custom_metadata_map
    assert notes['mmwsol_version'] == __version__
    assert notes['color_order'] == 'RGB'
    assert json.loads(notes['input_size']) == list(SIZE)
    assert notes['scores'] == 'softmax'
    assert [d if isinstance(d, int) else '?' for d in shape(exported)] == [
        '?',
        3,
        *SIZE,
    ]
    assert str(ROOT).encode() not in exported.content


def shape(exported):
    return exported.session.get_inputs()[0].shape


@pytest.mark.parametrize(
    ('head', 'expected'),
    [
        ({}, ('predicted class', 'softmax')),
        (dict(map_classes='all'), ('mean of all classes', 'softmax')),
        (
            dict(map_classes=3, multi_label=True),
            ('mean of the 3 classes with the highest scores', 'sigmoid'),
        ),
    ],
)
def test_whose_map_it_is_stands_in_the_file(head, expected):
    head = tiny_localizer(dict(type='CAMHead', **head)).head
    notes = describe(head, (8, 9), [dict(type='Resize'), dict(type='PackInputs')])
    assert (notes['map_rule'], notes['scores']) == expected
    assert json.loads(notes['test_pipeline']) == [dict(type='Resize')]


class Resize(nn.Module):
    def forward(self, images):
        return Localizer.finished(None, images[:, 0], (60, 50)), images.float()


def test_maps_are_resized_as_torch_does(generator):
    session = open_session(to_onnx(Resize(), (14, 11), {}), threads=1)
    maps = random_images(3, generator, (14, 11))
    (found, _) = session.run(None, dict(images=maps.numpy()))
    fine = F.interpolate(maps[:, :1].float(), (60, 50), mode='bicubic')[:, 0]
    low, high = fine.amin((1, 2), True), fine.amax((1, 2), True)
    np.testing.assert_allclose(found, ((fine - low) / (high - low)).numpy(), atol=1e-5)
    images = np.full((2, 3, 14, 11), 7, np.uint8)
    images[1, :, 3, 4] = 8
    flat, other = session.run(None, dict(images=images))[0]
    assert not flat.any()
    assert (other.min(), other.max()) == (0, 1)


def test_a_plugin_that_acts_in_evaluation_is_in_the_graph(generator):
    plugin = dict(module=dict(type='Tanh'), after=['backbone.layer4.1'])
    own = export(tiny_localizer(dict(type='CAMHead'), plugins=[plugin]))
    assert 'Tanh' in operators(own.content)
    found = compare(own.session, own.model, list(random_images(3, generator)), 0.5)
    assert found.scores.max() < 1e-5
    assert found.maps.max() < 5e-4


@pytest.mark.parametrize('path', ['adl/resnet18_toy.py', 'isc/resnet18_toy.py'])
def test_plugins_that_only_train_are_identities_in_evaluation(path, generator):
    feat = torch.rand(2, 32, 8, 8, generator=generator)
    model = build(path)
    assert len(model.plugins) > 0
    for plugin in model.plugins.values():
        assert plugin(feat) is feat


def test_order_in_memory_does_not_matter(generator):
    head, neck = dict(type='BASHead'), dict(type='ForegroundGenerator', num_maps=4)
    # the other models here have the order of a CPU, channels last
    own = export(tiny_localizer(head, neck, channels_last=False))
    found = compare(own.session, own.model, list(random_images(3, generator)), 0.5)
    assert found.scores.max() < 1e-5
    assert found.maps.max() < 5e-4


def test_methods_that_need_more_than_a_forward_pass_say_so():
    bcam = tiny_localizer(dict(type='BCAMHead'))
    with pytest.raises(
        ValueError, match='exported, but BCAMHead makes its map of a gradient'
    ):
        ExportableLocalizer(bcam)
    crops = MODELS.build(dict(type='TenCropTTA', module=bcam))
    with pytest.raises(ValueError, match='TenCropTTA merges ten forward passes'):
        ExportableLocalizer(crops)


class Shifted:
    """A session whose map of one image is off by 0.25, and whose scores are reversed there."""

    def __init__(self, model, images, wrong):
        self.exact = ExportableLocalizer(model)
        self.wrong = images[wrong].flip(0).numpy()

    def run(self, names, feed):
        with torch.no_grad():
            scores, maps = (
                out.numpy() for out in self.exact(torch.from_numpy(feed['images']))
            )
        for i, image in enumerate(feed['images']):
            if np.array_equal(image, self.wrong):
                scores[i] = scores[i, ::-1]
                maps[i] = np.maximum(maps[i] - 0.25, 0)
        return scores, maps


def test_a_wrong_output_is_found(generator):
    model = build('cam/resnet18_toy.py')
    images = list(random_images(4, generator))
    found = compare(Shifted(model, images, 2), model, images, 0.3)
    assert found.maps[2] == pytest.approx(0.25, abs=1e-3)
    assert np.delete(found.maps, 2).max() < 1e-3
    assert found.same_class.tolist() == [True, True, False, True]
    assert found.same_boxes.tolist() == [True, True, False, True]
    names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']
    assert '`scores` of onnxruntime within 0.001' in found.problem(1e-3, names)
    assert 'for c.jpg' in found.problem(1e-3, names)


@pytest.mark.parametrize(
    ('maps', 'expected'),
    [
        ([0.0, 1e-3], None),
        ([2e-3, 5e-3], '`maps` of onnxruntime within 0.001.*0.005 for b$'),
        ([0.0, float('nan')], '`maps` of onnxruntime.*nan for b$'),
    ],
)
def test_the_worst_difference_is_named(maps, expected):
    same = np.ones(2, bool)
    problem = Agreement(np.zeros(2), np.array(maps), same, same).problem(
        1e-3, ['a', 'b']
    )
    assert problem is None if expected is None else re.search(expected, problem)


def test_contrast_of_a_map_before_it_is_stretched(generator):
    model = build('cam/resnet18_toy.py')
    image = random_images(1, generator)[0]
    assert map_contrast(model, image) > 1e-3
    model.head.classifier.weight.data.zero_()
    model.head.classifier.bias.data.fill_(1)
    assert map_contrast(model, image) == 0


def pipeline(name):
    config = Config.fromfile(ROOT / 'configs/_base_/datasets' / f'{name}.py')
    return config.test_dataloader.dataset.pipeline


def test_the_size_of_the_input_is_the_pipelines():
    assert image_size(ImageView(pipeline('cub'))) == (224, 224)
    assert image_size(ImageView(pipeline('cub_legacy'))) == (224, 224)
    assert image_size(ImageView(pipeline('voc'))) == (512, 512)
    assert image_size(ImageView(pipeline('toy'))) is None  # the drawings' own


@pytest.mark.parametrize('name', ['cub', 'cub_legacy'])
def test_a_view_is_what_the_data_set_gives(name, cub_root):
    dataset = DATASETS.build(
        dict(
            type='CUBLoc',
            data_root=str(cub_root),
            split='test',
            test_mode=True,
            pipeline=pipeline(name),
        )
    )
    image = cv2.imread(dataset.get_data_info(3)['img_path'])
    view = ImageView(pipeline(name))(image)
    assert torch.equal(view, dataset[3]['inputs'])


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(
        onnx_file, 'find_spec', lambda name: None if 'script' in name else name
    )
    with pytest.raises(ImportError, match='needs onnxscript. Run: pip install onnx '):
        to_onnx(None, SIZE, {})


CAM = ROOT / 'configs/cam/resnet18_toy.py'


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    init_default_scope('mmpretrain')
    file = tmp_path_factory.mktemp('weights') / 'cam.pth'
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(CAM).model)
    model.head.classifier.weight.data.normal_(std=0.1)
    torch.save(dict(state_dict=model.state_dict()), file)
    return file


def tool(*args):
    export_onnx.main([*map(str, args), '--num-images', '4'])


@pytest.fixture(scope='module')
def written(checkpoint, tmp_path_factory):
    """What the tool writes and prints."""
    file, output = tmp_path_factory.mktemp('onnx') / 'new/cam.onnx', StringIO()
    with redirect_stdout(output):
        tool(
            *(CAM, checkpoint, '--out', file, '--threshold', 0.3),
            *('--runs', 2, '--batch', 3),
        )
    return SimpleNamespace(file=file, output=output.getvalue())


def test_the_tool_writes_a_model_with_classes_and_threshold(written):
    notes = open_session(written.file).get_modelmeta().custom_metadata_map
    assert json.loads(notes['classes'])[0] == 'fox'
    assert len(json.loads(notes['classes'])) == 6
    assert notes['threshold'] == '0.3'
    assert json.loads(notes['input_size']) == [96, 96]


def test_the_tool_reports_differences_and_times(written):
    output = written.output
    assert '4 images, from test image 0 on, in batches of 1 and of 3' in output
    assert 'same class 4 of 4, same boxes at threshold 0.3 4 of 4' in output
    assert re.search(r'cam.onnx: 0\.\d MB, opset 18, images \(N, 3, 96, 96\)', output)
    rows = [line.split('|') for line in output.splitlines() if line.startswith('| 1 ')]
    assert [int(row[2]) for row in rows] == [1, 3]
    assert all(float(cell) > 0 for row in rows for cell in row[3:6])


def test_too_large_a_difference_ends_the_tool_without_a_file(
    checkpoint, written, tmp_path, monkeypatch
):
    out = tmp_path / 'model.onnx'
    content = written.file.read_bytes()
    monkeypatch.setattr(export_onnx, 'to_onnx', lambda *_: content)
    with pytest.raises(SystemExit) as stopped:
        tool(CAM, checkpoint, '--out', out, '--tolerance', 0)
    assert 'of onnxruntime within 0 of those of torch, but got' in stopped.value.code
    assert 'was not written' in stopped.value.code
    assert not out.exists()


def test_the_tool_refuses_before_it_writes(checkpoint, tmp_path):
    out = tmp_path / 'model.onnx'
    with pytest.raises(ValueError, match='BCAMHead makes its map of a gradient'):
        tool(ROOT / 'configs/bcam/resnet18_toy.py', checkpoint, '--out', out)
    with pytest.raises(ValueError, match=r"PNSCHead in .*cam.pth, but it has no 'neck"):
        tool(ROOT / 'configs/pnsc/resnet18_toy.py', checkpoint, '--out', out)
    broken = tmp_path / 'broken.pth'
    broken.write_bytes(checkpoint.read_bytes()[:5000])
    with pytest.raises(ValueError, match='broken.pth, but it is damaged'):
        tool(CAM, broken, '--out', out)
    assert not out.exists()


def test_images_must_leave_the_pipeline_at_one_size(checkpoint, tmp_path):
    photo = tmp_path / 'photo.png'
    cv2.imwrite(str(photo), np.zeros((50, 60, 3), np.uint8))
    arguments = (CAM, checkpoint, '--out', tmp_path / 'model.onnx', '--images')
    with pytest.raises(
        ValueError, match=r'96 x 96 pixels, but got 50 x 60 for .*photo.png'
    ):
        tool(*arguments, photo)
    with pytest.raises(FileNotFoundError, match='Expected an image or a folder'):
        tool(*arguments, tmp_path / 'nothing.txt')


def test_photographs_stand_in_for_missing_data(tmp_path):
    pytest.importorskip('skimage')
    config = Config.fromfile(ROOT / 'configs/cam/mobilenetv2_cub.py')
    config.test_dataloader.dataset.data_root = str(tmp_path)
    assert export_onnx.build_dataset(config) is None
    view = ImageView(pipeline('cub'))
    images = export_onnx.choose_images(SimpleNamespace(images=None), view, None)
    assert list(images) == ['astronaut', 'chelsea', 'coffee', 'rocket']
    assert export_onnx.choose_size(view, images, None) == (224, 224)
    for image in images.values():
        assert image.shape == (3, 224, 224)
    # the rocket's sky is blue: the first channel is the brightest
    sky = images['rocket'][:, :40].float().mean((1, 2))
    assert sky[0] > sky[2]


def example():
    """The program of docs/deployment.md."""
    text = (ROOT / 'docs/deployment.md').read_text()
    return re.search(r'```python\n(.*?)```', text, re.DOTALL).group(1)


def test_the_documented_program_needs_no_more_than_three_packages(
    written, checkpoint, tmp_path
):
    dataset = DATASETS.build(Config.fromfile(CAM).test_dataloader.dataset)
    image = dataset[0]['inputs']
    photo, program = tmp_path / 'photo.png', tmp_path / 'locate.py'
    cv2.imwrite(str(photo), image.permute(1, 2, 0).numpy())
    program.write_text(example())
    for name in ('mmwsol', 'torch', 'cv2', 'mmengine'):
        (tmp_path / f'{name}.py').write_text('raise ImportError("not here")')
    done = subprocess.run(
        [sys.executable, str(program), str(written.file), str(photo)],
        env={**os.environ, 'PYTHONPATH': str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    model = MODELS.build(Config.fromfile(CAM).model).eval()
    model.load_state_dict(torch.load(checkpoint)['state_dict'])
    with torch.no_grad():
        (sample,) = model.test_step(dict(inputs=image[None]))
    tight = get_protocol('wsolevaluation', box='tight', clip=False)
    (box,) = map_boxes(sample.pred_map[0].numpy(), 0.3, tight).tolist()
    name = dataset.metainfo['classes'][int(sample.pred_label)]
    score = float(sample.pred_score.max())
    assert done.stdout.split() == [name, f'{score:.3f}', *map(str, box)]


def test_the_documented_table_is_true():
    text = (ROOT / 'docs/deployment.md').read_text()
    rows = re.findall(r'^\| (.*?) \| (yes|no) \|', text, re.MULTILINE)
    said = {name: word for names, word in rows for name in names.split(', ')}
    names = {folder: collection['Name'] for collection, folder in Tables(ROOT).methods}
    found = {names[Path(path).parent.name]: PROBLEMS[path] for path in TOY}
    for name, problem in found.items():
        assert said.get(name, 'yes') == ('no' if problem else 'yes'), name


def test_pillow_resizes_as_the_test_pipeline_does(generator):
    coarse = torch.rand(1, 3, 30, 40, generator=generator)
    image = (F.interpolate(coarse, (300, 451), mode='bicubic').clamp(0, 1) * 255).byte()
    image = image[0].permute(1, 2, 0).numpy()
    assert 'Image.Transform.EXTENT, extent, Image.Resampling.BILINEAR' in example()
    theirs = Image.fromarray(image).transform(
        (224, 224),
        Image.Transform.EXTENT,
        (0, 0, 451, 300),
        Image.Resampling.BILINEAR,
    )
    ours = cv2.resize(image, (224, 224))
    assert np.abs(np.asarray(theirs).astype(int) - ours).max() <= 1
