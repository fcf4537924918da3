"""tools/export_onnx.py, and the program of docs/deployment.md that reads its file."""

import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
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
from PIL import Image

from mmwsol.deployment import Agreement, export_problem, open_session
from mmwsol.functional import get_protocol, map_boxes
from tests.support.models import ROOT, toy_configs, toy_model
from tools import export_onnx
from tools.report.tables import Tables

pytest.importorskip('onnx')


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


def test_photographs_stand_in_for_missing_data(
    written, tiny_config, tmp_path, monkeypatch
):
    pytest.importorskip('skimage')
    config = tiny_config('cam/resnet50_cub.py')
    config.test_dataloader.dataset.data_root = str(tmp_path)
    config.dump(tmp_path / 'config.py')
    weights = tmp_path / 'cam.pth'
    torch.save(MODELS.build(config.model).state_dict(), weights)
    sizes, images = [], []

    def to_onnx(model, size, notes):
        sizes.append(size)
        return written.file.read_bytes()

    def compare(session, localizer, inputs, threshold):
        images.extend(inputs)
        same = np.ones(len(inputs), bool)
        return Agreement(1 - same, 1 - same, same, same)

    monkeypatch.setattr(export_onnx, 'to_onnx', to_onnx)
    monkeypatch.setattr(export_onnx, 'compare', compare)
    tool(tmp_path / 'config.py', weights, '--out', tmp_path / 'm.onnx', '--runs', 0)
    assert sizes == [(224, 224)]
    assert [image.shape for image in images] == [(3, 224, 224)] * 4
    # the rocket's sky is blue: the first channel is the brightest
    sky = images[3][:, :40].float().mean((1, 2))
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
    for path in toy_configs():
        name = names[Path(path).parent.name]
        problem = export_problem(toy_model(path))
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
