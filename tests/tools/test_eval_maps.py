"""Maps in files: the layout, tools/eval_maps.py, and agreement with the metric."""

import json
import os
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mmwsol.evaluation import MapFiles, MaxBoxAccV2
from mmwsol.io.map_folders import (
    Annotations,
    map_file,
    read_annotations,
    write_annotations,
)
from tests.support import reference
from tests.support.samples import random_samples
from tools import eval_maps

ROOT = Path(__file__).parents[2]


@pytest.fixture
def saved(tmp_path):
    """Seven samples, and the folder that they were saved to."""
    samples = random_samples(3)
    for one in samples:
        one['img_path'] = f'/data/images/birds/{one["img_path"]}'
        one['gt_bboxes'] = one['gt_bboxes'].floor()
    writer = MapFiles(tmp_path, '/data/images')
    writer.process({}, samples[:4])
    writer.process({}, samples[4:])
    assert writer.evaluate(len(samples)) == {}
    return samples, tmp_path


def run(folder, *args):
    return eval_maps.main(
        ['--maps', str(folder / 'maps'), '--ann', str(folder / 'annotations')]
        + ['--out', str(folder / 'out.json'), *map(str, args)]
    )


def metric(samples, **kwargs):
    own = MaxBoxAccV2(**kwargs)
    own.process({}, samples)
    results = own.evaluate(len(samples))
    return {name.removeprefix('loc/'): value for name, value in results.items()}


@pytest.mark.parametrize(
    ('args', 'kwargs'),
    [
        ((), {}),
        (('--protocol', 'bas'), dict(protocol='bas')),
        (('--average', 'class', '--threshold', 'fixed=0.3'),)
        + (dict(average='class', threshold=0.3),),
        (('--box', 'tight', '--strict', '--no-clip'),)
        + (dict(box='tight', strict=True, clip=False),),
        (('--percentile', '90'), dict(percentile=90)),
    ],
)
def test_saved_maps_have_the_metrics_numbers(saved, args, kwargs):
    samples, folder = saved
    result = run(folder, *args)
    assert result['metrics'] == metric(samples, **kwargs)
    written = json.loads((folder / 'out.json').read_text())
    assert written['metrics'] == result['metrics']
    assert written['complete']
    assert (
        len(written['curves']['gt_known_iou50']) == len(written['thresholds']) == 1000
    )
    assert cv2.imread(str(folder / 'out.png')) is not None


def test_several_processes_give_the_same_numbers(saved, monkeypatch):
    _, folder = saved
    one = run(folder)
    monkeypatch.setattr(eval_maps, 'CHUNK', 2)
    assert run(folder, '--workers', 2)['metrics'] == one['metrics']


def test_thresholds_come_from_another_split(saved):
    samples, folder = saved
    tuned = run(folder)
    (folder / 'out.json').rename(folder / 'val.json')
    chosen = run(folder, '--threshold', f'from_split={folder / "val.json"}')
    for name in ('gt_known', 'top1', 'threshold', 'threshold_v2_iou30'):
        assert chosen['metrics'][name] == tuned['metrics'][name]
    # on the split that they were chosen on, accuracies at the thresholds are the maxima
    assert chosen['metrics']['boxacc_v2'] == pytest.approx(
        tuned['metrics']['maxboxacc_v2']
    )
    assert chosen['protocol']['threshold'].startswith('from_split=')


def test_the_layout_is_wsolevaluations(saved):
    _, folder = saved
    lines = (folder / 'annotations/localization.txt').read_text().splitlines()
    image, *box = lines[0].split(',')
    assert image == 'birds/0.jpg'
    assert [int(v) for v in box]  # whole numbers, as its reader expects
    assert (folder / 'maps/birds/0.jpg.npy').is_file()
    sizes = (folder / 'annotations/image_sizes.txt').read_text().splitlines()
    assert sizes[0] == 'birds/0.jpg,15,12'  # width, height


def test_boxes_are_scaled_from_the_image_to_the_map():
    annotations = Annotations(
        ['a'], dict(a=0), dict(a=(500, 375)), boxes=dict(a=[(60, 27, 385, 331)])
    )
    # the published int(60 * 224 / 500) and so on
    expected = [26, 16, 172, 197]
    found = np.floor(annotations.boxes_on('a', (224, 224)) + 1e-6)
    assert found.tolist() == [expected]


def test_what_is_wrong_is_named_and_the_rest_is_kept(saved):
    samples, folder = saved
    annotations = read_annotations(folder / 'annotations')
    maps = [map_file(folder / 'maps', image) for image in annotations.ids]
    maps[0].unlink()
    np.save(maps[1], np.full((12, 15), np.nan))
    np.save(maps[2], np.full((12, 15), 1.5))
    np.save(maps[3], np.zeros((2, 12, 15)))
    maps[4].write_bytes(b'no array')
    annotations.boxes[annotations.ids[5]] = [(9, 9, 3, 3)]
    write_annotations(folder / 'annotations', annotations)
    np.save(folder / 'maps/stray.jpg.npy', np.zeros((3, 3)))
    with (folder / 'annotations/localization.txt').open('a') as file:
        file.write('nobody.jpg,1,2,3,4\n')

    result = run(folder)
    assert result['metrics']['num_images'] == 7
    assert result['metrics']['num_invalid'] == 6
    words = ['does not exist', 'not finite', 'outside [0, 1]', '(2, 12, 15)']
    words += ['not an .npy file', 'x0 > x1']
    for image, word in zip(annotations.ids, words):
        assert word in result['problems'][image]
    assert any('nobody.jpg' in sentence for sentence in result['unknown'])
    assert any('stray.jpg' in sentence for sentence in result['unknown'])
    alone = metric(samples[6:])
    assert result['metrics']['gt_known'] == pytest.approx(alone['gt_known'] / 7)


def test_warnings_name_the_images(saved, capsys):
    _, folder = saved
    map_file(folder / 'maps', 'birds/3.jpg').unlink()
    run(folder)
    error = capsys.readouterr().err
    assert 'warning: birds/3.jpg has no map' in error
    assert 'counts as a miss' in error


@pytest.mark.parametrize(
    ('name', 'line', 'message'),
    [
        ('image_sizes.txt', 'birds/0.jpg,15', 'Expected 2 values.*line 1 of'),
        ('image_sizes.txt', 'birds/0.jpg,15,x', "number in line 1.*'x'"),
        ('image_sizes.txt', 'birds/0.jpg,0,4', 'whole number from 1 to'),
        (
            'image_sizes.txt',
            'birds/9.jpg,15,12',
            'image_sizes.txt.*such as birds/0.jpg',
        ),
        ('localization.txt', 'birds/0.jpg,1,2,3', 'Expected 2 or 4 values'),
        ('image_ids.txt', 'birds/1.jpg', 'birds/1.jpg is repeated'),
    ],
)
def test_malformed_annotations_are_refused_before_any_work(saved, name, line, message):
    _, folder = saved
    file = folder / 'annotations' / name
    file.write_text('\n'.join([line, *file.read_text().splitlines()[1:]]))
    with pytest.raises(ValueError, match=message):
        run(folder)


def test_a_missing_annotation_file_is_named(saved):
    _, folder = saved
    (folder / 'annotations/class_labels.txt').unlink()
    with pytest.raises(FileNotFoundError, match='class_labels.txt'):
        run(folder)


def test_masks_in_files(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / 'maps').mkdir()
    ids, content = ['a.png', 'b.png'], Annotations([], {}, {})
    lines, maps, masks = [], [], []
    for image in ids:
        maps.append(rng.random((8, 8)))
        np.save(map_file(tmp_path / 'maps', image), maps[-1])
        one, two, ignore = (rng.random((8, 8)) < 0.3 for _ in range(3))
        masks.append(np.where(one | two, 1, np.where(ignore, 255, 0)))
        for name, mask in (('one', one), ('two', two), ('ignore', ignore)):
            cv2.imwrite(str(tmp_path / f'{name}_{image}'), mask * 255)
        lines += [f'{image},{name}_{image},ignore_{image}' for name in ('one', 'two')]
        content.ids.append(image)
        content.labels[image], content.sizes[image] = 0, (8, 8)
    write_annotations(tmp_path / 'annotations', content)
    (tmp_path / 'annotations/localization.txt').write_text('\n'.join(lines))

    result = run(tmp_path, '--masks', tmp_path)
    pxap, piou = reference.pixel_curve(maps, masks)
    assert result['metrics']['pxap'] == pytest.approx(pxap)
    assert result['metrics']['piou'] == pytest.approx(piou)
    # a missing map scores 0 everywhere, a missing mask leaves the image out
    map_file(tmp_path / 'maps', 'a.png').unlink()
    result = run(tmp_path, '--masks', tmp_path)
    pxap, _ = reference.pixel_curve([maps[0] * 0, maps[1]], masks)
    assert result['metrics']['pxap'] == pytest.approx(pxap)
    (tmp_path / 'one_a.png').unlink()
    result = run(tmp_path, '--masks', tmp_path)
    pxap, _ = reference.pixel_curve(maps[1:], masks[1:])
    assert result['metrics']['pxap'] == pytest.approx(pxap)
    assert 'one_a.png' in result['problems']['a.png']


def test_images_without_any_box_are_misses_and_any_iou_can_be_plotted(saved):
    _, folder = saved
    (folder / 'annotations/localization.txt').write_text('')
    with pytest.raises(ValueError, match='can be judged, but got none'):
        run(folder, '--ious', '0.05', '0.5', '0.755')
    result = json.loads((folder / 'out.json').read_text())
    assert result['metrics']['num_invalid'] == result['metrics']['num_images'] == 7
    assert result['metrics']['maxboxacc_v2'] == 0


@pytest.mark.parametrize('name', ['SIGINT', 'SIGTERM', 'SIGHUP'])
def test_an_interrupted_run_keeps_what_it_has(saved, monkeypatch, capsys, name):
    samples, folder = saved
    judge, number = eval_maps.judge, signal.Signals[name]

    def interrupted(ids, **kwargs):
        signal.raise_signal(number)
        return judge(ids, **kwargs)

    monkeypatch.setattr(eval_maps, 'CHUNK', 3)
    monkeypatch.setattr(eval_maps, 'judge', interrupted)
    with pytest.raises(SystemExit) as ended:
        run(folder)
    assert ended.value.code == 128 + number
    result = json.loads((folder / 'out.json').read_text())
    assert not result['complete']
    assert result['metrics'] == metric(samples[:3])
    said = capsys.readouterr()
    assert 'interrupted' in said.out
    assert f'Stopped by {name} after 3 of 7 images' in said.err


def test_saved_maps_may_not_share_a_name(tmp_path):
    samples = random_samples(1, count=2)
    samples[1]['img_path'] = samples[0]['img_path']
    writer = MapFiles(tmp_path)
    writer.process({}, samples)
    with pytest.raises(ValueError, match='0.jpg came twice'):
        writer.evaluate(2)


def test_equal_scores_keep_their_rank_in_files(tmp_path):
    samples = random_samples(1, count=1)
    samples[0].update(
        pred_score=torch.tensor([0.2, 0.4, 0.4, 0.0]), gt_label=torch.tensor([2])
    )
    writer = MapFiles(tmp_path)
    writer.process({}, samples)
    writer.evaluate(1)
    assert read_annotations(tmp_path / 'annotations').rank('0.jpg') == 0


def test_names_of_any_bytes_and_of_many_signs(tmp_path):
    samples = random_samples(1, count=5)
    names = [
        os.fsdecode(b'Mu\xf1oz.jpg'),
        'a,b.jpg',
        'two\nlines.jpg',
        ' c .jpg ',
        'd.jpg',
    ]
    for one, name in zip(samples, names):
        one['img_path'] = f'/data/{name}'
    writer = MapFiles(tmp_path, '/data')
    writer.process({}, samples)
    writer.evaluate(len(samples))
    assert writer.problems == []
    ids = read_annotations(tmp_path / 'annotations').ids
    listed = ['a%2Cb.jpg', 'two%0Alines.jpg', '%20c .jpg%20', 'd.jpg']
    assert ids == [names[0], *listed]
    result = run(tmp_path)
    assert result['metrics']['num_images'] == 5
    assert result['unknown'] == []
    assert result['problems'] == {}


def test_a_map_that_cannot_be_written_is_named(tmp_path, log_messages):
    samples = random_samples(1, count=2)
    samples[0]['img_path'] = f'{"x" * 252}.jpg'
    writer = MapFiles(tmp_path)
    writer.process({}, samples)
    writer.evaluate(len(samples))
    (problem,) = writer.problems
    assert 'Could not write' in problem
    assert log_messages == [f'1 files could not be written, the first: {problem}']
    assert len(read_annotations(tmp_path / 'annotations').ids) == 2
