"""OpenImages30k as published: lists, masks, evaluation, the check of a download."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.runner import Runner

from mmwsol.datasets import LoadMasks, OpenImagesLoc
from mmwsol.evaluation import PxAP
from tests.support.folders import OPENIMAGES_CLASSES
from tests.support.images import quarter_turned
from tools import eval_maps
from tools.prepare import openimages as prepare

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(openimages_root):
    return openimages_root


def load(root, split='test', pipeline=(), **kwargs):
    options = dict(split=split, test_mode=split != 'train', pipeline=pipeline)
    return OpenImagesLoc(data_root=str(root), **options, **kwargs)


PIPELINE = [
    dict(type='LoadIntactImage', color_type='color_ignore_orientation'),
    dict(type='Resize', scale=(8, 6)),
    dict(type='LoadMasks'),
    dict(type='PackInputs', algorithm_keys=('gt_seg_map',)),
]


def test_the_published_lists_are_read(root):
    sizes = {split: len(load(root, split)) for split in ('train', 'val', 'test')}
    assert sizes == dict(train=6, val=4, test=4)
    test = load(root)
    assert test.metainfo['classes'] == OPENIMAGES_CLASSES
    first, second = test.get_data_info(0), test.get_data_info(1)
    assert first['gt_label'] == 0
    assert first['img_path'] == str(root / 'test/01226z/00af.jpg')
    assert first['seg_map_path'] == [
        (str(root / 'test/01226z/00af_m0_left.png'),)
        + (str(root / 'test/01226z/00af_ignore.png'),),
        (str(root / 'test/01226z/00af_m0_right.png'), ''),
    ]
    assert second['seg_map_path'][0][1] == ''
    assert test.get_data_info(3)['gt_label'] == 1


def test_masks_are_united_and_what_does_not_count_gives_way_to_them(root):
    mask = load(root, pipeline=PIPELINE)[0]['data_samples'].gt_seg_map
    # 8 x 6: a quarter on each side is object, the lower half between them not counted
    upper = [1, 1, 0, 0, 0, 0, 1, 1]
    lower = [1, 1, 255, 255, 255, 255, 1, 1]
    assert mask.tolist() == [upper] * 3 + [lower] * 3
    alone = load(root, pipeline=PIPELINE)[1]['data_samples'].gt_seg_map
    assert alone.tolist() == [[1, 1, 0, 0, 0, 0, 0, 0]] * 6


def test_masks_go_to_the_networks_size_in_one_step(root):
    """As the published loader: each file by nearest pixels, whatever its size, to 224."""
    key = root / 'test/01226z/00af'
    rng = np.random.default_rng(1)
    masks = {'_m0_left': (61, 83), '_m0_right': (17, 23), '_ignore': (300, 400)}
    for name, size in masks.items():
        noise = rng.integers(0, 2, size).astype(np.uint8) * 255
        cv2.imwrite(f'{key}{name}.png', noise)
    resize = dict(type='Resize', scale=(224, 224))
    sample = load(root, pipeline=[PIPELINE[0], resize, *PIPELINE[2:]])[0]
    files = [
        np.float32(cv2.imread(f'{key}{name}.png', cv2.IMREAD_GRAYSCALE))
        for name in masks
    ]
    left, right, ignore = (
        cv2.resize(file, (224, 224), interpolation=cv2.INTER_NEAREST) > 0.5
        for file in files
    )
    expected = np.zeros((224, 224), int)
    for y in range(224):
        for x in range(224):
            if left[y, x] or right[y, x]:
                expected[y, x] = 1
            elif ignore[y, x]:
                expected[y, x] = 255
    np.testing.assert_array_equal(sample['data_samples'].gt_seg_map, expected)


def test_before_resize_masks_follow_it(root):
    order = [PIPELINE[0], PIPELINE[2], PIPELINE[1], PIPELINE[3]]
    mask = load(root, pipeline=order)[0]['data_samples'].gt_seg_map
    assert (
        mask.tolist()
        == load(root, pipeline=PIPELINE)[0]['data_samples'].gt_seg_map.tolist()
    )


@pytest.mark.parametrize(
    'moved',
    [
        dict(type='mmcv.CenterCrop', crop_size=4),
        dict(type='RandomFlip', prob=1.0),
        dict(type='RandomResizedCrop', scale=6),
    ],
)
def test_masks_refuse_an_image_that_has_moved(root, moved):
    data = load(root, pipeline=[*PIPELINE[:2], moved, dict(type='LoadMasks')])
    with pytest.raises(ValueError, match=r'LoadMasks before crops and flips'):
        data[0]


def test_an_image_without_masks_passes():
    assert LoadMasks()(dict(img_path='a.jpg')) == dict(img_path='a.jpg')


def test_training_opens_no_mask_and_no_list_of_masks(root):
    for file in root.rglob('*.png'):
        file.unlink()
    (root / 'metadata/train/localization.txt').write_text('not,a,list,of,masks,at,all')
    train = load(root, 'train')
    assert all('seg_map_path' not in train.get_data_info(i) for i in range(6))


def test_settings_are_chosen_on_the_published_val_or_on_training_images(root):
    own = load(root, 'val')
    assert all('/val/' in own.get_data_info(i)['img_path'] for i in range(len(own)))
    held_out = load(root, 'val', val_per_class=1)
    rest = load(root, 'train', val_per_class=1)
    paths = [
        {d.get_data_info(i)['img_path'] for i in range(len(d))}
        for d in (held_out, rest)
    ]
    assert [len(p) for p in paths] == [2, 4]
    assert not paths[0] & paths[1]
    assert all('/train/' in path for path in paths[0])


def test_a_subset_of_classes_is_relabelled(root):
    one = load(root, classes=['0bt_c3'])
    assert len(one) == 2
    assert one.get_data_info(0)['gt_label'] == 0
    assert '0bt_c3' in one.get_data_info(0)['seg_map_path'][0][0]


def test_lists_may_lie_elsewhere(root, tmp_path):
    shutil.move(root / 'metadata', tmp_path / 'lists')
    assert len(load(root, metadata=str(tmp_path / 'lists'))) == 4
    with pytest.raises(
        FileNotFoundError, match=r"of 'test' in .*metadata/test.*`metadata`"
    ):
        load(root)


def test_missing_and_damaged_masks_are_named(root, log_messages):
    mask = root / 'test/01226z/00af_ignore.png'
    content = mask.read_bytes()
    mask.unlink()
    with pytest.raises(
        FileNotFoundError, match='has the mask .*_ignore.png, which does'
    ):
        load(root)
    test = None
    for broken, problem in (
        (b'no image', 'not an image'),
        (content[:-20], 'truncated'),
    ):
        mask.write_bytes(broken)
        test = load(root, pipeline=PIPELINE)
        with pytest.raises(
            ValueError, match=f'00af.jpg has the mask .*png, .*{problem}'
        ):
            test[0]
    assert len(load(root, broken_images='skip')) == 3
    assert any('_ignore.png, which is truncated' in m for m in log_messages)


def test_maps_in_files_are_judged_by_the_published_lists(root):
    """tools/eval_maps.py, with lists that know no image's size, agrees with the metric."""
    rng = np.random.default_rng(2)
    test, metric = load(root, pipeline=PIPELINE), PxAP()
    for i in range(len(test)):
        info, score_map = test.get_data_info(i), rng.random((1, 6, 8), np.float32)
        sample = test[i]['data_samples']
        metric.process({}, [dict(pred_map=torch.tensor(score_map), **sample.to_dict())])
        file = root / 'maps' / Path(info['img_path']).relative_to(root)
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(f'{file}.npy', score_map[0])
    arguments = ['--maps', root / 'maps', '--ann', root / 'metadata/test']
    arguments += ['--masks', root, '--out', root / 'out.json']
    found = eval_maps.main([str(a) for a in arguments])
    own = metric.evaluate(len(test))
    assert found['metrics']['pxap'] == own['pix/pxap']
    assert found['metrics']['piou'] == own['pix/piou']
    # a missing map scores 0 on all 224 x 224 pixels
    Path(f'{file}.npy').unlink()
    missing = eval_maps.main([str(a) for a in arguments])
    assert list(missing['problems']) == ['test/0bt_c3/11af.jpg']
    assert missing['metrics']['pxap'] < 50


def test_folders_that_contradict_the_labels_are_named(root):
    file = root / 'metadata/test/class_labels.txt'
    lines = file.read_text()
    file.write_text(lines.replace('01226z/01af.jpg,0', '01226z/01af.jpg,1'))
    with pytest.raises(ValueError, match="'01226z' and '0bt_c3' for class 1"):
        load(root)
    file.write_text(lines.replace(',1', ',3'))
    with pytest.raises(ValueError, match='classes from 0 to 3 .* 2 have no image'):
        load(root)


def test_the_camera_does_not_turn_an_image_away_from_its_masks(root):
    file = root / 'test/01226z/00af.jpg'
    file.write_bytes(quarter_turned(file.read_bytes()))
    assert cv2.imread(str(file)).shape == (40, 30, 3)  # turned where it is allowed
    assert load(root, pipeline=PIPELINE[:1])[0]['img'].shape == (30, 40, 3)


def test_a_tiny_cam_learns_and_is_judged_by_pixels(root, tmp_path, tiny_config):
    config = tiny_config('cam/resnet50_openimages.py')
    grey = cv2.imread(str(root / 'train/01226z/00af.jpg'), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(root / 'train/01226z/00af.jpg'), grey)
    config.work_dir = str(tmp_path / 'work')
    config.model.head.num_classes = 2
    config.train_cfg.max_epochs = 1
    config.train_dataloader.dataset.pipeline[1].scale = (72, 72)
    config.train_dataloader.dataset.pipeline[2].crop_size = 64
    config.val_dataloader.dataset.pipeline[1].scale = (64, 64)
    config.val_evaluator[1].topk = (1,)
    for loader in (config.train_dataloader, config.val_dataloader):
        loader.dataset.data_root = str(root)
        loader.update(num_workers=0, persistent_workers=False, pin_memory=False)
    config.test_dataloader = config.val_dataloader
    config.default_hooks.checkpoint = None
    config.experiment_name = tmp_path.name
    runner = Runner.from_cfg(config)
    runner.train()
    metrics = runner.val_loop.run()
    assert metrics['pix/num_images'] == 4
    assert metrics['pix/num_invalid'] == 0
    assert 0 < metrics['pix/pxap'] <= 100
    assert 'accuracy/top1' in metrics


@pytest.fixture
def small(monkeypatch):
    """A download of the tests' size counts as whole."""
    monkeypatch.setattr(prepare, 'CLASSES', 2)
    monkeypatch.setattr(prepare, 'EXPECTED', dict(train=6, val=4, test=4))


def test_a_whole_download_passes_the_check(root, small, capsys):
    assert prepare.main([str(root), '--thorough']) == 0
    printed = capsys.readouterr().out
    assert 'All is well. Next: python tools/train.py' in printed
    assert 'PROBLEM' not in printed


def test_the_check_names_what_is_missing(root, small, capsys):
    (root / 'train/01226z/00af.jpg').unlink()
    (root / 'test/01226z/00af_ignore.png').unlink()
    damaged = root / 'val/0bt_c3/10af.jpg'
    damaged.write_bytes(damaged.read_bytes()[:-40])
    (root / 'val/0bt_c3/stray.png').write_bytes(b'')
    lists = root / 'metadata/val/localization.txt'
    kept = [line for line in lists.read_text().splitlines() if '01af' not in line]
    lists.write_text('\n'.join(kept))
    assert prepare.main([str(root), '--thorough']) == 1
    printed = capsys.readouterr().out
    for line in (
        'PROBLEM: 1 of 6 train images are missing:\n    train/01226z/00af.jpg',
        'PROBLEM: 1 of 8 test masks are missing:\n    test/01226z/00af_ignore.png',
        'PROBLEM: 1 of 4 val images are damaged:\n    val/0bt_c3/10af.jpg is truncated',
        'PROBLEM: 1 val images have no mask:\n    val/01226z/01af.jpg',
        'val/0bt_c3/stray.png',
    ):
        assert line in printed
    assert '4 problem(s)' in printed


def test_the_check_of_an_incomplete_copy_counts_against_the_official_numbers(
    root, capsys
):
    assert prepare.main([str(root)]) == 1
    assert 'train: images listed     6, expected 29819' in capsys.readouterr().out
    assert prepare.main([str(root / 'nowhere')]) == 1
    assert 'image_ids.txt is not there; copy metadata' in capsys.readouterr().out
