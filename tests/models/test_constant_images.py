"""Constant images, and very small data sets."""

import cv2
import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from mmpretrain.registry import MODELS

from mmwsol.evaluation import MaxBoxAccV2, PxAP
from tests.support.models import ROOT, labels_to_samples

METHODS = sorted(f.parent.name for f in ROOT.glob('configs/*/resnet18_toy.py'))


@pytest.mark.parametrize('method', METHODS)
def test_constant_images_and_a_batch_of_one(method, tiny_config):
    """All one colour, so that normalisations divide by nothing but their epsilon."""
    torch.manual_seed(0)
    model = MODELS.build(tiny_config(f'{method}/resnet18_toy.py').model)
    shades = [torch.full((3, 64, 64), shade) for shade in (0.0, 127.0, 255.0)]
    metrics = MaxBoxAccV2(), PxAP()
    for inputs in (shades, shades[:1], shades[1:2]):
        samples = labels_to_samples(range(len(inputs)))
        data = model.data_preprocessor(dict(inputs=inputs, data_samples=samples), True)
        model.train().zero_grad()
        loss, _ = model.parse_losses(model(**data, mode='loss'))
        loss.backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        assert loss.isfinite()
        assert all(gradient.isfinite().all() for gradient in gradients)
        model.eval()  # untrained
        with torch.no_grad():
            predictions = model.predict(data['inputs'], samples)
        for sample in predictions:
            assert sample.pred_score.isfinite().all()
            sample.gt_bboxes = torch.tensor([[0.0, 0, 63, 31]])
            sample.gt_seg_map = (torch.arange(64) < 32).to(torch.uint8).expand(64, 64).T
        for metric in metrics:
            metric.process({}, [sample.to_dict() for sample in predictions])
    for metric in metrics:
        values = metric.evaluate(5)
        assert all(0 <= value <= 100 for value in values.values())
        # a box has no pixels to judge
        assert not values.get(f'{metric.prefix}/num_invalid')


def test_a_class_with_one_image_and_a_last_batch_of_one(tmp_path, tiny_config):
    """Five images of two classes in batches of two."""
    rng = np.random.default_rng(0)
    for i, name in enumerate(['cat', 'cat', 'cat', 'cat', 'dog']):
        (tmp_path / 'data/train' / name).mkdir(parents=True, exist_ok=True)
        image = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / 'data/train' / name / f'{i}.png'), image)
    config = tiny_config('cam/resnet18_toy.py')
    config.model.head.num_classes = 2
    config.merge_from_dict(
        dict(
            train_dataloader=dict(
                batch_size=2,
                num_workers=0,
                persistent_workers=False,
                dataset=dict(
                    _delete_=True,
                    type='CustomLoc',
                    data_root=str(tmp_path / 'data'),
                    split='train',
                    pipeline=[dict(type='LoadImageFromFile'), dict(type='PackInputs')],
                ),
            ),
            train_cfg=dict(max_epochs=2),
            env_cfg=dict(dist_cfg=dict(backend='gloo')),
            work_dir=str(tmp_path / 'work'),
            val_dataloader=None,
            val_cfg=None,
            val_evaluator=None,
            test_dataloader=None,
            test_cfg=None,
            test_evaluator=None,
            launcher='none',
        )
    )
    runner = Runner.from_cfg(config)
    runner.train()
    assert len(runner.train_dataloader) == 3
    assert runner.iter == 6
    assert all(p.isfinite().all() for p in runner.model.state_dict().values())
