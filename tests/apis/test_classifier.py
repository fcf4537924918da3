"""A classifier as a localizer: the same scores, maps whose means they are."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import torchvision
from mmengine.config import Config
from mmpretrain.apis import ModelHub
from mmpretrain.registry import MODELS

from mmwsol.apis import LocInferencer
from mmwsol.apis.classifier import convert_classifier
from tools import convert_classifier as convert_classifier_tool

ROOT = Path(__file__).parents[2]
NAMES = ('cat', 'dog', 'cow')


def small_classifier(**model) -> Config:
    """A narrow ResNet-18 on three classes."""
    backbone = dict(type='ResNet', depth=18, stem_channels=8, base_channels=8)
    return Config(
        dict(
            data_preprocessor=dict(mean=[100] * 3, std=[50] * 3, to_rgb=True),
            model=dict(
                type='ImageClassifier',
                backbone=backbone,
                neck=dict(type='GlobalAveragePooling'),
                head=dict(type='LinearClsHead', num_classes=3, in_channels=64),
            )
            | model,
        )
    )


def weights_of(config: Config) -> dict:
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    model.head.fc.weight.data.normal_()
    return dict(
        state_dict=model.state_dict(), meta=dict(dataset_meta=dict(classes=NAMES))
    )


def test_torchvisions_resnet_keeps_its_scores():
    torch.manual_seed(0)
    source = torchvision.models.resnet18(weights=None).eval()
    config = ModelHub.get('resnet18_8xb32_in1k').config
    made = convert_classifier(config, source.state_dict())
    localizer = MODELS.build(made.model).eval()
    localizer.load_state_dict(made.checkpoint['state_dict'])
    image = torch.randn(2, 3, 96, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        feats = localizer.extract_feat(image)
        logits, maps = localizer.head.logits(feats), localizer.head.maps(feats, None)
        torch.testing.assert_close(logits, source(image), rtol=1e-4, atol=1e-4)
    assert maps.shape == (2, 1000, 3, 2)
    torch.testing.assert_close(maps.mean((2, 3)), logits, rtol=1e-4, atol=1e-4)
    assert len(made.checkpoint['meta']['dataset_meta']['classes']) == 1000
    assert made.difference < 1e-4


def test_own_names_and_normalisation_are_kept():
    config = small_classifier()
    made = convert_classifier(config, weights_of(config))
    assert made.checkpoint['meta']['dataset_meta']['classes'] == NAMES
    assert made.model.data_preprocessor == config.data_preprocessor
    assert config.model.head.type == 'LinearClsHead'  # not changed in place


@pytest.mark.parametrize(
    ('model', 'message'),
    [
        (dict(neck=None), "`model.neck.type='GlobalAveragePooling'`.* got None"),
        (
            dict(head=dict(type='StackedLinearClsHead')),
            "`model.head.type='LinearClsHead'`.* got 'StackedLinearClsHead'",
        ),
        (dict(type='Localizer'), "`model.type='ImageClassifier'`.* got 'Localizer'"),
    ],
)
def test_what_is_not_linear_is_refused(model, message):
    with pytest.raises(ValueError, match=message):
        convert_classifier(small_classifier(**model), {})


def test_weights_of_another_model_are_refused():
    config = small_classifier()
    state = weights_of(config)
    config.model.backbone.depth = 34
    with pytest.raises(ValueError, match="classifier with ResNet, but it has no 'back"):
        convert_classifier(config, state)


def test_tool_makes_what_the_inferencer_takes(tmp_path):
    config = small_classifier()
    config.dump(tmp_path / 'classifier.py')
    torch.save(weights_of(config), tmp_path / 'classifier.pth')
    given = [str(tmp_path / 'classifier.py'), str(tmp_path / 'classifier.pth')]
    convert_classifier_tool.main(
        [*given, '--size', '64', '--out', str(tmp_path / 'made')]
    )
    inferencer = LocInferencer(
        tmp_path / 'made/localizer.py', tmp_path / 'made/localizer.pth'
    )
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    (result,) = inferencer(image)
    model = MODELS.build(config.model).eval()
    model.load_state_dict(torch.load(given[1])['state_dict'])
    rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype(np.float32)
    inputs = torch.from_numpy((rgb - 100) / 50).permute(2, 0, 1)[None]
    with torch.no_grad():
        expected = model(inputs).softmax(1)[0].numpy()
    np.testing.assert_allclose(result['pred_scores'], expected, atol=1e-5)
    assert result['pred_class'] == NAMES[expected.argmax()]
    with pytest.raises(SystemExit, match='no such file'):
        convert_classifier_tool.main(
            [given[0], str(tmp_path / 'none.pth'), '--out', str(tmp_path)]
        )
    with pytest.raises(SystemExit, match='nearest are resnet50_8xb'):
        convert_classifier_tool.main(['resnet50', given[1], '--out', str(tmp_path)])
    with pytest.raises(SystemExit, match='a checkpoint of .*classifier.py'):
        convert_classifier_tool.main([given[0], '--out', str(tmp_path)])


def test_without_a_network_the_tool_names_its_own_argument(tmp_path, monkeypatch):
    def fail(*args: object) -> None:
        raise OSError('no network')

    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, 'download_url_to_file', fail)
    name = 'resnet18_8xb32_in1k'
    with pytest.raises(SystemExit, match=f'after the model: {name} FILE.$') as ended:
        convert_classifier_tool.main([name, '--out', str(tmp_path / 'out')])
    assert '--cfg-options' not in str(ended.value)
