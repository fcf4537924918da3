"""The paper's tables have all its rows, ours with them, and go out as files."""

import json
from pathlib import Path

import pytest
import yaml

from tools.report.export import export, read_results
from tools.report.metafiles import record
from tools.report.paper import read_paper
from tools.report.runs import Run
from tools.report.tables import Tables, write_tables

ROOT = Path(__file__).parents[2]
CAM, OURS = 'configs/cam/vgg16_cub.py', 'configs/pnsc/vgg16_cub.py'
PAPER = """
3:
  title: VGG-16, birds
  images: 600
  rows:
  - {row: CAM, paper: [44.15, null, 58.00], config: configs/cam/vgg16_cub.py}
  - {row: EIL, paper: [56.21, 69.51, 72.37]}
  - {row: PNSC, paper: [70.68, 85.33, 90.82], config: configs/pnsc/vgg16_cub.py}
"""
SETTING = dict(
    images=300,
    split='test',
    classes=20,
    protocol='wsolevaluation',
    threshold='oracle',
    maps='gt',
    epochs=6,
    hardware='a CPU',
)
WORDS = (
    '300 of 600 test images of 20 classes, protocol wsolevaluation, threshold oracle, '
    "true class's map, 6 epochs, a CPU, 2026-01-01"
)
HEAD = (
    '| Table 3: VGG-16, birds | paper: Top-1 / Top-5 / GT-known Loc | ours '
    '| ours - paper | ours: MaxBoxAccV2 | setting of ours |\n'
    '| --- | --- | --- | --- | --- | --- |\n'
)


def write_metafile(root, folder, name, published):
    own = {f'Published {metric} Loc': value for metric, value in published.items()}
    meta = dict(
        Collections=[
            dict(
                Name=name,
                Metadata=dict(Summary='a sentence'),
                README=f'configs/{folder}/README.md',
            )
        ],
        Models=[
            dict(
                Name=f'{folder}_vgg16_cub',
                Config=f'configs/{folder}/vgg16_cub.py',
                Results=[
                    dict(
                        Metrics={
                            **own,
                            'Source': 'PNSC paper, Table 3',
                            'Ours': 'not run',
                        }
                    )
                ],
            )
        ],
    )
    (root / 'configs' / folder).mkdir(parents=True, exist_ok=True)
    (root / 'configs' / folder / 'metafile.yml').write_text(yaml.safe_dump(meta))


@pytest.fixture
def root(tmp_path):
    """A repository with two methods, a table of three rows and a page for it."""
    write_metafile(tmp_path, 'cam', 'CAM', {'Top-1': 44.15, 'GT-known': 58.0})
    write_metafile(
        tmp_path, 'pnsc', 'PNSC', {'Top-1': 70.68, 'Top-5': 85.33, 'GT-known': 90.82}
    )
    (tmp_path / 'configs/pnsc/paper_tables.yml').write_text(PAPER)
    (tmp_path / 'docs').mkdir()
    (tmp_path / 'docs/page.md').write_text(
        '<!-- table: paper 3 -->\n<!-- end table -->\n'
    )
    return tmp_path


def a_run(config, seed, top1, top5, gt_known, stem='vgg16_cub', **setting):
    metrics = {'Top-1 Loc': top1, 'Top-5 Loc': top5, 'GT-known Loc': gt_known}
    metrics['MaxBoxAccV2'] = 50.0
    return Run(config, stem, seed, metrics, {**SETTING, **setting}, 0.0, '2026-01-01')


def rendered(root):
    write_tables(root)
    return (root / 'docs/page.md').read_text()


def test_rows_that_were_not_run_stay_visible(root):
    assert rendered(root) == (
        f'<!-- table: paper 3 -->\n{HEAD}'
        f'| [CAM](../{CAM}) | 44.15 / - / 58.00 | not run | - | - | - |\n'
        '| EIL | 56.21 / 69.51 / 72.37 | no code here | - | - | - |\n'
        f'| [PNSC](../{OURS}) | 70.68 / 85.33 / 90.82 | not run | - | - | - |\n'
        '<!-- end table -->\n'
    )


def test_notes_stand_once_below_the_table_and_rows_point_to_them(root):
    file = root / 'configs/pnsc/paper_tables.yml'
    noted = PAPER.replace('58.00]', '58.00], note: copied').replace(
        '72.37]', '72.37], note: of another network'
    )
    file.write_text(noted.replace('90.82]', '90.82], note: copied'))
    own = rendered(root)
    assert f'| [CAM](../{CAM})<sup>1</sup> | 44.15' in own
    assert '| EIL<sup>2</sup> | 56.21' in own
    assert f'| [PNSC](../{OURS})<sup>1</sup> | 70.68' in own
    assert own.endswith(
        '- |\n\n<sup>1</sup> copied\n\n<sup>2</sup> of another network\n<!-- end table -->\n'
    )
    assert rendered(root) == own  # a second time, nothing is left over


def test_a_run_puts_numbers_and_their_difference_into_its_row(root):
    # 45.0 - 44.15 = 0.85, 57.5 - 58 = -0.5; of two seeds 70 and 71 the mean is 70.5 and
    # the deviation 0.5: 70.5 - 70.68 = -0.18; 85.3 - 85.33 = -0.03, which is no minus
    record(
        [
            a_run(CAM, 0, 45.0, 50.0, 57.5),
            a_run(OURS, 0, 70.0, 85.3, 92.0, images=600),
            a_run(OURS, 1, 71.0, 85.3, 92.0, images=600),
        ],
        root,
    )
    page = rendered(root)
    assert (
        f'| [CAM](../{CAM}) | 44.15 / - / 58.00 | 45.0 / 50.0 / 57.5 '
        f'| +0.9 / - / -0.5 | 50.0 | seed 0; {WORDS} |\n'
    ) in page
    assert (
        f'| [PNSC](../{OURS}) | 70.68 / 85.33 / 90.82 '
        '| 70.5 ± 0.5 / 85.3 ± 0.0 / 92.0 ± 0.0 | -0.2 / +0.0 / +1.2 | 50.0 ± 0.0 '
        f'| seeds 0, 1; {WORDS.replace("300 of 600", "600")} |\n'
    ) in page
    assert '| EIL | 56.21 / 69.51 / 72.37 | no code here |' in page


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('70.68', '70.86', 'pnsc/vgg16_cub.py to have the numbers of Table 3.*70.86'),
        ('null', '52.16', r'cam/vgg16_cub.py .* 44.15 / 52.16 / 58.00, but got .* - /'),
        (
            ', config: configs/pnsc/vgg16_cub.py',
            '',
            'cites Table 3, to be the `config`',
        ),
        (
            'pnsc/vgg16_cub.py',
            'pnsc/vgg16.py',
            "pnsc/vgg16.py, 'PNSC' of Table 3 .* row",
        ),
        ('3:\n', '4:\n', 'cites Table 3, to be the `config`'),
    ],
)
def test_a_metafile_and_the_papers_file_must_agree(root, old, new, message):
    assert old in PAPER
    (root / 'configs/pnsc/paper_tables.yml').write_text(PAPER.replace(old, new))
    with pytest.raises(ValueError, match=message):
        write_tables(root)


def test_a_table_the_paper_does_not_have_is_named(root):
    (root / 'docs/page.md').write_text('<!-- table: paper 9 -->\n<!-- end table -->\n')
    with pytest.raises(ValueError, match=r"page.md to be one of \('3',\), but got '9'"):
        write_tables(root)


def test_all_rows_of_the_paper_are_in_the_documents_once():
    page = (ROOT / 'docs/paper_tables.md').read_text()
    paper = yaml.safe_load((ROOT / 'configs/pnsc/paper_tables.yml').read_text())
    # the paper's Tables 1-8 have 7, 4, 8, 7, 8, 8, 7 and 7 rows
    counts = {number: len(table['rows']) for number, table in paper.items()}
    assert counts == {1: 7, 2: 4, 3: 8, 4: 7, 5: 8, 6: 8, 7: 7, 8: 7}
    for number in counts:
        assert page.count(f'<!-- table: paper {number} -->\n| Table {number}: ') == 1
    for table in read_paper(ROOT, Tables(ROOT).rows).values():
        assert len({line.row for line in table.rows}) == len(table.rows)


def test_every_birds_config_of_vgg16_is_a_row_of_tables_1_and_2():
    tables = Tables(ROOT)
    document = ROOT / 'docs/paper_tables.md'
    pages = ''.join(tables.render('paper', number, document) for number in '12')
    files = sorted(ROOT.glob('configs/pnsc/vgg16_cub*.py'))
    assert len(files) == 10
    for file in files:
        # both modules are the last row of each table, with the weights (1, 1.5)
        times = 2 if file.stem == 'vgg16_cub' else 1
        assert pages.count(f'](../configs/pnsc/{file.name})') == times


def test_results_come_back_from_their_file(root, tmp_path):
    own = '/elsewhere/birds/mine.py'
    runs = [a_run(OURS, s, 70.0 + s, 80.0, 90.0) for s in (0, 1)]
    runs.append(a_run(own, 5, 60.0, 70.0, 80.0, options={'average': 'class'}))
    before = {f: f.read_bytes() for f in root.glob('configs/cam/*')}
    outside = record(runs, root)
    assert {f: f.read_bytes() for f in root.glob('configs/cam/*')} == before
    out = tmp_path / 'out'
    export(Tables(root, outside), out)
    not_run, ours, mine = read_results(out / 'results.json')
    assert not_run == dict(
        method='CAM',
        backbone='vgg16',
        dataset='cub',
        variant=None,
        config=CAM,
        metrics={},
        published={'Top-1 Loc': 44.15, 'GT-known Loc': 58.0},
        source='PNSC paper, Table 3',
        seeds=[],
        setting=None,
    )
    assert ours['seeds'] == [0, 1]
    assert ours['metrics']['Top-1 Loc'] == dict(mean=70.5, spread=0.5)
    assert ours['setting'] == {**SETTING, 'date': '2026-01-01'}
    assert (mine['method'], mine['backbone'], mine['config']) == (
        'birds/mine',
        'vgg16',
        own,
    )
    assert mine['metrics']['MaxBoxAccV2'] == dict(mean=50.0, spread=None)
    assert mine['setting']['options'] == {'average': 'class'}
    assert (mine['published'], mine['source']) == ({}, None)

    paper = (out / 'paper_3.md').read_text()
    assert paper.startswith(HEAD)
    assert f'[CAM](../{CAM})' in paper  # a link from where the file is
    assert '| birds/mine | 80.0 | 60.0 |' in (out / 'results_vgg16_cub.md').read_text()
    assert (
        'protocol wsolevaluation with average=class' in (out / 'outside.md').read_text()
    )
    # no document of the repository has it
    assert 'mine' not in rendered(root)


def test_results_of_another_format_are_refused(tmp_path):
    file = tmp_path / 'results.json'
    file.write_text(json.dumps(dict(format=2, results=[])))
    with pytest.raises(
        ValueError, match=r'`format` of .*results.json to be 1, but got 2'
    ):
        read_results(file)
