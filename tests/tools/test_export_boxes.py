"""Predicted boxes of a data set: a detection set without drawn boxes."""

import json
import re

import numpy as np
import pytest
import torch
from mmpretrain.registry import MODELS
from pycocotools.coco import COCO

from tests.support.models import BIRDS
from tools import export_boxes


def test_boxes_of_a_training_set_are_a_detection_set(trained, cub_root, tmp_path):
    """The boxes of the image's own class, though the model predicts as it likes."""
    file = tmp_path / 'boxes.json'
    assert (
        export_boxes.main([*trained, f'--out={file}', '--workers=0', '--batch-size=5'])
        == 0
    )
    coco = COCO(str(file))
    assert [c['name'] for c in coco.loadCats(coco.getCatIds())] == list(BIRDS)
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
    export_boxes.main([*trained, f'--out={file}', '--workers=0'])
    again = json.loads(file.read_text())['annotations']
    np.testing.assert_allclose([a['bbox'] for a in again], boxes, atol=0.5)


def test_boxes_of_little_score_are_left_out(trained, tmp_path):
    file = tmp_path / 'boxes.json'
    arguments = [*trained, f'--out={file}', '--workers=0', '--lowest-score=0.99']
    assert export_boxes.main(arguments) == 0
    content = json.loads(file.read_text())
    assert len(content['images']) == 12
    assert content['annotations'] == []


def test_a_broken_training_image_is_named_and_the_rest_exported(
    trained, cub_root, tmp_path, capsys
):
    broken = cub_root / 'images/002.Auklet/bird_1.jpg'
    broken.write_bytes(broken.read_bytes()[:200])
    file = tmp_path / 'boxes.json'
    assert export_boxes.main([*trained, f'--out={file}', '--workers=0']) == 1
    assert 'bird_1.jpg is truncated' in capsys.readouterr().err
    assert len(json.loads(file.read_text())['images']) == 11


def test_drawn_images_have_names_and_no_files(tiny_config, tmp_path):
    config = tiny_config('cam/resnet18_toy.py')
    config.train_dataloader.dataset.num_train = 12
    config.dump(tmp_path / 'toy.py')
    model = MODELS.build(config.model)
    torch.save(model.state_dict(), tmp_path / 'toy.pth')
    arguments = [str(tmp_path / name) for name in ('toy.py', 'toy.pth')]
    with pytest.raises(SystemExit, match='ToyShapes draws its images'):
        export_boxes.main([*arguments, '--format=yolo', f'--out={tmp_path / "yolo"}'])
    file = tmp_path / 'boxes.json'
    assert export_boxes.main([*arguments, f'--out={file}', '--workers=0']) == 0
    names = [image['file_name'] for image in json.loads(file.read_text())['images']]
    assert names == [f'toyshapes/train/{i}' for i in range(12)]


@pytest.mark.parametrize('form', ['yolo', 'voc', 'label-studio'])
def test_other_formats_are_folders(trained, tmp_path, form, capsys):
    out = tmp_path / 'boxes'
    arguments = [*trained, f'--out={out}', f'--format={form}', '--workers=0']
    assert export_boxes.main(arguments) == 0
    assert f'12 images, 12 boxes: {out}' in capsys.readouterr().out
    if form == 'label-studio':
        tasks = json.loads((out / 'tasks.json').read_text())
        assert len(tasks) == 12
        assert tasks[0]['data']['image'].endswith('?d=001.Albatross/bird_0.jpg')
        return
    names = dict(yolo=('images', 'labels'), voc=('JPEGImages', 'Annotations'))[form]
    stems = [sorted(file.stem for file in (out / name).iterdir()) for name in names]
    assert stems[0] == stems[1]
    assert len(stems[0]) == 12
    assert not (out / 'boxes.json').exists()


def test_values_of_classes_reach_their_boxes(trained, tmp_path):
    file = tmp_path / 'boxes.json'
    arguments = [*trained, f'--out={file}', '--workers=0', '--boxes=all']
    arguments += ['--lowest-score', '0', f'{BIRDS[0]}=0.99']
    arguments += ['--smallest', f'{BIRDS[1]}=1', '0.001']
    assert export_boxes.main(arguments) == 0
    content = json.loads(file.read_text())
    assert {own['category_id'] for own in content['annotations']} == {3}
    assert content['info']['lowest_score'] == f'0 {BIRDS[0]}=0.99'
    reasons = {image.get('reason') for image in content['images']} - {None}
    assert any('is below 0.99' in reason for reason in reasons)


@pytest.mark.parametrize(
    ('options', 'said'),
    [
        (['--lowest-score', '002.Aklet=0.5'], 'the nearest is 002.Auklet'),
        (['--format=yolo', '--out=TMP/boxes.json'], 'Expected a folder in --out'),
        (['--format=yolo', '--out=TMP'], 'which has other files'),
        (['--overlap=2'], r'Expected a number in \[0, 1\]'),
    ],
)
def test_what_is_refused_before_the_work(trained, tmp_path, capsys, options, said):
    options = [option.replace('TMP', str(tmp_path)) for option in options]
    with pytest.raises(SystemExit) as ended:
        export_boxes.main([*trained, f'--out={tmp_path / "b"}', *options])
    text = str(ended.value) + capsys.readouterr().err
    assert re.search(said, text)
