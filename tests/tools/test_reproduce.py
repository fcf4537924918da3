"""Plans of runs: done once, whatever happens between, and with the same numbers."""

import copy
import importlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from functools import cache, partial
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
import yaml
from mmengine.config import Config
from mmpretrain.registry import MODELS

from mmwsol.engine.launch import training_config
from mmwsol.io.folder_lock import only_one
from tests.support.processes import start
from tools import test
from tools.report.learning_curves import read_learning_curves
from tools.reproduce import __main__ as reproduce
from tools.reproduce.check import compare_settings, note_settings
from tools.reproduce.plan import PLANS, job_of, read_plan, read_result

ROOT = Path(__file__).parents[2]


TINY = {
    'train_dataloader.dataset.num_train': 24,
    'train_dataloader.batch_size': 8,
    'val_dataloader.dataset.num_test': 6,
    'test_dataloader.dataset.num_test': 6,
    'test_dataloader.dataset.num_train': 24,
    'model.backbone.stem_channels': 8,
}


def call(command: list[str]) -> None:
    """What `python COMMAND` does, in a process that has its imports."""
    words = command[1:] if command[0] == '-m' else command
    module = words[0].removesuffix('.py').replace('/', '.')
    module = {'tools.reproduce': 'tools.reproduce.__main__'}.get(module, module)
    result = importlib.import_module(module).main(words[1:])
    sys.exit(result if isinstance(result, int) else 0)


class Forked:
    """Starts a tool as :func:`tools.reproduce.crew.start` does, but sooner.

    Args:
        at: Called with the command and the process of every step that starts.
    """

    def __init__(self, at=lambda command, process: None):
        self.at = at

    def __call__(self, command, output, environment, lock):
        process = start(partial(call, command), output, **environment)
        self.at(command, process)
        return Started(process)


class Started(NamedTuple):
    """A process with the methods of one of :mod:`subprocess`."""

    process: multiprocessing.Process

    def poll(self):
        return self.process.exitcode

    def terminate(self):
        self.process.terminate()

    def kill(self):
        self.process.kill()


TWO = [
    dict(config='configs/cam/resnet18_toy.py', held_out=0),
    dict(config='configs/pnsc/resnet18_toy.py'),
]
CAM, PNSC = 'cam_resnet18_toy', 'pnsc_resnet18_toy'


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch):
    monkeypatch.chdir(ROOT)


def run(plan, folder, *args, at=lambda command, process: None):
    arguments = [plan, '--work-dir', str(folder), '--workers', '0', *args]
    return reproduce.main(arguments, Forked(at))


def numbers(folder):
    return json.loads((folder / 'results.json').read_text())


def when(file, act):
    """Has something happen as soon as there is a file."""

    def wait():
        while not file.exists():
            time.sleep(0.02)
        act()

    Thread(target=wait, daemon=True).start()


@pytest.fixture(scope='module')
def undisturbed(tmp_path_factory):
    """The plan's file and the work folder of a call without faults."""
    folder = tmp_path_factory.mktemp('undisturbed')
    file = folder / 'tiny.yml'
    defaults = dict(held_out=1, epochs=2, options=TINY)
    file.write_text(yaml.safe_dump(dict(defaults=defaults, runs=TWO)))
    here = os.getcwd()
    os.chdir(ROOT)
    try:
        assert run(str(file), folder / 'work') == 0
    finally:
        os.chdir(here)
    return str(file), folder / 'work'


def test_what_a_call_leaves(undisturbed):
    _, work = undisturbed
    runs = numbers(work)['runs']
    assert runs.keys() == {CAM, PNSC}
    assert runs[CAM]['results'].keys() == {'oracle'}
    assert runs[PNSC]['results'].keys() == {'oracle', 'from_split'}
    strict = runs[PNSC]['results']['from_split']['0']
    tuned = read_result(work / PNSC / 'seed_0/held_out.json')
    assert strict['loc/threshold'] == tuned['loc/threshold']
    assert strict['loc/num_images'] == 6
    assert tuned['loc/num_images'] == 6  # one of each class
    assert (
        strict['loc/gt_known'] <= runs[PNSC]['results']['oracle']['0']['loc/gt_known']
    )
    # the training saw one image of each class less
    config = Config.fromfile(work / PNSC / 'seed_0/resnet18_toy.py')
    assert config.train_dataloader.dataset.val_per_class == 1
    text = (work / 'results.md').read_text()
    assert text.count('| pnsc_resnet18_toy |') == 2


@pytest.mark.faults
def test_killed_stopped_damaged_and_the_same_numbers(
    undisturbed, tmp_path, capsys, tries
):
    plan, expected = undisturbed
    work = tmp_path / 'work'
    training = work / PNSC / 'seed_0'
    started = []

    def kill(command, process):
        if command[0] == 'tools/train.py' and PNSC in command[3]:
            when(training / 'epoch_1.pth', lambda: os.kill(process.pid, signal.SIGKILL))

    # a training is killed: it is named, the other run is finished
    assert run(plan, work, at=kill) == 1
    said = capsys.readouterr().out
    assert f'FAILED {PNSC}, seed 0, training (exit code -9)' in said
    assert numbers(work)['runs'][PNSC]['results'] == {}
    assert 'oracle' in numbers(work)['runs'][CAM]['results']

    # whatever runs is killed at a random moment
    chance, struck = random.Random(0), []

    def strike(command, process):
        if command[0] != '-m' and not struck:
            struck.append(command)
            time.sleep(chance.uniform(0, 2.5))
            process.kill()

    for _ in range(tries(0, 12)):
        struck.clear()
        assert run(plan, work, at=strike) in (0, 1)
    capsys.readouterr()
    if (training / 'from_split.json').exists():  # something to be done is left
        shutil.rmtree(training)

    # time is up, before anything is trained
    assert run(plan, work, '--max-hours', '1e-9') == 75
    assert 'the same command goes on' in capsys.readouterr().out

    # this process is told to end, and hands it on
    def end(command, process):
        if command[0] == 'tools/train.py':
            os.kill(os.getpid(), signal.SIGTERM)

    assert run(plan, work, at=end) == 143
    assert 'Stops (SIGTERM)' in capsys.readouterr().out
    assert not (training / 'oracle.json').exists()

    # a result that is half written is made again, what is whole stays
    result = work / CAM / 'seed_0/oracle.json'
    result.write_text(result.read_text()[:-100])
    checkpoint = (work / CAM / 'seed_0/epoch_2.pth').stat()
    assert run(plan, work, at=lambda command, _: started.append(command)) == 0
    names = [Path(command[0]).name for command in started]
    assert names == ['-m', 'test.py', 'train.py', 'test.py', 'test.py', 'test.py']
    assert (work / CAM / 'seed_0/epoch_2.pth').stat() == checkpoint
    assert numbers(work) == numbers(expected)


def test_a_finished_call_repeats_nothing_and_a_change_is_refused(
    undisturbed, tmp_path, capsys
):
    plan, work = undisturbed
    started = []

    def note(command, process):
        started.append(command[0])

    assert run(plan, work, at=note) == 0
    assert started == ['-m']  # the check
    capsys.readouterr()

    content = yaml.safe_load(Path(plan).read_text())
    content['runs'][1]['options'] = {'model.head.loss_fusion.weights': [2.0, 1.0]}
    changed = tmp_path / 'tiny.yml'
    changed.write_text(yaml.safe_dump(content))
    before = numbers(work)
    assert run(str(changed), work, at=note) == 1
    assert started == ['-m'] * 2
    said = capsys.readouterr().out
    assert 'PROBLEM pnsc_resnet18_toy, seed 0: ValueError: Expected' in said
    assert '`model.head.loss_fusion.weights.0` to be 1.0, but got 2.0' in said
    assert 'choose another --work-dir' in said
    assert 'PROBLEM cam' not in said
    assert numbers(work) == before


def test_where_files_lie_and_what_is_about_speed_is_no_change(tmp_path):
    (run, *_) = read_plan('toy').runs

    def job(*options):
        args = ['toy', '--work-dir', str(tmp_path), *options]
        return job_of(run, 0, reproduce.parse_args(args))

    note_settings(job())
    for same in (['--workers', '3'], ['--jobs', '2'], ['--max-hours', '1']):
        compare_settings(job(*same))
    for key, *other in (
        ('param_scheduler.milestones.0', '--epochs', '3'),
        ('amp', '--amp', 'bf16'),
        ('model.backbone.style', '--cfg-options', 'model.backbone.style=caffe'),
    ):
        with pytest.raises(ValueError, match=f'Expected `{key}` to be .* was begun'):
            compare_settings(job(*other))


def test_a_folder_that_something_else_began_is_refused(tmp_path):
    (run, *_) = read_plan('toy').runs
    job = job_of(run, 0, reproduce.parse_args(['toy', '--work-dir', str(tmp_path)]))
    compare_settings(job)
    (job.folder / '20260101_120000/vis_data').mkdir(parents=True)
    with pytest.raises(
        ValueError, match='settings.json, which says how that folder was'
    ):
        compare_settings(job)


def test_dry_run_prints_commands(capsys):
    words = ['toy', '--only', 'cam_*', '--dry-run', '--epochs', '6']
    assert reproduce.main([*words, '--cfg-options', 'model.backbone.style=caffe']) == 0
    said = capsys.readouterr().out
    assert said.count('python tools/train.py configs/cam/resnet18_toy.py') == 1
    assert said.count('python tools/test.py configs/cam/resnet18_toy.py') == 3
    assert "'param_scheduler.milestones=[5]'" in said
    assert said.count('model.backbone.style=caffe') == 4


def test_plans_are_listed(capsys):
    assert reproduce.main([]) == 0
    said = capsys.readouterr().out
    assert [line.partition(':')[0] for line in said.splitlines()] == [*PLANS]


def configure(step):
    """The config of a step as its tool makes it."""
    words = step.command[1:]
    if step.what == 'training':
        return training_config(words)
    return test.configure(test.parse_args(words))


def steps_of(run, tmp_path, *options):
    args = reproduce.parse_args(['x', '--work-dir', str(tmp_path), *options])
    return job_of(run, 0, args).steps


# what plans set and configs leave to a default
NEW = (
    'channels_last',
    'cudnn_benchmark',
    'evaluated_map',
    'frozen_stages',
    'interval',
    'normalize',
    'num_classes',
)


@pytest.mark.parametrize('name', PLANS)
def test_every_plans_options_have_a_place_and_fit_each_other(
    name, tmp_path, monkeypatch
):
    plan, seen = read_plan(name), set()
    read = cache(Config.fromfile)  # each file takes a tenth of a second
    monkeypatch.setattr(Config, 'fromfile', lambda file: copy.deepcopy(read(file)))
    for planned in plan.runs:
        steps = steps_of(planned, tmp_path)
        plain = read(planned.config)
        for key in planned.options:
            *path, last = key.split('.')
            part = plain
            for word in path:
                part = part[word]
            assert last in part or last in NEW, key
        if (planned.config, str(planned.options)) in seen:
            continue  # others have the same
        seen.add((planned.config, str(planned.options)))
        config = configure(steps[0])
        held_out = config.train_dataloader.dataset.get('val_per_class', 0)
        assert held_out == planned.held_out
        assert steps[0].result.stem == f'epoch_{config.train_cfg.max_epochs}'
        assert [step.what for step in steps[1:]] == (
            ['oracle', 'held_out', 'from_split'] if held_out else ['oracle']
        )
        if planned.config not in seen:
            seen.add(planned.config)
            for step in steps[1:]:
                tested = configure(step)
                split = 'val' if step.what == 'held_out' else 'test'
                assert tested.test_dataloader.dataset.split == split
                assert ('tta_model' in tested) == bool(planned.view)
        model = config.model
        MODELS.build(model.head)
        assert model.head.num_classes == config.train_dataloader.dataset.get(
            'num_classes',
            dict(CUBLoc=200, ToyShapes=6)[config.test_dataloader.dataset.type],
        )
        assert model.neck.get('num_maps', 1) in (1, model.head.num_classes)


def test_the_plans_have_the_papers_rows():
    chosen = read_plan('gpu', ['table1', 'table2'])
    tables = yaml.safe_load((ROOT / 'configs/pnsc/paper_tables.yml').read_text())
    expected = {row['config'] for number in (1, 2) for row in tables[number]['rows']}
    assert {planned.config for planned in chosen.runs} == expected
    names = {Path(config).stem.partition('-')[2] or 'pnsc' for config in expected}
    assert {planned.name for planned in read_plan('ablation').runs} == names


def test_views_take_the_place_of_the_tests_alone(tmp_path):
    planned = read_plan('gpu').runs[0]
    config = configure(steps_of(planned, tmp_path, '--data-root', '/data/CUB')[1])
    legacy = Config.fromfile('configs/_base_/datasets/cub_legacy.py')
    assert config.model.type == 'TenCropTTA'
    assert config.test_dataloader.dataset.pipeline == legacy.tta_pipeline
    assert config.test_dataloader.dataset.data_root == '/data/CUB'
    assert config.test_evaluator[0] == dict(type='MaxBoxAccV2', protocol='paper')
    assert 'view=cub_legacy.py' in config.origin.options


def test_weights_of_a_folder(tmp_path):
    planned = read_plan('gpu').runs[0]
    with pytest.raises(
        FileNotFoundError, match=r'resnet50_8xb32_in1k_.*pth.*resnet50.pth'
    ):
        steps_of(planned, tmp_path, '--weights', str(tmp_path))
    file = tmp_path / 'resnet50.pth'
    file.touch()
    option = f'model.backbone.init_cfg.checkpoint={file}'
    assert option in steps_of(planned, tmp_path, '--weights', str(tmp_path))[0].command


@pytest.mark.parametrize(
    ('args', 'message'),
    [
        (['nothing'], "one of ablation, cpu, gpu, toy.*'nothing'"),
        (['toy', '--only', 'bcam'], r"parts \(main\) or runs \(cam_.*'bcam'"),
    ],
)
def test_what_there_is_not_is_said_in_a_sentence(args, message):
    with pytest.raises(SystemExit, match=message):
        reproduce.main(args)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('about: nothing', 'Expected `runs`'),
        (
            'runs: [{config: configs/cam/resnet18_toy.py, epoch: 3}]',
            '`runs.0.epoch` .* extra .* but got 3',
        ),
        ('runs: [{config: configs/cam/nothing.py}]', 'Expected `config` of a run'),
        (
            'runs: [{config: &c configs/cam/resnet18_toy.py}, {config: *c}]',
            'twice; give',
        ),
    ],
)
def test_a_plan_with_a_mistake(tmp_path, content, message):
    file = tmp_path / 'plan.yml'
    file.write_text(content)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        read_plan(str(file))


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != 'linux', reason='about a call of Linux')
def test_what_a_killed_call_left_running_ends_before_the_next_works(tmp_path):
    tool = tmp_path / 'tool.py'  # saves for half a second when told to end
    tool.write_text(
        'import signal, sys, time\n'
        'def save(*_):\n'
        '    time.sleep(0.5)\n'
        "    open(sys.argv[1] + '/saved', 'w').close()\n"
        '    sys.exit(143)\n'
        'signal.signal(signal.SIGTERM, save)\n'
        "open(sys.argv[1] + '/started', 'w').close()\n"
        'time.sleep(100)\n'
    )
    caller = (
        'import sys, time, pathlib\n'
        f"sys.path.insert(0, '{ROOT}')\n"
        'from tools.reproduce import crew\n'
        f"here = '{tmp_path}'\n"
        'from mmwsol.io.folder_lock import only_one\n'
        'with only_one(here, shared=True) as lock:\n'
        "    output = pathlib.Path(here, 'output.txt')\n"
        f"    crew.start(['{tool}', here], output, {{}}, lock)\n"
        '    time.sleep(100)\n'
    )
    process = subprocess.Popen([sys.executable, '-c', caller])
    deadline = time.monotonic() + 60
    while not (tmp_path / 'started').exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with pytest.raises(TimeoutError, match='another program'), only_one(tmp_path):
        pass
    process.kill()
    process.wait()
    with only_one(tmp_path, patience=30):
        assert (tmp_path / 'saved').exists()


def test_a_log_that_a_kill_cut_off_is_read(tmp_path):
    folder = tmp_path / '20260101_120000/vis_data'
    folder.mkdir(parents=True)
    lines = [
        dict(loss=4.0, epoch=1, step=1),
        dict(loss=2.0, epoch=1, step=2),
        {'loc/gt_known': 40.0, 'step': 1},
        dict(loss=1.0, epoch=2, step=3),
    ]
    text = '\n'.join(map(json.dumps, lines))
    (folder / 'scalars.json').write_text(f'{text}\n{{"loss": 0.5, "ep')
    curves = read_learning_curves(tmp_path)
    assert curves.losses == {1: 3.0, 2: 1.0}
    assert curves.accuracies[1]['loc/gt_known'] == 40.0
    with pytest.raises(ValueError, match='has no losses'):
        read_learning_curves(folder)
