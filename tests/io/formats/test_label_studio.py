"""Tasks for Label Studio, read back by its own converter."""

import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from label_studio_sdk.converter import Converter

from mmwsol.io.formats import LabelStudioFormat
from tests.support.found_boxes import FOUND

CLEAN = ['cat', "dog: 'big' #1", 'cat (2)', 'no']


def tasks_of(found, folder, *args):
    assert LabelStudioFormat(*args).write(found, folder) == []
    return json.loads((folder / 'tasks.json').read_text())


def test_its_converter_reads_the_same_boxes(found, tmp_path):
    """As Label Studio does where predictions are accepted."""
    tasks = tasks_of(found, tmp_path)
    for task in tasks:
        task['annotations'] = task.pop('predictions')
    (tmp_path / 'accepted.json').write_text(json.dumps(tasks))
    config = (tmp_path / 'labeling_config.xml').read_text(encoding='utf-8')
    converter = Converter(config, str(tmp_path), download_resources=False)
    out = tmp_path / 'converted'
    converter.convert_to_coco(str(tmp_path / 'accepted.json'), str(out), is_dir=False)
    content = json.loads((out / 'result.json').read_text(encoding='utf-8'))
    names = {own['id']: own['name'] for own in content['categories']}
    assert sorted(names.values()) == sorted(CLEAN)
    boxes = {number: [] for number in range(len(FOUND))}
    for own in content['annotations']:
        x, y, width, height = own['bbox']
        boxes[own['image_id']].append((x, y, x + width, y + height))
        assert names[own['category_id']] == CLEAN[FOUND[own['image_id']][2]]
    for number, (_, _, _, expected) in enumerate(FOUND):
        np.testing.assert_allclose(boxes[number], expected, atol=0.01)


def test_an_image_has_one_prediction_with_scores_and_a_version(found, tmp_path):
    tasks = tasks_of(found, tmp_path)
    for task, (name, (height, width), _, boxes) in zip(tasks, FOUND, strict=True):
        (prediction,) = task['predictions']
        assert prediction['model_version'].startswith('mmwsol ')
        scores = [region['score'] for region in prediction['result']]
        assert len(scores) == len(boxes)
        assert prediction['score'] == min(scores, default=0)
        for region in prediction['result']:
            assert (region['original_width'], region['original_height']) == (
                *(width, height),
            )
        url = urlsplit(task['data']['image'])
        assert url.path == '/data/local-files/'
        assert parse_qs(url.query)['d'] == [name]
    regions = [r['id'] for task in tasks for r in task['predictions'][0]['result']]
    assert len({*regions}) == len(regions)


@pytest.mark.parametrize(
    ('prefix', 'address'),
    [
        ('s3://bucket/photos/', 's3://bucket/photos/my, Mañana ★ cat.JPEG'),
        ('http://a.b', 'http://a.b/my%2C%20Ma%C3%B1ana%20%E2%98%85%20cat.JPEG'),
    ],
)
def test_where_images_are_served(found, tmp_path, prefix, address):
    assert tasks_of(found, tmp_path, prefix)[3]['data']['image'] == address
