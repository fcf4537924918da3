"""What people do with a trained model: pictures, boxes for a detector, a page."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmpretrain.registry import MODELS
from pycocotools.coco import COCO

from mmwsol.apis import LocInferencer

ROOT = Path(__file__).parents[2]
NAMES = ('001.Albatross', '002.Auklet', '003.Wren')


def tool(name):
    """A file of tools/ as a module."""
    return importlib.import_module(f'tools.{name}')


@pytest.fixture
def trained(tiny_config, tmp_path, cub_root) -> tuple[str, str]:
    """Config and checkpoint of a small model for the three birds."""
    config = tiny_config('cam/resnet50_cub.py')
    config.model.head.num_classes = 3
    for split in ('train', 'val', 'test'):
        config[f'{split}_dataloader'].dataset.data_root = str(cub_root)
    config.dump(tmp_path / 'config.py')
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    meta = dict(dataset_meta=dict(classes=NAMES))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), tmp_path / 'model.pth')
    return str(tmp_path / 'config.py'), str(tmp_path / 'model.pth')


@pytest.fixture
def photos(cub_root, tmp_path) -> Path:
    """Three images in a folder and one below it, one of them broken, and a text."""
    folder = tmp_path / 'photos'
    (folder / 'sub').mkdir(parents=True)
    for number, name in enumerate(('a.jpg', 'b.jpg', 'sub/a.jpg')):
        bird = cub_root / f'images/001.Albatross/bird_{number}.jpg'
        (folder / name).write_bytes(bird.read_bytes())
    (folder / 'b.jpg').write_bytes((folder / 'b.jpg').read_bytes()[:200])
    (folder / 'notes.txt').write_text('not an image')
    return folder


def test_a_folder_becomes_pictures_and_boxes(trained, photos, tmp_path, capsys):
    out = tmp_path / 'found'
    code = tool('infer').main(
        [str(photos), *trained, '--out', str(out), '--workers', '0']
    )
    said = capsys.readouterr()
    assert code == 1  # not all files could be read
    assert 'b.jpg is truncated' in said.err
    assert '1 of 3 files' in said.err
    assert cv2.imread(str(out / 'pictures/sub/a.jpg.jpg')).shape == (30, 40, 3)
    assert (out / 'pictures/a.jpg.jpg').exists()
    assert cv2.imread(str(out / 'contact_sheet.jpg')) is not None
    content = json.loads((out / 'predictions.json').read_text())
    assert [image['file_name'] for image in content['images']] == ['a.jpg', 'sub/a.jpg']
    first = content['images'][0]
    assert (first['width'], first['height']) == (40, 30)
    assert content['failed'][0]['file_name'] == 'b.jpg'
    assert content['info']['threshold'] == 'otsu'
    coco = COCO(str(out / 'predictions.json'))
    for annotation in coco.loadAnns(coco.getAnnIds()):
        x, y, width, height = annotation['bbox']
        assert min(x, y) >= 0 < min(width, height)
        assert x + width <= 40.01
        assert y + height <= 30.01
        assert annotation['category_id'] in (1, 2, 3)


def test_one_image_without_pictures(trained, photos, tmp_path):
    arguments = [str(photos / 'a.jpg'), *trained, '--out', str(tmp_path / 'found')]
    assert tool('infer').main([*arguments, '--no-pictures', '--workers', '0']) == 0
    assert sorted(p.name for p in (tmp_path / 'found').iterdir()) == [
        'predictions.json'
    ]


def test_an_interrupted_run_keeps_what_it_found(trained, photos, tmp_path, monkeypatch):
    infer = tool('infer')
    stream = LocInferencer.stream

    def cut(self, *args):
        for number, result in enumerate(stream(self, *args)):
            if number == 1:
                raise KeyboardInterrupt
            yield result

    monkeypatch.setattr(LocInferencer, 'stream', cut)
    with pytest.raises(KeyboardInterrupt):
        infer.main(
            [str(photos), *trained, '--out', str(tmp_path / 'f'), '--workers', '0']
        )
    content = json.loads((tmp_path / 'f/predictions.json').read_text())
    assert [image['file_name'] for image in content['images']] == ['a.jpg']


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        ({0: 'nowhere'}, 'Expected an image or a folder at nowhere'),
        ({1: 'none.py'}, 'none.py'),
        ({2: 'none.pth'}, 'Expected a checkpoint at none.pth'),
        ({3: '--threshold=2'}, r'`threshold` in \[0, 1\)'),
        ({3: '--label=Penguin'}, "'Penguin'"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(trained, photos, tmp_path, wrong, message):
    arguments = [str(photos), *trained, f'--out={tmp_path / "found"}']
    for place, value in wrong.items():
        arguments[place : place + 1] = [value]
    with pytest.raises(SystemExit, match=message):
        tool('infer').main([*arguments, '--workers', '0'])


def test_boxes_of_a_training_set_are_a_detection_set(trained, cub_root, tmp_path):
    """The boxes of the image's own class, though the model predicts as it likes."""
    file = tmp_path / 'boxes.json'
    export = tool('export_boxes')
    assert (
        export.main([*trained, f'--out={file}', '--workers=0', '--batch-size=5']) == 0
    )
    coco = COCO(str(file))
    assert [c['name'] for c in coco.loadCats(coco.getCatIds())] == list(NAMES)
    assert len(coco.getImgIds()) == 12  # the training images, and only those
    for image in coco.loadImgs(coco.getImgIds()):
        assert (cub_root / 'images' / image['file_name']).exists()
        (annotation,) = coco.loadAnns(coco.getAnnIds(image['id']))
        name = coco.loadCats(annotation['category_id'])[0]['name']
        assert image['file_name'].startswith(name)
        assert annotation['area'] == pytest.approx(
            np.prod(annotation['bbox'][2:]), abs=0.01
        )
    boxes = [a['bbox'] for a in coco.anns.values()]
    (cub_root / 'bounding_boxes.txt').unlink()  # true boxes are not read
    export.main([*trained, f'--out={file}', '--workers=0'])
    again = json.loads(file.read_text())['annotations']
    np.testing.assert_allclose([a['bbox'] for a in again], boxes, atol=0.5)


def test_boxes_of_little_score_are_left_out(trained, tmp_path):
    file = tmp_path / 'boxes.json'
    arguments = [*trained, f'--out={file}', '--workers=0', '--lowest-score=0.99']
    assert tool('export_boxes').main(arguments) == 0
    content = json.loads(file.read_text())
    assert len(content['images']) == 12
    assert content['annotations'] == []


def test_a_broken_training_image_is_named_and_the_rest_exported(
    trained, cub_root, tmp_path, capsys
):
    broken = cub_root / 'images/002.Auklet/bird_1.jpg'
    broken.write_bytes(broken.read_bytes()[:200])
    file = tmp_path / 'boxes.json'
    assert tool('export_boxes').main([*trained, f'--out={file}', '--workers=0']) == 1
    assert 'bird_1.jpg is truncated' in capsys.readouterr().err
    assert len(json.loads(file.read_text())['images']) == 11


def test_drawn_images_have_no_files_to_name(tiny_config, tmp_path):
    config = tiny_config('cam/resnet18_toy.py')
    config.dump(tmp_path / 'toy.py')
    model = MODELS.build(config.model)
    torch.save(model.state_dict(), tmp_path / 'toy.pth')
    with pytest.raises(SystemExit, match='ToyShapes draws its images'):
        tool('export_boxes').main([str(tmp_path / 'toy.py'), str(tmp_path / 'toy.pth')])


def test_evaluation_draws_pictures_when_asked(tiny_config, tmp_path):
    config = tiny_config('cam/resnet18_toy.py')
    config.test_dataloader.update(num_workers=0, persistent_workers=False, batch_size=3)
    config.test_dataloader.dataset.num_test = 7
    config.dump(tmp_path / 'toy.py')
    torch.save(MODELS.build(config.model).state_dict(), tmp_path / 'toy.pth')
    arguments = ['--show-dir', str(tmp_path / 'shown'), '--interval', '3']
    subprocess.run(
        [sys.executable, 'tools/test.py', tmp_path / 'toy.py', tmp_path / 'toy.pth']
        + ['--work-dir', tmp_path / 'work', *arguments],
        cwd=ROOT,
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONWARNINGS': 'ignore'},
        check=True,
        capture_output=True,
    )
    names = sorted(p.name for p in (tmp_path / 'shown').iterdir())
    assert [int(name[:6]) for name in names] == [0, 3, 6]
    from mmwsol.datasets.toy import ToyShapes

    drawn = ToyShapes().draw(3, 'test').image.astype(float).mean((0, 1))
    shown = cv2.imread(str(tmp_path / 'shown' / names[1])).astype(float).mean((0, 1))
    # the heat-map adds color of its own, but does not exchange red and blue
    assert np.abs(shown - drawn).max() < 90


# the page


@pytest.fixture
def page(trained):
    web_demo = tool('web_demo')
    return web_demo.Page(LocInferencer(*trained))


def test_page_looks_once_and_draws_at_any_threshold(page, tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (50, 60, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / 'noise.png'), image)
    kept, scores = page.look(str(tmp_path / 'noise.png'))
    assert (kept['image'] == image[..., ::-1]).all()
    assert sum(scores.values()) == pytest.approx(1)
    assert set(scores) == set(NAMES)
    picture, rows, said = page.draw(kept, True, 0.9, 'largest')
    assert picture.shape == (300, 360, 3)  # six times 50 x 60
    assert f'threshold {kept["otsu"]:.2f}' in said
    low = page.draw(kept, False, 0.0, 'largest')
    high = page.draw(kept, False, 0.9, 'largest')
    assert 'threshold 0.90' in high[2]
    area = [(r[2] - r[0]) * (r[3] - r[1]) for r in (low[1][0], high[1][0])]
    assert area[0] > area[1]
    assert page.draw(None, True, 0.5, 'all') == (None, [], '')
    assert page.look(None) == (None, None)


def test_page_is_served(page):
    from urllib.request import urlopen

    blocks = page.blocks('mmwsol')
    _, address, _ = blocks.launch(
        server_name='127.0.0.1', share=False, prevent_thread_lock=True, quiet=True
    )
    try:
        text = urlopen(address, timeout=30).read().decode()
        config = json.loads(urlopen(f'{address}config', timeout=30).read())
    finally:
        blocks.close()
    assert 'mmwsol' in text
    labels = {c['props'].get('label') for c in config['components']}
    assert {'picture', 'map and boxes', 'class', 'boxes, pixels'} <= labels


# other projects

OUTSIDE = """
custom_imports = dict(imports=['mmwsol'])
default_scope = 'mmpretrain'
model = dict(
    type='Localizer',
    backbone=dict(type='TapResNet', depth=18, stem_channels=8, base_channels=8),
    neck=dict(type='SoftFusionNeck', num_maps=6, in_channels=(32, 64), num_convs=0),
    head=dict(
        type='PNSCHead',
        num_classes=6,
        in_channels=64,
        loss_fusion=dict(type='SoftFusionLoss', weights=(1.0, 1.5)),
        loss_contrast=dict(type='PNSCLoss'),
    ),
)
pipeline = [dict(type='LoadBoxes'), dict(type='PackInputs', algorithm_keys=('gt_bboxes',))]
train_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(type='ToyShapes', num_train=12, pipeline=[dict(type='PackInputs')]),
)
val_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='ToyShapes', num_test=12, split='test', test_mode=True, pipeline=pipeline
    ),
)
test_dataloader = val_dataloader
val_evaluator = [dict(type='MaxBoxAccV2'), dict(type='Accuracy')]
test_evaluator = val_evaluator
train_cfg = dict(by_epoch=True, max_epochs=1)
val_cfg = dict()
test_cfg = dict()
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01))
"""


def test_one_line_brings_every_module_into_another_project(tmp_path):
    """A config outside this repository, run by mmengine alone in a folder of its own."""
    (tmp_path / 'own.py').write_text(OUTSIDE)
    code = (
        'from mmengine.config import Config; from mmengine.runner import Runner\n'
        "config = Config.fromfile('own.py'); config.work_dir = 'work'\n"
        'runner = Runner.from_cfg(config); runner.train()\n'
        'print(sorted(runner.test())[0:99])\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', code],
        cwd=tmp_path,
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONWARNINGS': 'ignore'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'loc/gt_known'" in done.stdout
