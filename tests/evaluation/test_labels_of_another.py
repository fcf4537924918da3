"""The classes of one model for the boxes of another."""

import json

import pytest
import torch
from mmpretrain.evaluation import Accuracy
from mmpretrain.structures import DataSample

from mmwsol.evaluation import LabelFile, MaxBoxAccV2, OtherLabels
from mmwsol.io.predicted_labels import PredictedLabels, read_labels, write_labels

CLASSES = [f'c{k}' for k in range(7)]


def predicted(image, scores, label, box=(0, 0, 9, 9)):
    sample = DataSample(metainfo=dict(img_path=f'data/{image}'))
    sample.set_pred_score(torch.tensor(scores)).set_gt_label(label)
    sample.set_field(torch.tensor([box], dtype=torch.float64), 'pred_bboxes')
    sample.set_field(torch.tensor([[0.0, 0, 9, 9]]), 'gt_bboxes')
    return sample


def write(file, samples):
    writer = LabelFile(str(file), 'cam/resnet50_cub', 'data')
    writer.dataset_meta = dict(classes=CLASSES)
    writer.process({}, [sample.to_dict() for sample in samples])
    assert writer.evaluate(len(samples)) == {}


def test_the_best_five_come_back_as_ranks(tmp_path):
    file = tmp_path / 'labels.json'
    scores = [0.1, 0.3, 0.0, 0.25, 0.15, 0.2, 0.05]  # best: 1, 3, 5, 4, 0
    write(file, [predicted('a/1.jpg', scores, 5), predicted('b/1.jpg', scores, 6)])
    labels = read_labels(file)
    assert labels.best == {'a/1.jpg': [1, 3, 5, 4, 0], 'b/1.jpg': [1, 3, 5, 4, 0]}
    assert (labels.model, labels.classes) == ('cam/resnet50_cub', CLASSES)
    # another model is sure of class 6 in both
    sure = [0.0] * 6 + [1.0]
    own = [predicted('a/1.jpg', sure, 5), predicted('b/1.jpg', sure, 6)]
    evaluator = OtherLabels([MaxBoxAccV2(), Accuracy(topk=(1, 3))], labels, 'data')
    evaluator.check(['data/a/1.jpg', 'data/b/1.jpg'])
    evaluator.process(own)
    found = evaluator.evaluate(2)
    assert found['loc/gt_known'] == 100
    assert (found['loc/top1'], found['loc/top5']) == (0, 50)
    # 5 is third of the file's, and 6 not in it
    assert (found['accuracy/top1'], found['accuracy/top3']) == (0, 50)
    assert own[0].pred_label.tolist() == [1]
    expected = [1 / 32, 1 / 2, 0, 1 / 4, 1 / 16, 1 / 8, 0]
    assert own[0].pred_score.tolist() == expected


def test_images_that_the_file_lacks_are_named():
    labels = PredictedLabels('cam/x', CLASSES, {'a/1.jpg': [0, 1, 2, 3, 4]})
    evaluator = OtherLabels([MaxBoxAccV2()], labels, 'data')
    with pytest.raises(ValueError, match=r"those of 1 are not .*such as 'a/2.jpg'"):
        evaluator.check(['data/a/1.jpg', 'data/a/2.jpg'])


def test_an_image_has_one_class(tmp_path):
    several = predicted('a.jpg', [0.1] * 7, [1, 2])
    with pytest.raises(ValueError, match=r'Expected one class .*a\.jpg has 2'):
        write(tmp_path / 'labels.json', [several])


GOOD = dict(model='a', classes=['x', 'y'], best={'1.jpg': [1, 0]})


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        (dict(model=3), '`model` is'),
        (dict(classes='xy'), '`classes` is no list'),
        (dict(best={}), '`best` has no images'),
        (dict(best={'1.jpg': [0]}), r"than 2 different .* first '1.jpg': \[0\]"),
        (dict(best={'1.jpg': [0, 0]}), 'different numbers from 0 to 1'),
        (dict(best={'1.jpg': [0, 2]}), 'different numbers from 0 to 1'),
        (dict(best={'1.jpg': [True, 0]}), 'different numbers from 0 to 1'),
        (dict(best={'1.jpg': [[0], 1]}), 'different numbers from 0 to 1'),
    ],
)
def test_other_files_are_refused(tmp_path, change, said):
    file = tmp_path / 'labels.json'
    write_labels(file, PredictedLabels(**GOOD))
    assert read_labels(file) == PredictedLabels(**GOOD)
    file.write_text(json.dumps(GOOD | change))
    with pytest.raises(ValueError, match=said):
        read_labels(file)
    with pytest.raises(FileNotFoundError, match='--save-labels'):
        read_labels(tmp_path / 'none.json')
