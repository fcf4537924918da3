"""Numbers go from runs into metafiles and from there into documents, and nowhere astray."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from mmengine.config import Config

from mmwsol.engine.launch import note_origin
from tools.report.metafiles import record, summaries
from tools.report.runs import Run, read_run
from tools.report.settings import in_words
from tools.report.tables import Tables, write_tables

ROOT = Path(__file__).parents[2]
TOY = 'configs/bas/resnet18_toy.py'
SETTING = dict(
    images=300,
    split='test',
    classes=6,
    protocol='wsolevaluation',
    threshold='oracle',
    maps='all',
    epochs=12,
    hardware='a CPU, torch 2',
)


@pytest.fixture
def root(tmp_path):
    """A repository with BAS's metafile and two documents."""
    (tmp_path / 'configs/bas').mkdir(parents=True)
    (tmp_path / 'docs').mkdir()
    for file in ('configs/bas/metafile.yml', 'configs/bas/README.md'):
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / 'README.md').write_text('no table here\n')
    return tmp_path


def metrics_of(root, config):
    meta = yaml.safe_load((root / 'configs/bas/metafile.yml').read_text())
    (row,) = (row for row in meta['Models'] if row['Config'] == config)
    return row['Results'][0]['Metrics']


def of_toy(seed, gt_known, config=TOY, **setting):
    """What a work folder with that result would tell."""
    metrics = {'GT-known Loc': gt_known, 'MaxBoxAccV2': 70.0}
    setting = {**SETTING, **setting}
    return Run(config, 'resnet18_toy', seed, metrics, setting, 1.0, '2026-01-01')


def a_run(folder, seed=0, gt_known=60.0, split='test', box=None, **changes):
    """A work folder as mmengine leaves it: two evaluations, ten minutes."""
    start = folder / '20260101_120000'
    (start / 'vis_data').mkdir(parents=True)
    config = Config(
        dict(
            origin=dict(config=TOY, device='a CPU, torch 2'),
            randomness=dict(seed=seed),
            val_evaluator=[dict(type='MaxBoxAccV2', **(box or {}))],
            val_dataloader=dict(dataset=dict(split=split)),
            model=dict(head=dict(type='BASHead', map_classes='all', num_classes=6)),
            train_cfg=dict(max_epochs=100),
        )
    )
    config.merge_from_dict(changes)
    config.dump(start / 'vis_data/config.py')
    lines = [
        dict(loss=1.0, step=20),
        {'loc/gt_known': 1.0, 'loc/num_images': 300.0, 'step': 11},
        {
            'loc/gt_known': gt_known,
            'loc/top1': gt_known - 5,
            'loc/num_images': 300.0,
            'step': 12,
        },
    ]
    text = '\n'.join(map(json.dumps, lines))
    (start / 'vis_data/scalars.json').write_text(text)
    (start / f'{start.name}.log').write_text(
        '2026/01/01 12:00:00 - first\nmore of it\n2026/01/01 12:10:30 - last\n'
    )
    return folder


def test_the_last_evaluation_of_a_run_counts(tmp_path):
    run = read_run(a_run(tmp_path / 'run', seed=3))
    assert run.metrics == {'GT-known Loc': 60.0, 'Top-1 Loc': 55.0}
    assert (run.config, run.seed, run.minutes) == (TOY, 3, 10.5)
    assert run.date == '2026-01-01'
    assert run.setting == SETTING
    assert in_words(run.setting, of=600) == (
        '300 of 600 test images of 6 classes, protocol wsolevaluation, threshold oracle, '
        "mean over all classes' maps, 12 epochs, a CPU, torch 2"
    )


def test_held_out_images_are_called_so(tmp_path):
    run = read_run(a_run(tmp_path / 'run', split='val'))
    assert in_words(run.setting, of=600).startswith(
        '300 held-out images of 6 classes, '
    )


@pytest.mark.parametrize(
    ('box', 'words'),
    [
        ({}, 'protocol wsolevaluation, threshold oracle'),
        (dict(threshold=0.2), 'protocol wsolevaluation, threshold fixed=0.2'),
        (dict(protocol='bas'), 'protocol bas, threshold fixed=0.15'),
        (
            dict(protocol='bas', average='image', clip=False, threshold='oracle'),
            'protocol bas with average=image, threshold oracle',
        ),
        (
            dict(threshold='from_split=/home/val.json', iou_thresholds=(0.5,)),
            'protocol wsolevaluation with iou_thresholds=[0.5], threshold from_split',
        ),
    ],
)
def test_protocol_and_what_differs_from_it_are_said(tmp_path, box, words):
    run = read_run(a_run(tmp_path / 'run', box=box))
    assert f'classes, {words}, mean over' in in_words(run.setting)


def test_what_was_changed_on_the_command_line_is_said(tmp_path):
    options = ['train_cfg.max_epochs=12', 'a.checkpoint=/home/m.pth', 'a.num_workers=9']
    run = read_run(a_run(tmp_path / 'run', **{'origin.options': options}))
    assert in_words(run.setting).endswith(
        ', changed: train_cfg.max_epochs=12 a.checkpoint=m.pth'
    )


def test_what_made_the_maps_is_said(tmp_path):
    maker = {'model.map_maker': dict(type='BagCAMs', layer='backbone.layer3')}
    run = read_run(a_run(tmp_path / 'run', **maker))
    words = "mean over all classes' maps by BagCAMs(layer=backbone.layer3), 12 epochs"
    assert words in in_words(run.setting)
    assert run.map_maker is None  # the config says so, which has a row of its own


def test_what_the_command_line_had_make_the_maps_leaves_the_metafile(root, tmp_path):
    before = metrics_of(root, TOY)
    changes = {
        'model.map_maker': dict(type='PC1'),
        'origin.options': ['model.map_maker=PC1', 'a=1'],
    }
    run = read_run(a_run(tmp_path / 'run', gt_known=9.0, **changes))
    assert in_words(run.setting).endswith(', changed: a=1')
    (row,) = record([run], root)
    assert row.method == 'bas/resnet18_toy by PC1'
    assert row.metrics['GT-known Loc'] == 9
    assert metrics_of(root, TOY) == before


def test_an_evaluation_by_the_test_tool_has_its_own_setting(tmp_path):
    # a later start: the checkpoint of epoch 7, ten views, the test images' evaluator
    folder = a_run(tmp_path / 'run', seed=4, **{'origin.options': ['a=1', 'b=2']})
    config = Config.fromfile(folder / '20260101_120000/vis_data/config.py')
    config.merge_from_dict(
        dict(
            load_from='work_dirs/epoch_7.pth',
            randomness=dict(seed=0),
            origin=dict(options=['b=2', 'c=3']),
            model=dict(
                _delete_=True, type='TenCropTTA', module=dict(head=dict(num_classes=6))
            ),
            test_evaluator=[dict(type='MaxBoxAccV2', threshold='fixed=0.3')],
            test_dataloader=dict(dataset=dict(split='test')),
        )
    )
    new = folder / '20260102_090000'
    (new / 'vis_data').mkdir(parents=True)
    config.dump(new / 'vis_data/config.py')
    (new / f'{new.name}.json').write_text('{"loc/gt_known": 9, "loc/num_images": 50}')
    (new / f'{new.name}.log').write_text('2026/01/02 09:00:00 -\n2026/01/02 10:00:00 -')
    run = read_run(folder)
    assert (run.metrics, run.date) == ({'GT-known Loc': 9}, '2026-01-02')
    assert (run.seed, run.minutes) == (4, 10.5)  # those of the training
    assert in_words(run.setting) == (
        '50 test images of 6 classes, protocol wsolevaluation, threshold fixed=0.3, '
        "true class's map, TenCropTTA, 7 epochs, a CPU, torch 2, changed: a=1 b=2 c=3"
    )
    config.load_from = 'downloaded.pth'
    config.dump(new / 'vis_data/config.py')
    assert ', epochs not recorded, ' in in_words(read_run(folder).setting)


def test_a_run_knows_whether_its_config_is_of_this_repository(tmp_path, monkeypatch):
    config = Config(dict(launcher='pytorch'))
    note_origin(config, ROOT / TOY, ['a.b=1'])
    assert config.origin.config == TOY
    assert config.origin.options == ['a.b=1']
    # another project may have a folder of the same name
    elsewhere = tmp_path / TOY
    monkeypatch.setenv('WORLD_SIZE', '8')
    note_origin(config, elsewhere)
    assert config.origin.config == str(elsewhere)
    assert config.origin.device.startswith('8 x ')


def test_a_run_judged_by_masks_alone_has_a_row(root, tmp_path):
    folder = a_run(tmp_path / 'run')
    start = folder / '20260101_120000/vis_data'
    config = Config.fromfile(start / 'config.py')
    config.val_evaluator = [dict(type='PxAP')]
    config.dump(start / 'config.py')
    scores = {'pix/pxap': 61.2, 'pix/num_images': 5000, 'accuracy/top1': 70.0}
    (start / 'scalars.json').write_text(json.dumps(scores))
    run = read_run(folder)
    assert run.metrics == {'PxAP': 61.2, 'Top-1 class': 70.0}
    assert in_words(run.setting).startswith('5000 test images of 6 classes, mean over')
    assert not {'protocol', 'threshold'} & run.setting.keys()
    config = 'configs/bas/resnet50_openimages.py'
    record([run._replace(config=config)], root)
    write_tables(root)
    row = "| `resnet50_openimages` | PxAP 66.86 | BAS's README | PxAP 61.2 |"
    assert row in (root / 'configs/bas/README.md').read_text()


def test_seeds_become_mean_and_deviation(root, tmp_path):
    # mean of 60, 62, 67 is 63, the deviation sqrt((9 + 1 + 16) / 3) = 2.94
    runs = [
        read_run(a_run(tmp_path / str(seed), seed, value))
        for seed, value in enumerate((60.0, 62.0, 67.0))
    ]
    record(runs, root)
    metrics = metrics_of(root, TOY)
    assert metrics['GT-known Loc'] == 63.0
    assert metrics['GT-known Loc spread'] == 2.9
    assert metrics['Seeds'] == '0, 1, 2'
    assert metrics['Setting'] == {**SETTING, 'minutes': 10, 'date': '2026-01-01'}
    assert 'Ours' not in metrics


def test_recording_keeps_published_numbers_and_other_rows(root):
    config = 'configs/bas/vgg16_cub.py'
    before = metrics_of(root, config)
    other = metrics_of(root, TOY)
    record([of_toy(0, 50.0, config)], root)
    after = metrics_of(root, config)
    published = {k: v for k, v in before.items() if k != 'Ours'}
    assert after == {
        **published,
        'GT-known Loc': 50.0,
        'MaxBoxAccV2': 70.0,
        'Seeds': '0',
        'Setting': {**SETTING, 'minutes': 1, 'date': '2026-01-01'},
    }
    assert metrics_of(root, TOY) == other


def test_tables_stand_between_their_markers(root):
    document = root / 'docs/page.md'
    document.write_text(
        'before\n<!-- table: results resnet18_toy -->\nold\n<!-- end table -->\nafter\n'
    )
    record([of_toy(0, 60.0), of_toy(1, 64.0)], root)
    assert 'docs/page.md' in write_tables(root, check=True)
    assert 'old' in document.read_text()
    write_tables(root)
    assert document.read_text() == (
        'before\n<!-- table: results resnet18_toy -->\n'
        '| method | GT-known Loc | MaxBoxAccV2 | seeds |\n'
        '| --- | --- | --- | --- |\n'
        '| BAS | 62.0 ± 2.0 | 70.0 ± 0.0 | 0, 1 |\n'
        '<!-- end table -->\nafter\n'
    )
    assert not write_tables(root)
    method = (root / 'configs/bas/README.md').read_text()
    assert '| `vgg16_ilsvrc` | 52.94 / 65.38 / 69.66 |' in method
    assert 'not run' in method


def test_published_numbers_stand_beside_the_same_backbone_and_data_alone(root):
    document = root / 'docs/page.md'
    tables = ''.join(
        f'<!-- table: results {stem} -->\n<!-- end table -->\n'
        for stem in ('vgg16_cub', 'mobilenetv2_cub', 'vgg16_ilsvrc')
    )
    document.write_text(tables)
    write_tables(root)
    birds, mobile, ilsvrc = document.read_text().split('<!-- end table -->\n')[:3]
    assert '| published: Top-1 / Top-5 / GT-known |' in birds
    assert '70.90 / 85.36 / 91.04 |' in birds
    assert '52.94 / 65.38 / 69.66 |' in ilsvrc
    assert '70.90' not in mobile + ilsvrc
    assert 'published' not in mobile


@pytest.mark.parametrize(
    ('break_it', 'message'),
    [
        (
            lambda f: (f / '20260101_120000/vis_data/scalars.json').write_text(''),
            'no loc',
        ),
        (
            lambda f: (f / '20260101_120000/vis_data/config.py').write_text('a = 1'),
            'origin',
        ),
    ],
)
def test_what_is_no_run_is_named(tmp_path, break_it, message):
    folder = a_run(tmp_path / 'run')
    break_it(folder)
    with pytest.raises(ValueError, match=message):
        read_run(folder)


def test_runs_under_different_settings_are_not_averaged(root, tmp_path):
    runs = [of_toy(seed, 1.0, epochs=12 + seed) for seed in (0, 1)]
    with pytest.raises(ValueError, match='under one setting.*\n.*12 ep.*\n.*13 ep'):
        record(runs, root)


def test_a_seed_is_counted_once(root):
    with pytest.raises(ValueError, match=r'a seed each, but got \[0, 0\]'):
        record([of_toy(0, 60.0), of_toy(0, 61.0)], root)


def test_a_setting_in_an_older_form_is_named(root):
    record([of_toy(0, 60.0)], root)
    file = root / 'configs/bas/metafile.yml'
    meta = yaml.safe_load(file.read_text())
    next(m for m in meta['Models'] if m['Config'] == TOY)['Results'][0]['Metrics'][
        'Setting'
    ] = '300 test images'
    file.write_text(yaml.safe_dump(meta))
    with pytest.raises(
        ValueError,
        match=r'Metrics.Setting. of .*metafile.yml .* but got .300 test images',
    ):
        write_tables(root)


def test_unknown_tables_and_configs_are_named(root):
    (root / 'docs/page.md').write_text('<!-- table: sums x -->\n<!-- end table -->')
    with pytest.raises(ValueError, match="docs/page.md, but got 'sums'"):
        write_tables(root)
    with pytest.raises(ValueError, match='a row for configs/bas/none.py'):
        record([of_toy(0, 1.0, 'configs/bas/none.py')], root)


def test_a_table_in_a_block_of_code_is_an_example(root):
    example = '```markdown\n<!-- table: method bas -->\n<!-- end table -->\n```\n'
    (root / 'docs/page.md').write_text(example)
    write_tables(root)
    assert (root / 'docs/page.md').read_text() == example


def test_the_documents_are_up_to_date():
    assert write_tables(ROOT, check=True) == []


def test_every_method_has_a_sentence_and_a_table_of_its_own():
    for collection, folder in Tables(ROOT).methods:
        assert collection['Metadata']['Summary']
        assert (
            f'<!-- table: method {folder} -->'
            in (ROOT / collection['README']).read_text()
        )


def test_an_evaluation_inside_the_folder_of_its_training(tmp_path):
    """Seed and minutes are the training's, the number is the evaluation's."""
    training = a_run(tmp_path / 'run', seed=3)
    own = a_run(training / 'oracle', seed=0, gt_known=70.0)
    logged = own / '20260101_120000/vis_data/scalars.json'
    lines = [line for line in logged.read_text().splitlines() if 'loss' not in line]
    logged.write_text('\n'.join([*lines, '{"cut off']))
    run = read_run(own)
    assert (run.seed, run.minutes, run.metrics['GT-known Loc']) == (3, 10.5, 70.0)


def test_runs_can_be_in_the_tables_and_leave_the_metafiles(root, tmp_path):
    before = (root / 'configs/bas/metafile.yml').read_text()
    inside, outside = summaries([of_toy(0, 42.0)])
    rows = {row.config: row for row in Tables(root, outside, inside).rows}
    assert rows[TOY].metrics['GT-known Loc'] == 42.0
    cub = 'configs/bas/vgg16_cub.py'
    assert (
        rows[cub].published == {r.config: r for r in Tables(root).rows}[cub].published
    )
    assert (root / 'configs/bas/metafile.yml').read_text() == before
    with pytest.raises(ValueError, match='Expected a row for configs/x.py'):
        Tables(root, inside={'configs/x.py': {}})
