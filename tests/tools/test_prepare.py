"""The tool that writes a config for your own images."""

import os
import re
import shlex
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.registry import DATASETS

from mmwsol.datasets.custom_method import UNFIT
from tests.support.commands import plain
from tools.prepare import custom as prepare_custom
from tools.test import main as evaluate

ROOT = Path(__file__).parents[2]


def put(file, content):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def drawing(color):
    """50 x 70 with a box of a color at (20, 10, 50, 40)."""
    image = np.random.default_rng(color).integers(0, 60, (50, 70, 3), dtype=np.uint8)
    image[10:40, 20:50, color] = 255
    return cv2.imencode('.png', image)[1].tobytes()


CLASSES = ('chat noir', 'Hündin', 'fox')


@pytest.fixture
def animals(tmp_path):
    """Three classes of 6 images each, and a box for each."""
    root = tmp_path / 'my animals'
    lines = ['image,x0,y0,x1,y1']
    for color, name in enumerate(CLASSES):
        for i in range(6):
            path = f'{name}/day {i % 2}/{i}.png'
            put(root / path, drawing(color))
            lines.append(f'{path},20,10,50,40')
    (root / 'boxes.csv').write_text('\n'.join(lines), encoding='utf-8')
    return root


@pytest.fixture
def custom(animals, tmp_path, capsys):
    def run(*args, folder=animals):
        out = tmp_path / 'written' / 'my_config.py'
        code = prepare_custom.main([str(folder), '--out', str(out), *args])
        config = Config.fromfile(out) if out.exists() else None
        return code, capsys.readouterr().out, config

    return run


def datasets(config):
    return [config[f'{part}_dataloader'].dataset for part in ('train', 'val', 'test')]


def test_a_config_for_images_without_boxes(custom, animals):
    code, output, config = custom('--method', 'cam')
    assert code == 0, output
    assert '  fox                    5 train, 1 val' in output
    train, val, test = datasets(config)
    assert {d.data_root for d in (train, val, test)} == {str(animals)}
    assert {d.val_per_class for d in (train, val, test)} == {1}
    assert [d.split for d in (train, val, test)] == ['train', 'val', 'val']
    assert 'boxes' not in train
    assert config.model.head.num_classes == 3
    assert [e.type for e in config.val_evaluator] == ['Accuracy']
    assert config.test_evaluator == config.val_evaluator


@pytest.mark.parametrize('method', ['bas', 'ddt', 'pnsc'])
@pytest.mark.parametrize('backbone', ['mobilenetv2', 'resnet50'])
def test_a_config_for_images_with_boxes(custom, method, backbone):
    args = ('--boxes', 'boxes.csv', '--method', method, '--backbone', backbone)
    args += ('--insist',)
    code, output, config = custom(*args, '--val-per-class', '2')
    assert code == 0, output
    assert 'boxes                    18' in output
    train, val, test = datasets(config)
    assert (val.boxes, test.boxes, val.val_per_class) == ('boxes.csv', 'boxes.csv', 2)
    assert 'boxes' not in train
    assert config.model.head.num_classes == 3
    types = [e.type for e in config.test_evaluator]
    assert types == ['MaxBoxAccV2', 'Accuracy']


def test_the_default_is_recommended_with_its_reason(custom):
    code, output, config = custom()
    assert code == 0, output
    assert re.search('method +ddt on resnet50, since .* IoU 0.5', output)
    assert config.model.head.type == 'DDTHead'
    assert config.model.head.num_classes == 3


@pytest.mark.parametrize('method', [*UNFIT])
def test_methods_that_few_classes_mislead_are_refused(custom, method):
    code, output, config = custom('--method', method)
    assert (code, config) == (1, None)
    assert 'for 3 classes' in output
    assert re.search(r'boxes(\.py)? .*my animals', output)
    assert '--method ddt' in output
    code, output, config = custom('--method', method, '--insist')
    assert code == 0, output
    assert config.model.head.num_classes == 3


def test_the_next_commands_can_be_pasted_where_one_is(
    animals, tmp_path, monkeypatch, capsys
):
    """Names with spaces, a folder that is not the checkout's, this interpreter."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('PATH', str(tmp_path))  # no environment is activated
    given = ['my animals', '--boxes', 'boxes.csv', '--out', 'my config.py']
    assert prepare_custom.main(given) == 0
    lines = capsys.readouterr().out.split('Next:')[1].split('\n')
    commands = [shlex.split(line) for line in lines if line.strip()]
    model = 'my config_model/epoch_1.pth'
    assert [command[2:] for command in commands] == [
        ['my config.py', '--work-dir', 'my config_model'],
        ['my config.py', model],
        ['my animals', 'my config.py', model, '--out', 'found'],
    ]
    for command, tool in zip(commands, ('train', 'test', 'infer')):
        assert command[0] == sys.executable
        assert Path(command[1]).samefile(ROOT / f'tools/{tool}.py')


def test_the_images_that_are_held_out_are_listed(custom, animals, tmp_path):
    code, output, config = custom('--val-per-class', '2')
    assert code == 0, output
    file = tmp_path / 'written/my_held_out.txt'
    assert re.search(rf'held out +6 images, listed in \S*{file.name}', output)
    listed = file.read_text(encoding='utf-8').splitlines()
    val = DATASETS.build(config.val_dataloader.dataset)
    infos = [val.get_data_info(i) for i in range(len(val))]
    assert [str(animals / one) for one in listed] == [i['img_path'] for i in infos]


def test_folders_for_testing_are_used(custom, animals, tmp_path):
    root = tmp_path / 'split'
    root.mkdir()
    animals.rename(root / 'train')
    for name in CLASSES:
        put(root / f'test/{name}/0.png', drawing(0))
    code, output, config = custom(folder=root)
    assert code == 0, output
    assert '  fox                    6 train, 1 test' in output
    assert [d.split for d in datasets(config)] == ['train', 'test', 'test']
    assert config.train_dataloader.dataset.val_per_class == 0
    Path(config.filename).unlink()
    code, output, config = custom('--val-per-class', '2', folder=root)
    assert '  fox                    4 train, 2 val, 1 test' in output
    assert [d.split for d in datasets(config)] == ['train', 'val', 'test']


def test_evaluated_images_without_box_are_noted(custom, animals):
    edit(animals / 'boxes.csv', '\nfox/day 1/5.png,20,10,50,40', '')
    edit(animals / 'boxes.csv', '\nfox/day 0/0.png,20,10,50,40', '')  # of training
    code, output, _ = custom('--boxes', 'boxes.csv')
    assert code == 0, output
    assert "note: 1 images of 'val' have no box and count as misses:" in output
    assert 'fox/day 1/5.png' in output


def test_damaged_images_stop_or_are_left_out(custom, animals):
    put(animals / 'fox/day 0/0.png', b'')
    put(animals / 'fox/day 1/1.png', drawing(0)[:-30])
    code, output, config = custom()
    assert code == 1
    assert config is None
    assert '2 images are damaged' in output
    assert 'fox/day 0/0.png is empty' in output
    assert 'fox/day 1/1.png is truncated' in output
    assert 'No config was written' in output
    code, output, config = custom('--skip-broken')
    assert code == 0, output
    assert {d.broken_images for d in datasets(config)} == {'skip'}


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ('owl.png,1,1,2,2', "are not there, the first: 'owl.png' in line 20 of"),
        ('fox/day 0/0.png,9,1,2,2', 'x0 < x1 and y0 < y1 in line 20 of'),
        ('fox/day 0/0.png,1,1,90,20', r'1 boxes .* leave their images:\n.*\(70 x 50'),
        ('fox/day 0/0.png,1,1', 'Expected 5 values in line 20 of'),
    ],
)
def test_mistakes_in_the_box_file_are_problems(custom, animals, line, message):
    with (animals / 'boxes.csv').open('a', encoding='utf-8') as file:
        file.write(f'\n{line}')
    code, output, config = custom('--boxes', 'boxes.csv')
    assert code == 1
    assert config is None
    assert re.search(message, output)


def test_too_few_classes_or_images(custom, tmp_path):
    put(tmp_path / 'one/cat/1.png', drawing(0))
    code, output, _ = custom(folder=tmp_path / 'one')
    assert code == 1
    assert "two classes or more, but there is only ['cat']" in output
    assert "'cat' has 1 images to train on, which must be more than the 1" in output
    (tmp_path / 'one/dog').mkdir()
    code, output, _ = custom(folder=tmp_path / 'one')
    assert code == 1
    assert "'dog' has 0 images to train on" in output
    code, output, _ = custom(folder=tmp_path / 'none')
    assert code == 1
    assert 'Expected `data_root` of CustomLoc to be a folder' in output


def test_a_file_that_exists_is_not_overwritten(custom, capsys):
    assert custom()[0] == 0
    with pytest.raises(SystemExit):
        custom()
    assert 'my_config.py exists; name another file' in capsys.readouterr().err


def test_a_box_file_may_be_named_from_here(custom, animals, monkeypatch):
    monkeypatch.chdir(animals.parent)
    code, output, config = custom('--boxes', f'{animals.name}/boxes.csv')
    assert code == 0, output
    assert config.val_dataloader.dataset.boxes == 'boxes.csv'


@pytest.mark.parametrize('boxes', [True, False])
def test_from_a_folder_to_numbers_and_maps_without_code(
    custom, animals, tmp_path, boxes
):
    if not boxes:
        (animals / 'boxes.csv').unlink()
    chosen = ['--method', 'cam', *(['--boxes', 'boxes.csv'] if boxes else [])]
    _, _, config = custom(*chosen)
    options = ['--work-dir', tmp_path / 'work', '--cfg-options']
    options += ['model.backbone.init_cfg=None', 'train_cfg.max_epochs=1']
    options += ['train_cfg.val_interval=1', 'train_dataloader.batch_size=5']
    # smaller pictures than anyone would train on
    options += ['train_dataloader.dataset.pipeline.1.scale=(72,72)']
    options += ['train_dataloader.dataset.pipeline.2.crop_size=64']
    for part in ('val', 'test'):
        options += [f'{part}_dataloader.dataset.pipeline.2.scale=(64,64)']
    for part in ('train', 'val', 'test'):
        loader = f'{part}_dataloader'
        options += [f'{loader}.num_workers=0', f'{loader}.persistent_workers=False']
    # the config works in any folder
    code, output = plain('train', config.filename, *options, at=animals)
    assert code == 0, output
    assert 'classes right' in output
    assert ('boxes right' in output) == boxes

    maps = tmp_path / 'saved'
    arguments = [config.filename, tmp_path / 'work/epoch_1.pth', '--save-maps', maps]
    metrics = evaluate([str(a) for a in (*arguments, *options)])
    assert 'accuracy/top1' in metrics
    assert metrics.get('loc/num_images') == (3 if boxes else None)
    saved = sorted(p.relative_to(maps / 'maps') for p in maps.rglob('*.npy'))
    names = [f'{name}/day 1/5.png.npy' for name in sorted(CLASSES)]
    assert [str(p) for p in saved] == names
    score_map = np.load(maps / 'maps' / saved[0])
    assert score_map.shape == (64, 64)
    assert 0 <= score_map.min() < score_map.max() <= 1


@pytest.mark.parametrize(
    'name',
    [
        r'C:\Users\new\x41.py',
        'three """ marks\\.py',
        "it's \\'''new\\'''.py",
        'new\nline {{ fileDirname }}.py',
        os.fsdecode(b'caf\xe9 \xff.py'),
        '{method} {}.py',
    ],
)
def test_a_written_config_loads_whatever_names_are_in_it(
    animals, tmp_path, name, capsys
):
    root = animals.rename(tmp_path / name.removesuffix('.py'))
    out = tmp_path / 'configs' / name
    assert prepare_custom.main([str(root), '--out', str(out)]) == 0
    config = Config.fromfile(out)
    assert config.train_dataloader.dataset.data_root == str(root)
    assert 'All is well' in capsys.readouterr().out


def test_one_image_a_class_is_trained_on_without_evaluation(custom, tmp_path):
    for name in CLASSES:
        put(tmp_path / 'one' / name / '0.png', drawing(0))
    code, output, _ = custom(folder=tmp_path / 'one')
    assert code == 1
    assert 'or none with --val-per-class 0' in output
    none = '--val-per-class', '0', '--method', 'cam'
    code, output, config = custom(*none, folder=tmp_path / 'one')
    assert code == 0, output
    assert not list((tmp_path / 'written').glob('*.txt'))
    assert 'no image is evaluated' in output
    assert config.val_dataloader is config.val_evaluator is config.val_cfg is None
    assert config.model.head.num_classes == 3
    config.model.backbone.init_cfg = None
    config.work_dir = str(tmp_path / 'work')
    config.train_cfg.max_epochs = 1
    config.train_dataloader.update(num_workers=0, persistent_workers=False)
    config.train_dataloader.dataset.pipeline[1].scale = (72, 72)
    config.train_dataloader.dataset.pipeline[2].crop_size = 64
    Runner.from_cfg(config).train()
    assert (tmp_path / 'work/epoch_1.pth').is_file()
    with pytest.raises(ValueError, match='hold training images out with `val_per'):
        DATASETS.build(config.test_dataloader.dataset)


def test_boxes_of_no_evaluated_image_are_a_problem(custom, animals):
    first = (animals / 'boxes.csv').read_text(encoding='utf-8').splitlines()[:2]
    (animals / 'boxes.csv').write_text('\n'.join(first), encoding='utf-8')
    code, output, config = custom('--boxes', 'boxes.csv')
    assert code == 1
    assert config is None
    assert "none of the 3 images of 'val' has a box" in output


def test_boxes_in_another_unit_are_told(custom, animals):
    text = (animals / 'boxes.csv').read_text(encoding='utf-8')
    text = text.replace('20,10,50,40', f'{20 / 70},{10 / 50},{50 / 70},{40 / 50}')
    (animals / 'boxes.csv').write_text(text, encoding='utf-8')
    code, output, _ = custom('--boxes', 'boxes.csv')
    assert code == 1
    assert 'shares of the width and height; say what they are with' in output
    code, output, config = custom('--boxes', 'boxes.csv', '--box-unit', 'share')
    assert code == 0, output
    dataset = DATASETS.build(config.val_dataloader.dataset)
    found = dataset.get_data_info(0)['instances'][0]['bbox']
    np.testing.assert_allclose(found, [20, 10, 50, 40])


def test_help_says_what_to_do(capsys):
    with pytest.raises(SystemExit) as stopped:
        prepare_custom.main(['--help'])
    assert stopped.value.code == 0
    output = capsys.readouterr().out
    assert 'python tools/train.py' in output
    assert 'python tools/prepare/custom.py' in output
