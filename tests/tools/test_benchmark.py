"""What the benchmark measures, where it can be known beforehand."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from torch import nn

from tests.support import reference
from tests.support.commands import plain
from tests.support.models import labels_to_samples, like_cam
from tools.benchmarks import loading
from tools.benchmarks import step as tool
from tools.benchmarks.flops import Matmul, count_flops
from tools.benchmarks.loading import data_wait
from tools.benchmarks.measure import PEAK, alternate, figures, measure
from tools.benchmarks.published import published_loop
from tools.benchmarks.step import table
from tools.benchmarks.workload import Workload, pipeline_size, synthetic_batch

ROOT = Path(__file__).parents[2]
CPU = torch.device('cpu')


def toy(method):
    return Config.fromfile(ROOT / f'configs/{method}/resnet18_toy.py')


@pytest.mark.parametrize('groups', [1, 2, 4])
@pytest.mark.parametrize('transposed', [False, True])
def test_operations_of_a_convolution_by_hand(groups, transposed):
    kind = nn.ConvTranspose2d if transposed else nn.Conv2d
    layer = kind(4, 8, kernel_size=3, stride=2, padding=1, groups=groups, bias=False)
    image = torch.rand(2, 4, 6, 6, requires_grad=True)
    # 3 x 3 outputs for 6 x 6 inputs; transposed, every input meets every weight
    places = 6 * 6 if transposed else 3 * 3
    once = 2 * 2 * places * (4 * 8 * 9 // groups)
    assert count_flops(lambda: layer(image)) == once
    # the gradients of weight and input
    assert count_flops(lambda: layer(image).sum().backward()) == 3 * once
    assert count_flops(lambda: layer(image.detach()).sum().backward()) == 2 * once
    layer.requires_grad_(False)
    assert count_flops(lambda: layer(image).sum().backward()) == 2 * once
    with torch.no_grad():
        assert count_flops(lambda: layer(image)) == once


def test_a_gradient_at_test_time_counts():
    factors = torch.rand(2, 5, 5, requires_grad=True)
    step = lambda: torch.autograd.grad((factors[0] @ factors[1]).sum(), factors)  # noqa: E731
    assert count_flops(step) == 3 * 2 * 5**3


def test_pnscs_second_pass_costs_a_forward_pass_and_no_gradient_of_weights(
    pnsc, generator
):
    model = pnsc().train()
    inputs, samples = torch.rand(2, 3, 64, 64, generator=generator), [1, 3]

    def step(m):
        sum(m.loss(inputs, labels_to_samples(samples)).values()).backward()

    tap, last = model.backbone(inputs)
    tail = count_flops(lambda: model.tail(tap.detach()))
    extra = count_flops(lambda: step(model)) - count_flops(
        lambda: step(like_cam(model).train())
    )
    # forward, and the gradient of what enters; the maps are of one class in four, and
    # classes are scored from averages
    assert 1.9 * tail < extra < 2.05 * tail


def test_parameters_by_hand():
    cam, pnsc = (Workload(toy(method), batch_size=2) for method in ('cam', 'pnsc'))
    # 3 x 3 convolutions of 32 and 64 channels to 6 maps, with biases
    generators = 6 * 32 * 9 + 6 + 6 * 64 * 9 + 6
    assert pnsc.parameters()[1] - cam.parameters()[1] == generators
    assert cam.parameters()[0] == cam.parameters()[1]
    config = Config.fromfile(ROOT / 'configs/cam/mobilenetv2_cub.py')
    frozen = Workload(config, batch_size=1, image_size=32)
    trained, every = frozen.parameters()
    parts = [getattr(frozen.model.backbone, f'layer{i}') for i in range(1, 6)]
    parts.append(frozen.model.backbone.conv1)
    held = sum(p.numel() for part in parts for p in part.parameters())
    assert every - trained == held > 0


@pytest.mark.skipif(
    not Path('/proc/self/clear_refs').exists(), reason='Linux alone tells'
)
def test_memory_is_what_is_taken_at_once():
    # in a new process: what other tests left behind decides when pages are given back
    told = subprocess.run(
        [sys.executable, '-c', MEASURED], capture_output=True, text=True, check=True
    ).stdout
    for peaks in map(json.loads, told.splitlines()):  # of one array and of four in turn
        # a system may take freed pages back late; it does not do so every time
        assert 60 < min(peaks) / 2**20 < 80


MEASURED = """
import torch
from tools.benchmarks.measure import peak_memory

def work(megabytes, times):
    for _ in range(times):
        torch.ones(megabytes << 18)  # 4 bytes each

work(8, 1)
for times in (1, 4):  # freed memory is not counted twice, nor hidden
    print([peak_memory(lambda: work(64, times), torch.device('cpu')) for _ in range(3)])
"""


def test_steps_take_turns():
    calls = []
    steps = {name: (lambda n=name: calls.append(n)) for name in 'ab'}
    times = alternate(steps, rounds=3)
    # twice before it is measured
    assert ''.join(calls) == 'aaabbb' * 3
    assert {name: len(t) for name, t in times.items()} == dict(a=3, b=3)


def test_processor_time_leaves_sleep_out(monkeypatch):
    steps = dict(sleep=lambda: time.sleep(0.05))
    assert min(alternate(steps, 1, 'wall')['sleep']) >= 0.05
    assert max(alternate(steps, 1, 'cpu')['sleep']) < 0.04
    with pytest.raises(ValueError, match=r"one of \('wall', 'cpu'\), but got 'sun'"):
        alternate(steps, 1, 'sun')
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    with pytest.raises(ValueError, match="`clock` to be 'wall' with a GPU"):
        alternate(steps, 1, 'cpu')


class SlowLoader:
    """Three batches of four images, each taking its time."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __iter__(self):
        for _ in range(3):
            time.sleep(self.seconds)
            yield dict(inputs=[0] * 4)


def test_waiting_is_the_loaders_share_of_the_time():
    found = data_wait(SlowLoader(0.03), lambda batch: time.sleep(0.03), 5)
    assert 0.35 < found.waiting < 0.65
    assert found.loader_rate > found.loop_rate
    assert found.loader_rate <= 4 / 0.03
    nothing = data_wait(SlowLoader(0), lambda batch: time.sleep(0.02), 5)
    assert nothing.waiting < 0.2


@pytest.mark.parametrize(
    ('path', 'size'),
    [('cam/resnet50_cub', 224), ('bcam/resnet50_voc', 512), ('cam/resnet18_toy', 96)],
)
def test_images_are_as_large_as_the_pipelines_make_them(path, size):
    config = Config.fromfile(ROOT / f'configs/{path}.py')
    for loader in (config.train_dataloader, config.test_dataloader):
        assert pipeline_size(loader.dataset) == (size, size)


def test_a_batch_of_noise_is_like_a_loaders():
    batch = synthetic_batch(5, (8, 6), num_classes=3)
    assert [tuple(image.shape) for image in batch['inputs']] == [(3, 8, 6)] * 5
    assert {image.dtype for image in batch['inputs']} == {torch.uint8}
    labels = [int(sample.gt_label) for sample in batch['data_samples']]
    assert labels == [0, 1, 2, 0, 1]


def test_matmul_counts_its_operations():
    matmul = Matmul(CPU, torch.float32)
    assert count_flops(matmul) == matmul.flops


def test_a_config_is_as_fast_as_itself():
    clock = 'wall' if torch.cuda.is_available() else 'cpu'
    same = dict(a=toy('cam'), b=toy('cam'))
    rows = measure(same, rounds=9, clock=clock, batch_size=4, image_size=48)
    for mode in ('train', 'test'):
        first, second = (row[mode] for row in rows)
        assert first['time_ratio'] == first['flops_ratio'] == 1
        assert second['flops_ratio'] == 1
        assert 0.4 < second['time_ratio'] < 2.5
        assert 0.5 < second['memory'] / first['memory'] < 2
        assert table(rows, mode).count('\n') == 3
    train, test = (rows[0][mode]['flops'] for mode in ('train', 'test'))
    assert 2.8 < train / test < 3  # the first layer has no gradient of its input


def test_figures_by_hand():
    times = {'a': [1.0, 2.0, 4.0], 'b': [3.0, 4.0, 8.0], PEAK: [1.0, 1.0, 2.0]}
    flops = {'a': 60, 'b': 120, PEAK: 100}
    found = figures(times, flops, dict(config='b', batch_size=12), 'a')
    assert found['images_per_second'] == [2.25, 3.0, 3.5]  # of 1.5, 3, 4
    assert found['flops'] == 10
    assert found['time_ratio'] == 2  # of 3, 2, 2
    assert found['flops_ratio'] == 2
    assert found['time_over_flops'] == 1
    assert found['peak_flops'] == 100  # of 100, 100, 50
    assert found['peak_share'] == pytest.approx(0.3)  # of 0.4, 0.3, 0.3


def test_the_tool_compares_methods_and_data(tmp_path, capsys):
    out = tmp_path / 'rows.json'
    files = [str(ROOT / f'configs/{m}/resnet18_toy.py') for m in ('cam', 'bcam')]
    options = ['train_dataloader.num_workers=0', 'train_dataloader.batch_size=4']
    options.append('train_dataloader.persistent_workers=False')
    tool.main(
        [*files, '--steps', '1', '--images', '48', '--amp', 'bf16']
        + ['--data', '--out', str(out), '--cfg-options', *options]
    )
    rows = json.loads(out.read_text())['rows']
    assert [row['config'] for row in rows] == files
    assert {row['batch_size'] for row in rows} == {4}
    assert rows[1]['test']['flops_ratio'] > 1  # the gradient of the map
    assert all(0 <= row['data']['waiting'] <= 1 for row in rows)
    printed = capsys.readouterr().out
    for row in rows:
        assert printed.count(row['config']) == 4
        assert f'{row["parameters"]:,}' in printed


def test_one_checkpoint_is_of_one_config(capsys):
    with pytest.raises(SystemExit):
        tool.parse_args(['a.py', 'b.py', '--checkpoint', 'a.pth'])
    assert 'expected one config with --checkpoint' in capsys.readouterr().err


def test_loading_ends_in_a_row_for_each_number_of_workers(cub_root, capsys):
    options = [f'train_dataloader.dataset.data_root={cub_root}']
    arguments = ['--images', '12', '--rounds', '1', '--workers', '0', '1']
    config = ROOT / 'configs/cam/resnet50_cub.py'
    loading.main([str(config), *arguments, '--cfg-options', *options])
    rows = re.findall(r'^[|] ([01]) [|] (\d+) [|]$', capsys.readouterr().out, re.M)
    assert [workers for workers, _ in rows] == ['0', '1']
    assert all(int(rate) > 0 for _, rate in rows)


def test_the_benchmark_compares_and_finds_no_difference():
    code, output = plain('benchmarks.evaluation', '--quick')
    assert code == 0, output
    rows = [line.split('|') for line in output.splitlines() if ' of ' in line]
    assert len(rows) >= 7
    for row in rows:
        equal, number = row[-2].split(' of ')
        assert int(equal) == int(number)


def test_the_published_loop_is_the_slow_one_of_the_tests():
    rng = np.random.default_rng(0)
    score_map = rng.random((24, 30), np.float32)
    boxes = np.array([[3, 4, 12, 15], [10, 2, 25, 20.0]])
    every, largest = reference.best_ious(score_map, boxes)
    np.testing.assert_array_equal(published_loop(score_map, boxes), every)
    np.testing.assert_array_equal(published_loop(score_map, boxes, False), largest)
