"""Crops and flips of batches: of the same distribution as the host's for single images."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import default_collate
from mmpretrain.models import ClsDataPreprocessor
from mmpretrain.registry import MODELS, TRANSFORMS
from torch.utils._python_dispatch import TorchDispatchMode

from mmwsol.datasets import CUBLoc
from mmwsol.models import BatchAugmentPreprocessor
from mmwsol.models import batch_augment_preprocessor as module
from mmwsol.models.batch_augment_preprocessor import crop_and_flip
from tests.support.models import labels_to_samples

ROOT = Path(__file__).parents[2]


def places(count, height=9, width=8):
    """Images whose pixels say where they were: channel 0 is the row, 1 the column."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing='ij')
    number = torch.arange(count)[:, None, None, None].expand(-1, 1, height, width) % 251
    where = torch.stack([y, x]).expand(count, -1, -1, -1)
    return torch.cat([where, number], 1).to(torch.uint8)


def drawn(crops):
    """Offsets and flips that crops of ``places`` were made with."""
    flip = crops[:, 1, 0, 0] > crops[:, 1, 0, -1]
    return crops[:, 0, 0, 0], crops[:, 1].amin((1, 2)), flip


def chi_square(counts):
    expected = counts.sum() / counts.size
    return ((counts - expected) ** 2 / expected).sum()


def test_every_crop_is_a_window_of_its_own_image(generator):
    images = torch.randint(
        0, 256, (40, 3, 9, 8), generator=generator, dtype=torch.uint8
    )
    state = generator.get_state()
    crops = crop_and_flip(images, (5, 6), 0.5, generator)
    generator.set_state(state)
    tops, lefts, flips = drawn(crop_and_flip(places(40), (5, 6), 0.5, generator))
    assert crops.shape == (40, 3, 5, 6)
    assert crops.dtype == torch.uint8
    assert 0 < flips.sum() < 40
    for image, crop, top, left, flip in zip(images, crops, tops, lefts, flips):
        window = image[:, top : top + 5, left : left + 6]
        assert torch.equal(crop, window.flip(-1) if flip else window)


def test_offsets_and_flips_are_uniform_and_independent(generator):
    crops = crop_and_flip(places(30000), (5, 6), 0.5, generator)
    top, left, flip = (drawn_.long() for drawn_ in drawn(crops))
    # 9 - 5 + 1 = 5 rows, 8 - 6 + 1 = 3 columns, 2 sides: 30 cells of 1000
    counts = torch.bincount(top * 6 + left * 2 + flip, minlength=30).numpy()
    assert counts.size == 30
    assert chi_square(counts) < 58.3  # 29 degrees of freedom, 0.1 %


def test_the_hosts_transforms_draw_from_the_same_places(generator):
    """Host and ours against each other: two samples of one distribution."""
    steps = [
        TRANSFORMS.build(dict(type='RandomCrop', crop_size=(5, 6))),
        TRANSFORMS.build(dict(type='RandomFlip', prob=0.3)),
    ]
    np.random.seed(0)  # noqa: NPY002 the host has no generator to give
    image = places(1)[0].permute(1, 2, 0).numpy()
    hosts = []
    for _ in range(6000):
        results = dict(img=image)
        for step in steps:
            results = step(results)
        hosts.append(results['img'])
    hosts = torch.from_numpy(np.stack(hosts)).permute(0, 3, 1, 2)
    ours = crop_and_flip(places(6000), (5, 6), 0.3, generator)
    cells = []
    for crops in (hosts, ours):
        top, left, flip = (d.long() for d in drawn(crops))
        cells.append(torch.bincount(top * 6 + left * 2 + flip, minlength=30).numpy())
    a, b = cells
    assert ((a > 0) == (b > 0)).all()
    assert ((a - b) ** 2 / (a + b)).sum() < 58.3  # 29 degrees of freedom, 0.1 %


def make(**kwargs):
    return BatchAugmentPreprocessor(
        **dict(dict(crop_size=(5, 6), mean=[1.0] * 3, std=[2.0] * 3), **kwargs)
    )


def test_one_seed_gives_one_result_and_batches_differ():
    data = dict(inputs=places(16), data_samples=labels_to_samples([3] * 16))
    runs = []
    for _ in range(2):
        torch.manual_seed(7)
        preprocessor = make()
        runs.append([preprocessor(data, training=True)['inputs'] for _ in range(2)])
    assert torch.equal(runs[0][0], runs[1][0])
    assert torch.equal(runs[0][1], runs[1][1])
    assert not torch.equal(runs[0][0], runs[0][1])


def test_draws_are_uniform_over_batches():
    """Each batch has a seed of its own; together they are as one."""
    torch.manual_seed(0)
    preprocessor = make(mean=None, std=None)
    cells = []
    for _ in range(400):
        crops = preprocessor(dict(inputs=places(8)), training=True)['inputs']
        top, left, flip = (d.long() for d in drawn(crops))
        cells.append(top * 6 + left * 2 + flip)
    counts = torch.bincount(torch.cat(cells), minlength=30).numpy()
    assert chi_square(counts) < 58.3  # 29 degrees of freedom, 0.1 %


def test_processes_of_one_seed_draw_differently(monkeypatch):
    results = []
    for rank in range(2):
        monkeypatch.setattr(module, 'get_rank', lambda rank=rank: rank)
        torch.manual_seed(0)
        results.append(make()(dict(inputs=places(16)), training=True)['inputs'])
    assert not torch.equal(*results)


def test_colors_and_normalisation_are_the_parents():
    """Crops are made before; where nothing is left to draw, ours is the parent's."""
    data = dict(inputs=places(4), data_samples=labels_to_samples([0, 1, 2, 1]))
    kwargs = dict(mean=[1.0, 2.0, 3.0], std=[2.0] * 3, to_rgb=True)
    ours = make(crop_size=(9, 8), flip_prob=0.0, **kwargs)(data, training=True)
    host = ClsDataPreprocessor(**kwargs)(data, training=True)
    assert torch.equal(ours['inputs'], host['inputs'])


def test_labels_and_samples_are_kept():
    samples = labels_to_samples([2, 0, 1])
    samples[1].set_metainfo(dict(img_path='a.jpg'))
    out = make()(dict(inputs=places(3), data_samples=samples), training=True)
    assert [int(s.gt_label) for s in out['data_samples']] == [2, 0, 1]
    assert out['data_samples'][1].img_path == 'a.jpg'


def test_evaluation_is_the_parents():
    data = dict(inputs=places(4), data_samples=labels_to_samples([0] * 4))
    torch.manual_seed(0)
    state = torch.get_rng_state()
    ours = make()(data)['inputs']
    assert torch.equal(torch.get_rng_state(), state)
    host = ClsDataPreprocessor(mean=[1.0] * 3, std=[2.0] * 3)(data)
    assert torch.equal(ours, host['inputs'])


class Devices(TorchDispatchMode):
    """Notes where the result of every operation is."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            self.seen.add(result.device.type)
        return result


def test_everything_happens_on_the_inputs_device(generator):
    inputs = torch.empty(4, 3, 9, 8, device='meta', dtype=torch.uint8)
    with Devices() as devices:
        crops = crop_and_flip(inputs, (5, 6), 0.5, generator)
    assert devices.seen == {'meta'}
    assert crops.shape == (4, 3, 5, 6)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
def test_on_a_gpu_every_crop_is_a_window():
    generator = torch.Generator('cuda').manual_seed(0)
    crops = crop_and_flip(places(300).cuda(), (5, 6), 0.5, generator)
    assert crops.is_cuda
    tops, lefts, flips = drawn(crops.cpu())
    for image, crop, top, left, flip in zip(
        places(300), crops.cpu(), tops, lefts, flips
    ):
        window = image[:, top : top + 5, left : left + 6]
        assert torch.equal(crop, window.flip(-1) if flip else window)


@pytest.mark.parametrize(
    ('kwargs', 'key'),
    [
        (dict(crop_size=0), 'crop_size'),
        (dict(crop_size=(5, 6, 7)), 'crop_size'),
        (dict(flip_prob=1.5), 'flip_prob'),
    ],
)
def test_unusable_options_name_the_key(kwargs, key):
    with pytest.raises(ValueError, match=f'`model.data_preprocessor.{key}`'):
        make(**kwargs)


def test_images_that_are_too_small():
    with pytest.raises(ValueError, match=r'at least \(10, 10\).*got \(9, 8\)'):
        make(crop_size=10)(dict(inputs=places(1)), training=True)


def test_images_that_are_no_batch():
    with pytest.raises(ValueError, match='`train_dataloader.collate_fn`'):
        make()(dict(inputs=list(places(2))), training=True)
    assert len(make()(dict(inputs=list(places(2))))['inputs']) == 2


def test_the_documented_config_trains(cub_root, tmp_path, monkeypatch):
    """docs/performance.md: its config builds, and a batch of it gives a finite loss."""
    page = (ROOT / 'docs/performance.md').read_text()
    (text,) = re.findall(r'```python\n(.*?)```', page, re.DOTALL)
    (tmp_path / 'configs').symlink_to(ROOT / 'configs')
    (tmp_path / 'own.py').write_text(text)
    monkeypatch.chdir(tmp_path)
    config = Config.fromfile('own.py')
    config.model.backbone.init_cfg = None
    config.model.head.num_classes = 3
    model = MODELS.build(config.model).train()
    assert isinstance(model.data_preprocessor, BatchAugmentPreprocessor)
    pipeline = config.train_dataloader.dataset.pipeline
    data = CUBLoc(data_root=str(cub_root), pipeline=pipeline)
    batch = model.data_preprocessor(default_collate([data[0], data[1]]), True)
    assert batch['inputs'].shape == (2, 3, 224, 224)
    losses = model(**batch, mode='loss')
    assert all(torch.isfinite(loss) for loss in losses.values())
