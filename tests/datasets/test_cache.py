"""Images kept decoded in a file: the same samples, made once, never half."""

import multiprocessing
import os
import pickle
import re
import runpy
import shutil
import signal
import tempfile
import time
import zlib
from pathlib import Path
from types import SimpleNamespace

import cv2
import mmcv
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmwsol.datasets import CUBLoc, OpenImagesLoc, ToyShapes, pixel_file
from mmwsol.datasets.pixel_cache import PixelCache

ROOT = Path(__file__).parents[2]
LOAD = dict(type='LoadIntactImage', color_type='color_ignore_orientation')
TRAIN = [
    LOAD,
    dict(type='Resize', scale=(24, 20)),
    dict(type='RandomCrop', crop_size=16),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackInputs'),
]
TEST = [
    LOAD,
    dict(type='LoadBoxes'),
    dict(type='Resize', scale=(24, 20)),
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]


def cub(root, cache='', pipeline=TRAIN, **kwargs):
    # serialised, every data set would wait for a garbage collection
    kwargs = dict(serialize_data=False) | kwargs
    return CUBLoc(data_root=str(root), cache=str(cache), pipeline=pipeline, **kwargs)


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / 'cache'


def made(cache):
    return sorted(cache.glob('*.npy'))


def samples(dataset, seed=0):
    np.random.seed(seed)  # noqa: NPY002 the host's transforms draw from numpy's own state
    return [dataset[i] for i in range(len(dataset))]


def assert_same(ours, host):
    """Pixels, labels, boxes, masks and all that is noted of an image."""
    assert len(ours) == len(host)
    for a, b in zip(ours, host):
        assert torch.equal(a['inputs'], b['inputs'])
        assert a['inputs'].stride() == b['inputs'].stride()
        a, b = a['data_samples'], b['data_samples']
        assert dict(a.metainfo_items()) == dict(b.metainfo_items())
        assert set(a.keys()) == set(b.keys())
        for key in a.keys():
            np.testing.assert_array_equal(a.get(key), b.get(key))


def forget_decoding(monkeypatch):
    """Makes decoding an image an error from here on."""

    def refuse(*args, **kwargs):
        raise AssertionError('an image was decoded')

    monkeypatch.setattr('mmcv.imfrombytes', refuse)


def test_training_samples_are_the_same_to_the_bit(cub_root, cache, monkeypatch):
    host = samples(cub(cub_root))
    dataset = cub(cub_root, cache)
    forget_decoding(monkeypatch)
    assert_same(samples(dataset), host)
    assert any(
        (a['inputs'] != b['inputs']).any() for a, b in zip(samples(dataset, 1), host)
    )


def test_test_samples_have_the_same_boxes_and_sizes(cub_root, cache):
    kwargs = dict(split='test', test_mode=True, pipeline=TEST)
    ours = samples(cub(cub_root, cache, **kwargs))
    assert_same(ours, samples(cub(cub_root, **kwargs)))
    sample = ours[0]['data_samples']
    # 40 x 30 became 24 x 20: x times 3/5, y times 2/3; 4 3 28 18 is the first box
    assert (sample.ori_shape, sample.img_shape) == ((30, 40), (20, 24))
    assert sample.scale_factor == (24 / 40, 20 / 30)
    np.testing.assert_allclose(sample.gt_bboxes, [[2.4, 2.0, 16.8, 12.0]])


@pytest.mark.parametrize(
    'options',
    [
        dict(backend='pillow'),
        dict(interpolation='bicubic'),
        dict(clip_object_border=False),
    ],
)
def test_what_resize_is_told_is_done(cub_root, cache, options):
    pipeline = [*TEST[:2], dict(TEST[2], **options), TEST[3]]
    kwargs = dict(split='test', test_mode=True, pipeline=pipeline)
    assert_same(
        samples(cub(cub_root, cache, **kwargs)), samples(cub(cub_root, **kwargs))
    )


def test_images_of_different_sizes_keep_their_own(cub_root, cache):
    for i, size in enumerate([(61, 33), (20, 24), (7, 90)]):
        image = np.random.default_rng(i).integers(0, 255, (*size, 3), dtype=np.uint8)
        cv2.imwrite(str(cub_root / f'images/002.Auklet/bird_{i}.jpg'), image)
    pipeline = [*TRAIN[:2], TRAIN[-1]]
    ours = samples(cub(cub_root, cache, pipeline))
    assert_same(ours, samples(cub(cub_root, pipeline=pipeline)))
    assert (61, 33) in {s['data_samples'].ori_shape for s in ours}


@pytest.mark.parametrize('masks_first', [False, True])
def test_masks_are_the_same(tmp_path, cache, masks_first):
    rng = np.random.default_rng(0)
    lists = tmp_path / 'metadata/test'
    (tmp_path / 'test').mkdir()
    lists.mkdir(parents=True)
    cv2.imwrite(
        str(tmp_path / 'test/a.jpg'), rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)
    )
    cv2.imwrite(
        str(tmp_path / 'test/a_mask.png'),
        (rng.random((30, 40)) < 0.5).astype(np.uint8) * 255,
    )
    for name, line in (
        ('image_ids', 'test/a.jpg'),
        ('class_labels', 'test/a.jpg,0'),
        ('localization', 'test/a.jpg,test/a_mask.png,'),
    ):
        (lists / f'{name}.txt').write_text(line + '\n')
    beginning = [LOAD, TRAIN[1], dict(type='LoadMasks')]
    if masks_first:
        beginning[1:] = beginning[:0:-1]
    pipeline = [*beginning, dict(type='PackInputs', algorithm_keys=('gt_seg_map',))]
    kwargs = dict(
        data_root=str(tmp_path),
        split='test',
        test_mode=True,
        num_classes=1,
        pipeline=pipeline,
    )
    ours = samples(OpenImagesLoc(cache=str(cache), **kwargs))
    assert ours[0]['data_samples'].gt_seg_map.shape == (20, 24)
    assert_same(ours, samples(OpenImagesLoc(**kwargs)))


def test_workers_give_the_same(cub_root, cache):
    host = cub(cub_root, pipeline=[*TRAIN[:2], TRAIN[-1]])
    ours = cub(cub_root, cache, pipeline=[*TRAIN[:2], TRAIN[-1]])
    loader = Runner.build_dataloader(
        dict(
            dataset=ours,
            batch_size=5,
            num_workers=1,
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='default_collate'),
        )
    )
    inputs = torch.cat([batch['inputs'] for batch in loader])
    assert torch.equal(inputs, torch.stack([s['inputs'] for s in samples(host)]))


def test_a_copy_for_a_worker_is_small_and_reads_the_same(cub_root, cache):
    dataset = cub(cub_root, cache)
    (reads,) = {step.cache for step in dataset.pipeline.transforms[:2]}
    sent = pickle.dumps(reads)
    assert len(sent) < 3000  # one image alone has 1440 values
    path = dataset.get_data_info(3)['img_path']
    np.testing.assert_array_equal(pickle.loads(sent).image(path), reads.image(path))


def test_an_image_belongs_to_who_reads_it(cub_root, cache):
    """What a later transform draws into an image is not drawn into the file."""
    dataset = cub(cub_root, cache, pipeline=TRAIN[:2])
    first = dataset[0]['img']
    before = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(dataset[0]['img'], before)


def test_parts_of_the_data_read_their_own_images(cub_root, cache):
    """Places in a part are not places in the file."""
    kwargs = dict(serialize_data=True, pipeline=[*TRAIN[:2], TRAIN[-1]])
    whole = samples(cub(cub_root, **kwargs))
    part = cub(cub_root, cache, **kwargs).get_subset([7, 2])
    for sample, place in zip(samples(part), (7, 2)):
        assert torch.equal(sample['inputs'], whole[place]['inputs'])
    assert_same(samples(cub(cub_root, cache, indices=3, **kwargs)), whole[:3])
    with pytest.raises(KeyError, match='other.jpg is not among'):
        part.pipeline.transforms[0](dict(img_path='other.jpg'))


def test_the_second_run_decodes_nothing(cub_root, cache, monkeypatch):
    host = samples(cub(cub_root))
    cub(cub_root, cache)
    times = [file.stat().st_mtime_ns for file in made(cache)]
    forget_decoding(monkeypatch)
    assert_same(samples(cub(cub_root, cache)), host)
    assert [file.stat().st_mtime_ns for file in made(cache)] == times


def test_a_changed_image_is_read_anew(cub_root, cache):
    cub(cub_root, cache)
    file = cub_root / 'images/002.Auklet/bird_1.jpg'
    cv2.imwrite(str(file), np.zeros((30, 40, 3), np.uint8))
    ours = samples(cub(cub_root, cache))
    assert_same(ours, samples(cub(cub_root)))
    assert sum(s['inputs'].max() < 5 for s in ours) == 1
    assert len(made(cache)) == 2


def test_a_touched_image_is_read_anew(cub_root, cache):
    cub(cub_root, cache)
    os.utime(cub_root / 'images/002.Auklet/bird_1.jpg', ns=(0, 0))
    cub(cub_root, cache)
    assert len(made(cache)) == 2


@pytest.mark.parametrize(
    'change',
    [
        dict(pipeline=[LOAD, dict(type='Resize', scale=(20, 24)), *TRAIN[2:]]),
        dict(pipeline=[LOAD, dict(TRAIN[1], interpolation='nearest'), *TRAIN[2:]]),
        dict(pipeline=[dict(type='LoadIntactImage'), *TRAIN[1:]]),
        dict(num_classes=2),
    ],
)
def test_another_beginning_has_a_file_of_its_own(cub_root, cache, change):
    cub(cub_root, cache)
    assert_same(
        samples(cub(cub_root, cache, **change)), samples(cub(cub_root, **change))
    )
    assert len(made(cache)) == 2


@pytest.mark.parametrize('version', [('cv2.__version__', '0'), ('FORMAT', 0)])
def test_another_version_has_a_file_of_its_own(cub_root, cache, monkeypatch, version):
    cub(cub_root, cache)
    monkeypatch.setattr(f'mmwsol.datasets.pixel_cache.{version[0]}', version[1])
    cub(cub_root, cache)
    assert len(made(cache)) == 2


def test_what_follows_resize_does_not_matter(cub_root, cache):
    cub(cub_root, cache)
    cub(cub_root, cache, pipeline=[*TRAIN[:2], TRAIN[-1]])
    assert len(made(cache)) == 1


@pytest.mark.parametrize('keep', [0, 7, 400, -1])
def test_a_damaged_file_is_made_anew(cub_root, cache, log_messages, keep):
    """Empty, cut in its header, in its rows, by a byte."""
    cub(cub_root, cache)
    (file,) = made(cache)
    file.write_bytes(file.read_bytes()[:keep])
    assert_same(samples(cub(cub_root, cache)), samples(cub(cub_root)))
    assert any(f'{file.name} is damaged' in message for message in log_messages)


def row_of(text):
    if text == 'killed':
        os.kill(os.getpid(), signal.SIGKILL)
    return np.full((), int(text), np.int64)


@pytest.fixture
def small_file(cache, monkeypatch):
    """Makes and maps files of numbers, two of them at a time."""
    monkeypatch.setattr(pixel_file, 'CHUNK', 2)
    file, dtype = cache / 'numbers.npy', np.dtype(np.int64)
    return SimpleNamespace(
        file=file,
        part=file.with_suffix('.part'),
        make=lambda sources, row=row_of: pixel_file.make_rows(
            file, dtype, sources, row
        ),
        map=lambda count: pixel_file.map_rows(file, dtype, count),
    )


def killed_while_making(small_file):
    """A process of its own is killed at the fifth of six rows."""
    process = multiprocessing.get_context('fork').Process(
        target=small_file.make, args=([*'0123', 'killed', '5'],)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


@pytest.fixture
def unbuffered(monkeypatch):
    """Has what is written reach the file at once."""
    monkeypatch.setattr(
        pixel_file, 'open', lambda file, mode: open(file, mode, 0), raising=False
    )


def test_a_killed_one_is_continued(small_file, unbuffered):
    killed_while_making(small_file)
    assert small_file.map(6) is None
    assert small_file.part.exists()
    asked = []
    small_file.make([*'012345'], lambda text: (asked.append(text), row_of(text))[1])
    assert sorted(asked) == ['4', '5']
    assert small_file.map(6).tolist() == [0, 1, 2, 3, 4, 5]
    assert not small_file.part.exists()


@pytest.mark.parametrize('left', [0, 5, -3])
def test_what_is_left_of_a_row_is_made_again(small_file, unbuffered, left):
    """Of the killed one's part: nothing, some of the header, half a row."""
    killed_while_making(small_file)
    small_file.part.write_bytes(small_file.part.read_bytes()[:left])
    small_file.make([*'012345'])
    assert small_file.map(6).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_failed_one_leaves_nothing(small_file):
    with pytest.raises(ValueError, match='invalid literal'):
        small_file.make([*'0123', 'no number'])
    assert small_file.map(5) is None
    assert not small_file.part.exists()


def start_with_another(root, cache, barrier, results):
    """Waits for the other, then makes or finds the file; says how much it decoded."""
    decoded, real = [], mmcv.imfrombytes

    def slow(content, **kwargs):
        time.sleep(0.05)
        decoded.append(content)
        return real(content, **kwargs)

    mmcv.imfrombytes = slow  # in this process
    barrier.wait(60)
    dataset = cub(root, cache, pipeline=TRAIN[:2])
    images = b''.join(dataset[i]['img'].tobytes() for i in range(len(dataset)))
    results.put((len(decoded), zlib.crc32(images)))


def test_of_two_at_once_one_makes_it(cub_root, cache):
    context = multiprocessing.get_context('fork')
    barrier, results = context.Barrier(2), context.Queue()
    both = [
        context.Process(
            target=start_with_another, args=(cub_root, cache, barrier, results)
        )
        for _ in range(2)
    ]
    for process in both:
        process.start()
    (first, one), (second, other) = (results.get(timeout=60) for _ in both)
    for process in both:
        process.join()
    assert {first, second} == {0, 12}
    host = cub(cub_root, pipeline=TRAIN[:2])
    images = b''.join(host[i]['img'].tobytes() for i in range(12))
    assert one == other == zlib.crc32(images)
    assert {file.suffix for file in cache.iterdir()} == {'.npy', '.lock'}


def test_a_damaged_image_is_named_or_skipped_as_ever(cub_root, cache):
    broken = cub_root / 'images/001.Albatross/bird_0.jpg'
    broken.write_bytes(broken.read_bytes()[:-200])
    with pytest.raises(
        ValueError, match="bird_0.jpg is truncated.*broken_images='skip'"
    ):
        cub(cub_root, cache)
    assert not made(cache)
    ours = cub(cub_root, cache, broken_images='skip')
    assert len(ours) == 11
    assert_same(samples(ours), samples(cub(cub_root, broken_images='skip')))


@pytest.mark.parametrize(
    'pipeline',
    [
        [LOAD, *TRAIN[2:]],
        [dict(type='LoadImageFromFile'), *TRAIN[1:]],
        [LOAD, dict(TRAIN[1], keep_ratio=True), *TRAIN[2:]],
        [LOAD, dict(type='Resize', scale_factor=0.5), *TRAIN[2:]],
        [LOAD, dict(type='RandomFlip', prob=0.5), *TRAIN[1:]],
        [LOAD, dict(type='ResizeEdge', scale=24), *TRAIN[2:]],
    ],
)
def test_a_pipeline_without_one_size_is_refused(cub_root, cache, pipeline):
    with pytest.raises(
        ValueError, match='begins with LoadIntactImage and Resize.*`cache`'
    ):
        cub(cub_root, cache, pipeline)


def test_drawn_images_need_no_cache(cache):
    with pytest.raises(ValueError, match=r"got \['PackInputs'\]; leave `cache` out"):
        ToyShapes(cache=str(cache), pipeline=[dict(type='PackInputs')])


def test_images_other_than_of_bytes_are_refused(cub_root, cache):
    with pytest.raises(ValueError, match=r'uint8.*bird_0.jpg is float32'):
        cub(cub_root, cache, [dict(LOAD, to_float32=True), *TRAIN[1:]])
    with pytest.raises(ValueError, match=r'\(20, 24, 3\).*uint8 of \(20, 24\)'):
        cub(cub_root, cache, [dict(LOAD, color_type='grayscale'), *TRAIN[1:]])


def test_a_disk_that_is_too_small_is_said_before(cub_root, cache, monkeypatch):
    monkeypatch.setattr(
        shutil, 'disk_usage', lambda folder: SimpleNamespace(free=17_000)
    )
    # 12 images of 24 x 20 x 3 pixels and 8 bytes of size are 17376, and the header
    with pytest.raises(OSError, match=r'Expected 17.6 kB.*are 17.0 kB.*`cache`'):
        cub(cub_root, cache)
    assert not list(cache.glob('*.part'))


@pytest.fixture
def locked_folder():
    """A folder that can be read only, also by the superuser, whose rights are dropped."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / 'docs/images/compare_toy.jpg', folder)
        os.chmod(folder, 0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield Path(folder)
        finally:
            if root:
                os.seteuid(0)
            os.chmod(folder, 0o755)


def pixel_cache(folder, files):
    def decode(file):
        return np.zeros((2, 2, 3), np.uint8), (5, 5)

    return PixelCache(folder, 'some', files, (2, 2), decode, '')


@pytest.mark.skipif(os.name == 'nt', reason='rights are other there')
@pytest.mark.parametrize('below', ['', 'new'])
def test_a_folder_that_cannot_be_written_is_named(locked_folder, below):
    with pytest.raises(OSError, match=f'`cache`.*got {locked_folder}.*ermi'):
        pixel_cache(locked_folder / below, [str(locked_folder / 'compare_toy.jpg')])


def test_what_is_in_a_read_only_folder_is_read(cub_root, cache, monkeypatch):
    host = samples(cub(cub_root))
    cub(cub_root, cache)
    for file in cache.glob('*.lock'):
        file.unlink()

    def refuse(*args):
        raise AssertionError('a lock was asked for')

    monkeypatch.setattr(pixel_file, 'FileLock', refuse)
    assert_same(samples(cub(cub_root, cache)), host)


def test_a_file_in_the_folders_place_is_named(cub_root, tmp_path):
    (tmp_path / 'cache').write_text('')
    with pytest.raises(OSError, match='Expected `cache` to be a folder'):
        cub(cub_root, tmp_path / 'cache')


def test_every_config_with_files_can_have_it():
    """The option stands on the command line alone: pipelines begin as it needs them."""
    from mmpretrain.registry import TRANSFORMS

    from mmwsol.datasets.transforms.cached_steps import _length_of_beginning

    for file in sorted(ROOT.glob('configs/_base_/datasets/*.py')):
        if file.stem == 'toy':
            continue
        config = Config.fromfile(file)
        for key in ('train_dataloader', 'test_dataloader'):
            steps = [TRANSFORMS.build(s) for s in config[key].dataset.pipeline]
            assert type(steps[_length_of_beginning(steps) - 1]).__name__ == 'Resize'


def test_the_benchmark_ends_in_a_table(cub_root, cache, capsys):
    tool = runpy.run_path(str(ROOT / 'tools/benchmark_loading.py'))
    config = ROOT / 'configs/cam/resnet50_cub.py'
    options = [f'train_dataloader.dataset.data_root={cub_root}']
    arguments = [str(config), '--cache', str(cache), '--images', '12', '--rounds', '1']
    tool['main']([*arguments, '--workers', '0', '--cfg-options', *options])
    (row,) = re.findall(r'^[|] 0 .*', capsys.readouterr().out, re.MULTILINE)
    files, cached, ratio, batches, other = map(float, re.findall(r'[\d.]+', row)[1:])
    assert ratio == pytest.approx(cached / files, rel=0.05, abs=0.06)
    assert other == pytest.approx(batches / files, rel=0.05, abs=0.06)
