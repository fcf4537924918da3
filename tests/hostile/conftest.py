"""Small folders of every kind that the package reads, to be damaged."""

import json
from pathlib import Path

import pytest
import yaml

from tests.support import folders


@pytest.fixture
def imagenet(tmp_path):
    return folders.make_imagenet(tmp_path)


@pytest.fixture
def kaggle(imagenet):
    """The same, in the layout of Kaggle's archive."""
    root = imagenet / 'ILSVRC'
    for old, new in (('train', 'Data'), ('val', 'Data'), ('bboxes/val', 'Annotations')):
        (root / new / 'CLS-LOC').mkdir(parents=True, exist_ok=True)
        (imagenet / old).rename(root / new / 'CLS-LOC' / Path(old).name)
    return root


@pytest.fixture
def lists(tmp_path):
    return folders.make_lists(tmp_path)


@pytest.fixture
def own(tmp_path):
    return folders.make_own(tmp_path / 'own')


@pytest.fixture
def repository(tmp_path):
    """Two methods' metafiles and one of the paper's tables."""
    for name in ('bas', 'cam'):
        file = tmp_path / 'configs' / name / 'metafile.yml'
        file.parent.mkdir(parents=True)
        file.write_text(yaml.safe_dump(metafile(name), sort_keys=False))
    lines = [dict(row='BAS', paper=[1.5, None, 3], config='configs/bas/vgg16_cub.py')]
    paper = {
        3: dict(title='a', images=9, rows=[*lines, dict(row='EIL', paper=[1, 2, 3])])
    }
    (tmp_path / 'configs/pnsc').mkdir()
    (tmp_path / 'configs/pnsc/paper_tables.yml').write_text(yaml.safe_dump(paper))
    return tmp_path


def metafile(name):
    setting = dict(
        images=9, split='test', classes=3, maps='gt', epochs=2, hardware='CPU'
    )
    metrics = {
        'GT-known Loc': 71.5,
        'GT-known Loc spread': 0.5,
        'Published Top-1 Loc': 60,
        'Source': 'a paper',
        'Seeds': '0, 1',
        'Setting': dict(**setting, options=dict(ious=[0.5]), changed=['a=1']),
    }
    collection = dict(
        Name=name, README=f'{name}/README.md', Metadata=dict(Summary='It.')
    )
    models = [
        dict(Config=f'configs/{name}/vgg16_{data}.py', Results=[dict(Metrics=metrics)])
        for data in ('cub', 'ilsvrc')
    ]
    # without YAML's references to what was written before
    return json.loads(json.dumps(dict(Collections=[collection], Models=models)))
