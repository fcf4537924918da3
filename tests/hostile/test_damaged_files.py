"""Damaged maps, numbers, tables and checkpoints: used rightly, or refused by name."""

import json
import struct

import numpy as np
import pytest
import torch
import yaml

from mmwsol.engine.checkpoints import load_plain
from mmwsol.functional import box_record, get_protocol
from mmwsol.functional.checks import map_problem
from mmwsol.io.map_folders import map_file, read_annotations, read_map
from mmwsol.io.tuned_thresholds import tuned_metrics
from tests.support.damage import BINARY, TEXT, strike
from tests.support.folders import table
from tools.report.box_curves import read_box_curves
from tools.report.export import export, read_results
from tools.report.runs import span
from tools.report.scalars import read_entries
from tools.report.tables import Tables

pytestmark = pytest.mark.faults


def judge(folder, found):
    """What is wrong with each image's map in a folder."""
    problems = {}
    for image in found.ids:
        score_map, problem = read_map(map_file(folder, image))
        boxes = found.boxes_on(image, found.size(image))
        about = boxes, found.labels[image], found.rank(image)
        record = box_record(score_map, *about, get_protocol('bas'), (0.5,))
        if problem or record.problem:
            problems[image] = problem or record.problem
    return problems


def test_annotations_of_maps_in_files(lists, tries):
    folder = lists / 'lists/val'

    def use():
        found = read_annotations(folder)
        sizes = {row[0]: row[1:] for row in table(folder / 'image_sizes.txt')}
        classes = {row[0]: row[1:] for row in table(folder / 'predicted_classes.txt')}
        for (image,) in table(folder / 'image_ids.txt'):
            assert found.sizes[image] == tuple(map(float, sizes[image]))
            if image in classes:
                assert found.classes[image] == [*map(float, classes[image])]
        assert judge(lists, found).keys() == {*found.ids}  # no maps are there

    strike(sorted(folder.iterdir()), use, lists, tries(25, 500))


def test_maps(tmp_path, tries):
    file = tmp_path / 'a.jpg.npy'
    score_map = np.random.default_rng(0).random((12, 15)).astype(np.float32)
    np.save(file, score_map)
    header = file.read_bytes()[: -score_map.nbytes]

    def use():
        found, problem = read_map(file)
        assert (found is None) == bool(problem)
        problem = problem or map_problem(found)
        if problem:
            raise ValueError(f'{file} {problem}')
        content = file.read_bytes()
        if content.startswith(header):
            own = np.frombuffer(content[len(header) :][: score_map.nbytes], np.float32)
            np.testing.assert_array_equal(found, own.reshape(12, 15))
        assert found.min() >= 0
        assert found.max() <= 1

    strike([file], use, tmp_path, tries(25, 500), BINARY + TEXT)


KINDS = [np.float16, '>f4', np.longdouble, np.uint8, bool, complex, 'U3', 'M8[s]']


@pytest.mark.parametrize('kind', [*KINDS, object])
def test_a_map_of_every_type_is_judged_or_named(lists, kind):
    found = read_annotations(lists / 'lists/val')
    for image in found.ids:
        file = lists / f'maps/{image}.npy'
        file.parent.mkdir(parents=True, exist_ok=True)
        values = np.random.default_rng(0).random((20, 30))
        values = values.astype('f8' if kind == 'M8[s]' else kind).astype(kind)
        np.save(file, values, allow_pickle=kind is object)
    assert bool(judge(lists / 'maps', found)) == (kind not in KINDS[:4])


def test_an_archive_and_a_map_of_petabytes_are_named(tmp_path):
    file = tmp_path / 'a.npy'
    with file.open('wb') as out:
        np.savez(out, a=np.zeros((20, 30)))
    assert read_map(file)[1].endswith(f'{file} is an archive of several')
    shape = (
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999), }\n"
    )
    with file.open('wb') as out:  # asks for 40 PB
        out.write(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(shape)) + shape.encode())
    assert f'{file} is not an .npy' in read_map(file)[1]


def test_files_of_metrics(tmp_path, tries):
    file = tmp_path / 'metrics.json'
    content = dict(
        protocol=dict(threshold='oracle'),
        metrics={'loc/threshold': 0.25, 'loc/gt_known': 62.0},
        thresholds=[0.0, 0.5, 0.9],
        curves=dict(
            gt_known_iou50=[0.0, 7.0, 2.0],
            v2_iou30=[1.0, 2.5, 3.0],
            v2_iou50=[1.0, 2.5, 3.0],
        ),
        format=1,
        results=[dict(metrics=dict())],
    )
    file.write_text(json.dumps(content, indent=1))

    def use():
        tuned, found = tuned_metrics(str(file)), read_box_curves(file)
        results = read_results(file)
        own = json.loads(file.read_text('utf-8-sig'))
        metrics = {k.split('/')[-1]: v for k, v in own.get('metrics', own).items()}
        assert tuned.items() <= metrics.items()
        assert 0 <= tuned.get('threshold', 0) <= 1
        assert found.gt_known.tolist() == [*map(float, own['curves']['gt_known_iou50'])]
        assert found.thresholds.tolist() == [*map(float, own['thresholds'])]
        assert results == own['results']

    strike([file], use, tmp_path, tries(25, 500))


def test_logs_of_runs(tmp_path, tries):
    numbers, log = tmp_path / 'scalars.json', tmp_path / f'{tmp_path.name}.log'
    entries = [{'loss': 0.5, 'step': i, 'loc/gt_known': 62.5} for i in range(3)]
    numbers.write_text('\n'.join(map(json.dumps, entries)) + '\n')
    log.write_text('2024/05/06 10:11:12 - begin\n2024/05/06 11:11:12 - end\n')

    def use():
        found = [*read_entries(numbers)]
        lines = numbers.read_text('utf-8-sig').split('\n')
        lines = [line for line in lines if line.strip()]
        # of a log alone the last line may be missing, which a kill cuts off
        assert len(found) in (len(lines), len(lines) - 1)
        assert found == [json.loads(line) for line in lines[: len(found)]]
        assert all(abs(entry.get('loc/gt_known', 0)) < 1e300 for entry in found)
        first, last = span(tmp_path)
        assert abs(last.year - first.year) < 9999

    strike([numbers, log], use, tmp_path, tries(20, 500))


def test_metafiles(repository, tries):
    files = sorted(repository.glob('configs/*/*.yml'))

    def use():
        try:
            tables = Tables(repository)
            export(tables, repository / 'out')
        except ValueError as error:
            # those that disagree are named from the repository on
            text = str(error).replace('configs/', f'{repository}/configs/', 1)
            raise type(error)(text) from None
        texts = [f.read_text('utf-8-sig') for f in files if f.stem == 'metafile']
        models = [m for text in texts for m in yaml.safe_load(text)['Models']]
        assert [row.config for row in tables.rows] == [m['Config'] for m in models]
        expected = [m['Results'][0]['Metrics'].get('GT-known Loc') for m in models]
        assert [row.metrics.get('GT-known Loc') for row in tables.rows] == expected

    strike(files, use, repository, tries(24, 500))


@pytest.mark.parametrize('old_format', [False, True])
def test_checkpoints(tmp_path, tries, old_format):
    file = tmp_path / 'model.pth'
    content = dict(state_dict=dict(a=torch.arange(20.0)), meta=dict(classes=('x', 'y')))
    torch.save(content, file, _use_new_zipfile_serialization=not old_format)

    def use():
        assert isinstance(load_plain(file), dict)

    strike([file], use, tmp_path, tries(10, 250), BINARY, some_taken=False)


@pytest.mark.parametrize('content', [[1], torch.zeros(3), 'a', None])
def test_a_checkpoint_that_is_no_dictionary_is_named(tmp_path, content):
    torch.save(content, tmp_path / 'model.pth')
    with pytest.raises(ValueError, match='model.pth, but it holds a'):
        load_plain(tmp_path / 'model.pth')
