"""Memory, open files and threads of long runs and of large evaluations."""

import json
import mmap
import subprocess
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mmwsol.evaluation import MaxBoxAccV2, PxAP
from mmwsol.io.map_folders import Annotations, map_file, write_annotations
from tests.support import long_run
from tests.support.usage import growth, plot_usage, usage
from tools import eval_maps
from tools.benchmarks.measure import peak_memory

ROOT = Path(__file__).parents[2]


pytestmark = pytest.mark.skipif(
    not Path('/proc/self/statm').exists(), reason='only Linux tells'
)
CPU = torch.device('cpu')
SIDE, KINDS = 224, 16
MEGABYTE = 2**20


def test_usage_counts_what_is_there():
    before = usage()
    # of the system: an allocator may have as much left from before
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    content = np.frombuffer(mmap.mmap(-1, 64 * MEGABYTE, flags=private), np.uint8)
    content[:] = 1
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    with Path(__file__).open() as _, subprocess.Popen(['sleep', '60']) as process:
        during = usage()
        process.kill()
    done.set()
    thread.join()
    assert during.memory - before.memory == pytest.approx(content.nbytes, rel=0.1)
    assert during.files - before.files == 1
    assert during.threads - before.threads == 1
    assert during.workers - before.workers == 1
    assert usage().files == before.files


def test_growth_is_the_slope_of_the_best_line():
    assert growth([5, 7, 9, 11]) == pytest.approx(2)
    # around the mean (1.5, 2.5): (-1.5 x 0.5 - 0.5 x -1.5 + 0.5 x 1.5 + 1.5 x -0.5) / 5
    assert growth([3, 1, 4, 2]) == pytest.approx(0)
    assert growth([1, 1, 1, 5]) == pytest.approx((1.5 + 0.5 - 0.5 + 7.5 - 3) / 5)


def test_the_plot_shows_what_was_noted():
    noted = [usage(), usage()]
    panels = plot_usage(dict(run=noted)).axes
    memory, _, files, threads = (axes.lines[0].get_ydata() for axes in panels)
    assert memory.tolist() == pytest.approx([one.memory / 1e6 for one in noted])
    assert files.tolist() == [one.files for one in noted]
    assert threads.tolist() == [one.threads for one in noted]


@pytest.mark.parametrize('persistent', [True, False])
def test_epochs_leave_nothing_behind(persistent, tries, tmp_path):
    epochs = tries(10, 200)
    noted = long_run.run(tmp_path / 'run', epochs, persistent)
    assert len(noted) == epochs
    settled = noted[long_run.WARM_UP :]
    assert len({one.files for one in settled}) == 1
    assert len({one.threads for one in settled}) == 1
    assert {one.workers for one in settled} == {3 if persistent else 0}
    # a leaked batch of eight images would be 0.9 MB a step, 5.3 MB an epoch; the
    # allocator's own ups and downs fade over epochs
    later = noted[long_run.WARM_UP if epochs < 50 else epochs // 4 :]
    # of few epochs the median: one step of the allocator's tilts their line
    of_epoch = tries(lambda amounts: np.median(np.diff(amounts)), growth)
    allowed = tries(3_000_000, 50_000)
    assert of_epoch([one.memory for one in later]) < allowed
    assert of_epoch([one.workers_memory for one in later]) < allowed


@pytest.fixture(scope='module')
def scenes():
    """Maps and their masks, ``(K, H, W)``."""
    rng = np.random.default_rng(0)
    grids = rng.random((KINDS, 28, 28), np.float32)
    maps = np.stack([cv2.resize(grid, (SIDE, SIDE)) for grid in grids])
    return maps, (maps > 0.6).astype(np.uint8)


def evaluate(scenes, count, side):
    """Numbers of many images, of which a batch exists at a time."""
    maps, masks = (
        torch.from_numpy(np.stack([cv2.resize(one, (side, side)) for one in kind]))
        for kind in scenes
    )
    metrics = MaxBoxAccV2(num_threads=1), PxAP()
    for start in range(0, count, 50):
        samples = [
            dict(
                img_path=f'{number}.jpg',
                # a copy, as a model's is
                pred_map=maps[None, number % KINDS].roll(number // KINDS, 2),
                pred_score=torch.rand(200),
                gt_label=torch.tensor([number % 200]),
                gt_bboxes=torch.tensor([[10.0, 20.0, 80.0, 90.0]]),
                gt_seg_map=masks[number % KINDS],
            )
            for number in range(start, min(start + 50, count))
        ]
        for metric in metrics:
            metric.process({}, samples)
    numbers = [metric.evaluate(count) for metric in metrics]
    assert numbers[0]['loc/num_images'] == numbers[1]['pix/num_images'] == count


def test_metrics_keep_no_maps(scenes, tries):
    # all maps together are 200 MB, and 2.5 GB
    count, side = tries(1000, 50_000), tries(224, 112)
    evaluate(scenes, 100, side)  # loads code
    peak = peak_memory(lambda: evaluate(scenes, count, side), CPU)
    assert peak < 96 * MEGABYTE, peak


@pytest.fixture
def make_files(scenes, tmp_path):
    """Makes a folder of maps, masks and annotations; maps are links to a few."""

    def make(count, side):
        folder = tmp_path / str(count)
        (folder / 'maps').mkdir(parents=True)
        for number, (score_map, mask) in enumerate(zip(*scenes)):
            np.save(folder / f'{number}.npy', cv2.resize(score_map, (side, side)))
            cv2.imwrite(str(folder / f'{number}.png'), mask)
        images = [f'{number:05d}.jpg' for number in range(count)]
        for number, image in enumerate(images):
            file = folder / f'{number % KINDS}.npy'
            map_file(folder / 'maps', image).symlink_to(file)
        labels = {image: number % 200 for number, image in enumerate(images)}
        sizes = dict.fromkeys(images, (SIDE, SIDE))
        classes = dict.fromkeys(images, [0, 1, 2, 3, 4])
        content = Annotations(images, labels, sizes, classes=classes)
        write_annotations(folder / 'annotations', content)
        with (folder / 'annotations/localization.txt').open('a') as out:
            for number, image in enumerate(images):
                print(image, f'{number % KINDS}.png', '', sep=',', file=out)
        return folder

    return make


@pytest.mark.parametrize('workers', [1, 2])
def test_files_of_maps_are_read_one_by_one(workers, make_files, tries):
    def run(folder):
        arguments = ['--maps', folder / 'maps', '--ann', folder / 'annotations']
        arguments += ['--masks', folder, '--workers', workers]
        arguments += ['--out', folder / 'out.json']
        eval_maps.main([*map(str, arguments)])

    # all maps together are 122 and 627 MB
    count, side, allowed = tries(38 * KINDS, 50_000), tries(224, 56), tries(64, 256)
    few, folder = make_files(KINDS, side), make_files(count, side)
    run(few)  # loads code
    peak = peak_memory(lambda: run(folder), CPU)
    assert peak < allowed * MEGABYTE, peak
    metrics, same = (
        json.loads((at / 'out.json').read_text())['metrics'] for at in (folder, few)
    )
    assert metrics == pytest.approx(same)  # every kind as often as every other
