"""Tools as a user runs them: train, kill, resume, test, one process and two."""

import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader

from mmwsol.engine.safe_loading import load_plain

ROOT = Path(__file__).parents[2]
SMALL = [
    'train_dataloader.dataset.num_train=24',
    'train_dataloader.batch_size=8',
    'train_dataloader.num_workers=0',
    'train_dataloader.persistent_workers=False',
    'train_cfg.max_epochs=2',
    'train_cfg.val_interval=2',
]
SMALL_TEST = [
    f'{key}={value}'
    for loader in ('val_dataloader', 'test_dataloader')
    for key, value in (
        (f'{loader}.dataset.num_test', 13),
        # one by one: a convolution's last digits depend on what shares its batch
        (f'{loader}.batch_size', 1),
        (f'{loader}.num_workers', 0),
        (f'{loader}.persistent_workers', False),
    )
]
ENVIRONMENT = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONWARNINGS': 'ignore'}


def command(tool, *args, options=()):
    return [
        sys.executable,
        str(ROOT / 'tools' / tool),
        *map(str, args),
        '--cfg-options',
        *SMALL,
        *SMALL_TEST,
        *options,
    ]


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return str(probe.getsockname()[1])


def run(tool, *args, **kwargs):
    done = subprocess.run(
        command(tool, *args, **kwargs),
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


PNSC = ROOT / 'configs/pnsc/resnet18_toy.py'


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """A work folder after two epochs on 24 drawings."""
    folder = tmp_path_factory.mktemp('trained')
    code, output = run('train.py', PNSC, '--work-dir', folder, '--seed', 3)
    assert code == 0, output
    assert 'eta:' in output
    assert 'loc/maxboxacc_v2' in output
    return folder


def metrics_of(file):
    metrics = json.loads(file.read_text())
    return {k: v for k, v in metrics.items() if 'time' not in k}


def shell(script, *args, **environment):
    """Runs a shell script of tools/ with the small settings."""
    done = subprocess.run(
        ['bash', str(ROOT / 'tools' / script), *map(str, args)]
        + ['--cfg-options', *SMALL, *SMALL_TEST],
        cwd=ROOT,
        env={**ENVIRONMENT, 'PYTHON': sys.executable, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_two_processes_evaluate_as_one_does(trained, tmp_path):
    one, two = tmp_path / 'one.json', tmp_path / 'two.json'
    checkpoint = trained / 'epoch_2.pth'
    code, output = run(
        'test.py', PNSC, checkpoint, '--work-dir', tmp_path, '--out', one
    )
    assert code == 0, output
    # 13 images: one process sees an image more than the other
    arguments = (PNSC, checkpoint, 2, '--work-dir', tmp_path, '--out', two)
    shell('dist_test.sh', *arguments, PORT=free_port())
    assert metrics_of(one) == metrics_of(two)
    assert {'pix/pxap', 'pix/piou', 'loc/threshold_v2_iou70'} <= metrics_of(one).keys()
    assert {'loc/gt_known', 'loc/top1', 'loc/top5', 'loc/maxboxacc'} <= (
        metrics_of(one).keys()
    )


def script(tool, *args):
    """Output of a tool that takes no small settings."""
    done = subprocess.run(
        [sys.executable, str(ROOT / 'tools' / tool), *map(str, args)],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def evaluate_maps(folder, *args):
    """tools/eval_maps.py on a folder that tools/test.py --save-maps wrote."""
    out = folder / 'maps.json'
    script(
        'eval_maps.py',
        *('--maps', folder / 'maps', '--ann', folder / 'annotations'),
        *('--out', out, *args),
    )
    return json.loads(out.read_text())


def test_saved_maps_have_the_same_numbers_from_two_processes_too(trained, tmp_path):
    out = tmp_path / 'metrics.json'
    checkpoint = trained / 'epoch_2.pth'
    arguments = (PNSC, checkpoint, 2, '--work-dir', tmp_path, '--out', out)
    shell(
        'dist_test.sh', *arguments, '--save-maps', tmp_path / 'saved', PORT=free_port()
    )
    expected = metrics_of(out)
    found = evaluate_maps(tmp_path / 'saved', '--workers', '2')
    assert found['metrics']['num_images'] == 13
    for name, value in found['metrics'].items():
        assert value == expected[f'loc/{name}'], name
    assert found['curves'] == expected['curves']


def test_threshold_chosen_on_held_out_training_images(trained, tmp_path):
    names = tmp_path / 'val.txt'
    script(
        'prepare/holdout.py',
        *(PNSC, '--per-class', 2, '--out', names),
        *('--cfg-options', 'train_dataloader.dataset.num_train=24'),
    )
    assert len(names.read_text().split()) == 12
    held_out, out = tmp_path / 'val.json', tmp_path / 'test.json'
    dataset = 'test_dataloader.dataset'
    options = [f'{dataset}.split=val', f'{dataset}.val_list={names}']
    options.append(f'{dataset}.num_train=24')
    checkpoint = trained / 'epoch_2.pth'
    arguments = ('test.py', PNSC, checkpoint, '--work-dir', tmp_path, '--out')
    code, output = run(*arguments, held_out, options=options)
    assert code == 0, output
    tuned = metrics_of(held_out)
    assert tuned['loc/num_images'] == 12
    option = f'test_evaluator.0.threshold=from_split={held_out}'
    code, output = run(*arguments, out, options=[option])
    assert code == 0, output
    metrics = metrics_of(out)
    assert metrics['loc/threshold'] == tuned['loc/threshold']
    assert metrics['protocol']['threshold'] == f'from_split={held_out}'
    assert metrics['loc/gt_known'] <= metrics['loc/maxboxacc']


def test_the_benchmark_compares_and_finds_no_difference():
    output = script('benchmark_eval.py', '--quick')
    rows = [line.split('|') for line in output.splitlines() if ' of ' in line]
    assert len(rows) >= 7
    for row in rows:
        equal, number = row[-2].split(' of ')
        assert int(equal) == int(number)


def test_two_processes_train(tmp_path):
    shell('dist_train.sh', PNSC, 2, '--work-dir', tmp_path, PORT=free_port())
    assert (tmp_path / 'epoch_2.pth').exists()


@pytest.mark.parametrize(
    ('script', 'tool', 'last'),
    [
        ('slurm_train.sh', 'train.py', ['--work-dir', 'there']),
        ('slurm_test.sh', 'test.py', ['there']),
    ],
)
def test_slurm_scripts_hand_the_command_to_srun(tmp_path, script, tool, last):
    srun = tmp_path / 'srun'  # stands in for slurm's: prints its arguments
    srun.write_text('#!/usr/bin/env bash\nprintf "%s\\n" "$@"\n')
    srun.chmod(0o755)
    path = f'{tmp_path}:{os.environ["PATH"]}'
    words = shell(
        script, 'part', 'job', PNSC, 'there', '--work-dir', 'x', PATH=path, GPUS='4'
    ).splitlines()
    assert {'--partition=part', '--job-name=job', '--ntasks=4'} <= set(words)
    start = next(i for i, word in enumerate(words) if word.endswith(tool))
    expected = [str(PNSC), *last]
    assert words[start + 1 : start + 1 + len(expected)] == expected
    assert words[words.index('--launcher') + 1] == 'slurm'


def test_a_killed_run_goes_on_from_its_last_checkpoint(tmp_path):
    longer = ['train_cfg.max_epochs=3', 'train_dataloader.dataset.num_train=160']
    process = subprocess.Popen(
        command('train.py', PNSC, '--work-dir', tmp_path, options=longer),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.time() + 120
    while not (tmp_path / 'last_checkpoint').exists():
        assert process.poll() is None
        assert time.time() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)  # in mid-epoch 2
    process.wait()
    assert not (tmp_path / 'epoch_3.pth').exists()
    code, output = run(
        'train.py', PNSC, '--work-dir', tmp_path, '--resume', options=longer
    )
    assert code == 0, output
    assert 'resumed epoch: 1' in output
    assert 'Epoch(train) [1]' not in output
    assert load_plain(tmp_path / 'epoch_3.pth')['meta']['epoch'] == 3


def test_checkpoints_hold_nothing_but_tensors_and_plain_values(trained):
    checkpoint = torch.load(trained / 'epoch_2.pth', weights_only=True)
    assert {'state_dict', 'optimizer', 'meta', 'message_hub'} <= checkpoint.keys()


class Attack:
    """Creates a file when unpickled."""

    def __init__(self, target):
        self.target = str(target)

    def __reduce__(self):
        return (open, (self.target, 'w'))


@pytest.mark.parametrize('old_format', [False, True])
def test_a_checkpoint_with_code_is_refused_and_not_run(tmp_path, old_format):
    evil, target = tmp_path / 'evil.pth', tmp_path / 'owned'
    content = dict(state_dict={}, meta=Attack(target))
    if old_format:
        evil.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, evil)
    code, output = run('test.py', PNSC, evil, '--work-dir', tmp_path)
    assert code != 0
    assert 'Refused to load' in output or 'damaged or no checkpoint' in output
    assert str(evil) in output
    assert not target.exists()


def test_every_scheme_of_addresses_is_read_by_a_safe_loader():
    loaders = {loader.__module__ for loader in CheckpointLoader._schemes.values()}
    assert loaders == {'mmwsol.engine.safe_loading'}


@pytest.mark.parametrize(
    'address',
    ['torchvision://resnet50', 'open-mmlab://vgg16', 'mmcls://vgg11', 's3://a/b.pth'],
)
def test_schemes_without_a_safe_loader_are_refused(address):
    with pytest.raises(ValueError, match=f'Refused to load {address}'):
        CheckpointLoader.load_checkpoint(address)


def test_a_truncated_checkpoint_is_named(trained, tmp_path):
    broken = tmp_path / 'broken.pth'
    broken.write_bytes((trained / 'epoch_2.pth').read_bytes()[:5000])
    with pytest.raises(ValueError, match='broken.pth, but it is damaged'):
        load_plain(broken)


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.pth'):
        load_plain(tmp_path / 'nowhere.pth')


@pytest.mark.parametrize(
    ('options', 'expected'),
    [
        (['model.backbone.depth=34'], "has no 'backbone.layer1.2"),
        (['model.neck.num_maps=1'], 'instead of (1,'),
    ],
)
def test_a_checkpoint_of_another_model_is_refused(trained, tmp_path, options, expected):
    code, output = run(
        'test.py',
        PNSC,
        trained / 'epoch_2.pth',
        '--work-dir',
        tmp_path,
        options=options,
    )
    assert code != 0
    assert expected in output
    assert 'epoch_2.pth' in output


def test_pretrained_weights_of_another_backbone_are_refused(trained, tmp_path):
    init = dict(
        type='Pretrained', checkpoint=str(trained / 'epoch_2.pth'), prefix='backbone'
    )
    options = [f'model.backbone.init_cfg.{k}={v}' for k, v in init.items()]
    options.append('model.backbone.depth=34')
    code, output = run('train.py', PNSC, '--work-dir', tmp_path, options=options)
    assert code != 0
    assert 'Expected weights of TapResNet' in output
    assert 'model.backbone.init_cfg.checkpoint' in output


def test_class_count_must_agree(tmp_path):
    code, output = run(
        'train.py',
        PNSC,
        '--work-dir',
        tmp_path,
        options=['train_dataloader.dataset.num_classes=4'],
    )
    assert code != 0
    assert 'Expected 6 classes (`model.head.num_classes`)' in output
    assert not list(tmp_path.glob('*.pth'))


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    code, output = run(
        'train.py',
        PNSC,
        '--work-dir',
        tmp_path,
        options=['optim_wrapper.optimizer.lr=1e30'],
    )
    assert code != 0
    assert (
        'The loss is nan at epoch 1' in output or 'The loss is inf at epoch 1' in output
    )
    assert 'toyshapes/train/' in output


def test_mixed_precision_trains(tmp_path):
    arguments = ('train.py', PNSC, '--work-dir', tmp_path, '--no-validate', '--amp')
    code, output = run(*arguments, options=['train_cfg.max_epochs=1'])
    assert code == 0, output
    weights = load_plain(tmp_path / 'epoch_1.pth')['state_dict']
    assert weights['head.classifier.weight'].dtype == torch.float32


def test_ten_crops_change_the_class_scores_and_not_the_map(cub_root, tmp_path):
    config, folder = tmp_path / 'legacy.py', tmp_path / 'work'
    config.write_text(
        f"_base_ = ['{ROOT}/configs/_base_/models/mobilenetv2.py',\n"
        f"          '{ROOT}/configs/_base_/datasets/cub_legacy.py',\n"
        f"          '{ROOT}/configs/_base_/schedules/cub.py',\n"
        f"          '{ROOT}/configs/_base_/default_runtime.py']\n"
        'model = dict(backbone=dict(init_cfg=None), head=dict(num_classes=3))\n'
        "val_evaluator = test_evaluator = [dict(type='MaxBoxAccV2')]\n"
    )
    options = [option for option in SMALL + SMALL_TEST if 'dataset' not in option]
    options += ['train_cfg.max_epochs=1']
    options += [
        f'{loader}_dataloader.dataset.data_root={cub_root}'
        for loader in ('train', 'val', 'test')
    ]

    def tool(name, *args):
        subprocess.run(
            [
                sys.executable,
                str(ROOT / 'tools' / name),
                str(config),
                *map(str, args),
                '--work-dir',
                str(folder),
                '--cfg-options',
                *options,
            ],
            cwd=ROOT,
            env=ENVIRONMENT,
            check=True,
            timeout=240,
        )

    tool('train.py', '--no-validate')
    one, ten = tmp_path / 'one.json', tmp_path / 'ten.json'
    tool('test.py', folder / 'epoch_1.pth', '--out', one)
    tool('test.py', folder / 'epoch_1.pth', '--out', ten, '--tta')
    one, ten = json.loads(one.read_text()), json.loads(ten.read_text())
    assert one['loc/gt_known'] == ten['loc/gt_known']
    assert one['loc/threshold'] == ten['loc/threshold']


def test_tta_without_its_settings_is_explained(trained, tmp_path):
    code, output = run(
        'test.py', PNSC, trained / 'epoch_2.pth', '--tta', '--work-dir', tmp_path
    )
    assert code != 0
    assert 'cub_legacy.py' in output


@pytest.mark.parametrize('tool', ['train.py', 'test.py', 'demo.py', 'report.py'])
def test_help(tool):
    done = subprocess.run(
        [sys.executable, str(ROOT / 'tools' / tool), '--help'],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=True,
    )
    assert 'usage' in done.stdout


def test_demo_trains_and_draws_every_method(tmp_path):
    arguments = ('--methods', 'all', '--epochs', '1', '--rows', '2')
    small = [o for o in (*SMALL, *SMALL_TEST) if not o.startswith('train_cfg')]
    output = script(
        'demo.py', *arguments, '--work-dir', tmp_path, '--cfg-options', *small
    )
    assert '| method | GT-known | Top-1 | MaxBoxAccV2 |' in output
    assert (tmp_path / 'contact_sheet.png').stat().st_size > 10_000
    results = json.loads((tmp_path / 'metrics.json').read_text())
    assert len(results) == len(list(ROOT.glob('configs/*/resnet18_toy.py')))
    for name, (metrics,) in results.items():
        assert f'| {name} |' in output
        assert metrics['loc/num_images'] == 13
        assert metrics['loc/num_invalid'] == 0


def test_demo_names_the_methods_there_are():
    code, output = run('demo.py', '--methods', 'cam', 'grad')
    assert code != 0
    assert "'bas'" in output
    assert "got ['grad']" in output
