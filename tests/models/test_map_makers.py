"""Maps of trained models that their heads do not make."""

import math

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpretrain.models import ImageClassifier
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import nn

from mmwsol.apis.classifier import convert_classifier
from mmwsol.deployment.onnx import export_problem
from mmwsol.map_maker_option import use_map_maker
from mmwsol.models import BagCAMs, CAMHead
from mmwsol.models.map_makers.pc1 import PC1, first_component
from tests.support.models import (
    labels_to_samples,
    like_cam,
    tiny_localizer,
    toy_configs,
    toy_model,
)

LIBRARY = ('GradCAM', 'GradCAMPlusPlus', 'LayerCAM', 'ScoreCAM')
MAKERS = ('BagCAMs', 'PC1', *LIBRARY)
LAYER = 'backbone.layer3'


def needs_library():
    return pytest.importorskip('pytorch_grad_cam')


def with_maker(maker, **options):
    """A Localizer that makes its maps so, with weights that tell classes apart."""
    if maker['type'] in LIBRARY:
        needs_library()
    model = tiny_localizer(dict(type='CAMHead'), map_maker=maker, **options).eval()
    model.head.classifier.weight.data.normal_(
        generator=torch.Generator().manual_seed(1)
    )
    return model


class Layers(nn.Module):
    """A model of a few layers, as makers see one."""

    def __init__(self, head, *layers):
        super().__init__()
        self.backbone = nn.Sequential(*layers)
        self.head = head

    def extract_feat(self, inputs):
        return (self.backbone(inputs),)


def linear_head(weight, bias=None):
    """A CAMHead with class weights ``(K, C)``."""
    weight = torch.tensor(weight) if isinstance(weight, list) else weight
    head = CAMHead(*weight.shape)
    head.classifier.weight.data = weight[..., None, None]
    head.classifier.bias.data = torch.zeros(len(weight)) if bias is None else bias
    return head


def maps_of(maker, head, feat, classes, *layers):
    """Maps ``(N, M, h, w)`` of features that the head reads."""
    model = Layers(head, *layers)
    with torch.no_grad():
        feats = model.extract_feat(feat)
        return maker.maps(model, feat, feats, torch.tensor(classes))


def test_grad_cam_before_a_linear_classifier_is_cam_cut_off_at_0(generator):
    needs_library()
    model = with_maker(dict(type='GradCAM'))
    model.head.classifier.bias.data.normal_(generator=generator)
    inputs, classes = torch.rand(3, 3, 64, 64, generator=generator), [[0], [3], [2]]
    with torch.no_grad():
        feats = model.extract_feat(inputs)
        made = model.map_maker.maps(model, inputs, feats, torch.tensor(classes))
        cam = model.head.maps(feats, torch.tensor(classes))
    bias = model.head.classifier.bias[torch.tensor(classes)][..., None, None]
    torch.testing.assert_close(made, (cam - bias).relu() / 16)
    assert made.any()


def test_bag_cams_by_hand():
    # two places, channels [2, 0] and [1, 1]; both classes' scores are 0, both shares 1/2:
    # G = (1 - 1/2) [1, -1] / 2 = [1/4, -1/4]; G X = [1/2, 0] and [-1/4, -1/4], means 1/4, -1/4;
    # relu(1/2 * 5/4) + 0 = 5/8, and 0
    feat = torch.tensor([[[[2.0, 0.0]], [[1.0, 1.0]]]])
    head = linear_head([[1.0, -1.0], [0.0, 0.0]])
    made = maps_of(BagCAMs(), head, feat, [[0]])
    torch.testing.assert_close(made, torch.tensor([[[[0.625, 0.0]]]]))
    # by the logarithm of the score 1, of bias 1: G = [1, -1] / 2; G X = [1, 0], [-1/2, -1/2]
    head.classifier.bias.data[0] = 1
    made = maps_of(BagCAMs(score='log_score'), head, feat, [[0]])
    torch.testing.assert_close(made, torch.tensor([[[[1.5, 0.0]]]]))


def test_bag_cams_of_independent_classes_by_hand():
    # the share of a score of 0 is 1/2 whatever the other class's is
    feat = torch.tensor([[[[2.0, 0.0]], [[1.0, 1.0]]]])
    head = linear_head([[1.0, -1.0], [5.0, 5.0]])
    head.multi_label = True
    made = maps_of(BagCAMs(), head, feat, [[0]])
    torch.testing.assert_close(made, torch.tensor([[[[0.625, 0.0]]]]))


@pytest.mark.parametrize('inplace', [False, True])
def test_bag_cams_deep_inside_restated_slowly(generator, inplace):
    second = nn.Conv2d(3, 4, 3, padding=1)
    layers = (nn.Conv2d(2, 3, 1), nn.ReLU(inplace), second, nn.ReLU(inplace))
    head = linear_head(torch.randn(5, 4, generator=generator))
    images = torch.randn(2, 2, 3, 4, generator=generator)
    classes = [4, 1]
    found = maps_of(
        BagCAMs('backbone.0'), head, images, [[c] for c in classes], *layers
    )
    with torch.no_grad():
        first = layers[0](images)
        before = second(first.relu())
        shares = head.logits((before.relu(),)).softmax(1)
    expected = torch.zeros(2, 1, 3, 4)
    for n, own in enumerate(classes):
        weight = head.classifier.weight[:, :, 0, 0].detach()
        # the gradient of the logarithm of the share, by hand, back through the layers
        to_last = (weight[own] - shares[n] @ weight) / 12
        gradient = to_last[:, None, None].expand(4, 3, 4).clamp(min=0)
        gradient = gradient * (before[n] > 0)
        gradient = nn.functional.conv_transpose2d(
            gradient[None], second.weight.detach(), padding=1
        )[0]
        gradient = gradient.clamp(min=0) * (first[n] > 0)
        for c in range(3):
            mean = sum((gradient[c] * first[n, c]).flatten().tolist()) / 12
            for y in range(3):
                for x in range(4):
                    term = float(gradient[c, y, x] * first[n, c, y, x])
                    expected[n, 0, y, x] += max(0, term * (mean + 1))
    torch.testing.assert_close(found, expected)
    assert found.flatten(1).any(1).all()


@pytest.mark.parametrize(('channels', 'size'), [(5, (3, 4)), (9, (2, 3))])
def test_pc1_is_numpys_first_component(generator, channels, size):
    weight = torch.randn(4, channels, generator=generator)
    feat = torch.rand(2, channels, *size, generator=generator)
    made = maps_of(PC1(), linear_head(weight), feat, [[3], [0]])
    for n, own in enumerate([3, 0]):
        terms = (weight[own][:, None, None] * feat[n]).numpy() / math.prod(size)
        table = terms.reshape(channels, -1).T.astype(float)
        table -= table.mean(0)
        left, values, _ = np.linalg.svd(table)
        projection = (left[:, 0] * values[0]).reshape(size)
        projection *= np.sign((projection * terms.sum(0)).sum())
        np.testing.assert_allclose(made[n, 0], projection, atol=1e-6)


def test_pc1_of_one_channel_is_cam_around_its_mean():
    # weight -1/2 over two places: -1/4 [4, 0] = [-1, 0], around its mean [-1/2, 1/2]
    feat = torch.tensor([[[[4.0, 0.0]]]])
    made = maps_of(PC1(), linear_head([[-0.5]]), feat, [[0]])
    torch.testing.assert_close(made, torch.tensor([[[[-0.5, 0.5]]]]))


def test_places_that_do_not_differ_have_no_component():
    assert not first_component(torch.zeros(1, 3, 5)).any()
    assert not first_component(torch.zeros(1, 5, 3)).any()


@pytest.mark.parametrize('layer', [None, LAYER])
@pytest.mark.parametrize('name', LIBRARY)
def test_the_library_called_directly_makes_the_same_maps(name, layer, generator):
    library = needs_library()
    from pytorch_grad_cam.utils.image import scale_cam_image
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    source = dict(
        type='ImageClassifier',
        backbone=dict(type='ResNet', depth=18, stem_channels=8, base_channels=8),
        neck=dict(type='GlobalAveragePooling'),
        head=dict(type='LinearClsHead', num_classes=4, in_channels=64),
    )
    torch.manual_seed(0)
    classifier = MODELS.build(source).eval()
    classifier.head.fc.weight.data.normal_(generator=generator)
    made = convert_classifier(
        Config(dict(model=source)), dict(state_dict=classifier.state_dict())
    )
    model = MODELS.build({**made.model, 'map_maker': dict(type=name, layer=layer)})
    model.load_state_dict(made.checkpoint['state_dict'])

    inputs, classes = torch.rand(2, 3, 96, 64, generator=generator), [3, 1]
    layers = [
        classifier.backbone.layer4 if layer is None else classifier.backbone.layer3
    ]
    targets = [ClassifierOutputTarget(own) for own in classes]
    expected = getattr(library, name)(classifier, layers)(inputs, targets)
    model.eval()
    with torch.no_grad():
        own = torch.tensor(classes)[:, None]
        maps = model.map_maker.maps(model, inputs, model.extract_feat(inputs), own)
    # the library makes each map 0 to 1, and enlarges it
    found = scale_cam_image(maps[:, 0].numpy(), (64, 96))
    np.testing.assert_allclose(scale_cam_image(found), expected, atol=2e-4)
    assert isinstance(classifier, ImageClassifier)
    assert expected.std() > 0.1


@pytest.mark.parametrize('layer', [None, LAYER])
@pytest.mark.parametrize('name', MAKERS)
def test_maps_are_of_the_class_that_is_asked_for(name, layer, generator):
    """The true one where it is known, else the predicted; whatever else is in the batch."""
    model = with_maker(dict(type=name, layer=layer)).double()
    inputs = torch.rand(3, 3, 64, 48, generator=generator).double()
    labels = [2, 0, 3]

    def predict(order, known=True):
        samples = labels_to_samples([labels[i] for i in order])
        with torch.no_grad():
            return model.predict(inputs[order], samples if known else None)

    told, turned = predict([0, 1, 2]), predict([2, 1, 0])[::-1]
    for i in range(3):
        (alone,) = predict([i])
        for other in (turned[i], alone):
            torch.testing.assert_close(told[i].pred_map, other.pred_map)
        assert told[i].pred_map.shape == (1, 64, 48)
        assert told[i].pred_map.dtype == torch.float32
    # Grad-CAM's is empty where all evidence is against the class
    assert [float(own.pred_map.max()) for own in told].count(1) >= 2
    guessed = predict([0, 1, 2], known=False)
    classes = [int(sample.pred_label) for sample in guessed]
    changed = [i for i in range(3) if classes[i] != labels[i]]
    assert changed
    assert any(not told[i].pred_map.equal(guessed[i].pred_map) for i in changed)
    labels[:] = classes
    for own, other in zip(predict([0, 1, 2]), guessed):
        torch.testing.assert_close(own.pred_map, other.pred_map)


@pytest.mark.parametrize('name', MAKERS)
def test_images_may_have_several_labels_or_none(name, generator):
    model = with_maker(dict(type=name))
    inputs = torch.rand(3, 3, 64, 64, generator=generator)
    samples = [DataSample().set_gt_label(own) for own in ([1, 3], [], [2])]
    with torch.no_grad():
        made = model.predict(inputs, samples)
        assert [len(sample.pred_map) for sample in made] == [2, 0, 1]
        for place, label in ((0, 1), (1, 3)):
            one = labels_to_samples([label])
            (alone,) = model.predict(inputs[:1], one)
            torch.testing.assert_close(
                made[0].pred_map[place], alone.pred_map[0], atol=1e-3, rtol=0
            )
        none = [DataSample().set_gt_label([])]
        assert model.predict(inputs[:1], none)[0].pred_map.shape == (0, 64, 64)


@pytest.mark.parametrize('mode', [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize('name', MAKERS)
def test_nothing_stays_of_the_gradients(name, mode, generator):
    model = with_maker(dict(type=name, layer=LAYER))
    inputs = torch.rand(1, 3, 64, 64, generator=generator)
    hooks = sum(len(m._forward_hooks) for m in model.modules())
    with mode():
        (sample,) = model.predict(inputs)
        assert not torch.is_grad_enabled()
    assert not sample.pred_map.requires_grad
    assert not any(p.grad is not None for p in model.parameters())
    assert sum(len(m._forward_hooks) for m in model.modules()) == hooks
    assert not model.training


def test_weights_and_scores_are_the_models(generator):
    model = with_maker(dict(type='PC1'))
    cam = like_cam(model).eval()
    assert model.state_dict().keys() == cam.state_dict().keys()
    inputs = torch.rand(2, 3, 64, 64, generator=generator)
    with torch.no_grad():
        pairs = zip(model.predict(inputs), cam.predict(inputs))
    for made, own in pairs:
        assert torch.equal(made.pred_score, own.pred_score)
        assert not torch.equal(made.pred_map, own.pred_map)


@pytest.mark.parametrize('path', toy_configs())
@pytest.mark.parametrize('name', ['BagCAMs', 'PC1'])
def test_every_method_has_scores_to_make_maps_of(path, name, generator):
    model = toy_model(path)
    if model.head.predicts_box:
        pytest.skip('a box and no map')
    model.head.map_classes = 'gt'
    model.map_maker = MODELS.build(dict(type=name))
    model.map_maker.check(model)
    with torch.no_grad():
        (sample,) = model.predict(torch.rand(1, 3, 64, 64, generator=generator))
    assert sample.pred_map.shape == (1, 64, 64)
    assert sample.pred_map.any()


@pytest.mark.parametrize(
    ('layer', 'words'),
    [
        ('backbone.layer5', r'`model.map_maker.layer`.*layer5.*has.*layer4'),
        ('layer3', r"`model.map_maker.layer`.*'layer3'; the model has.*backbone"),
    ],
)
def test_a_layer_that_the_model_lacks_is_refused_when_it_is_built(layer, words):
    with pytest.raises(ValueError, match=words):
        with_maker(dict(type='PC1', layer=layer))


@pytest.mark.parametrize(
    ('layer', 'words'),
    [
        ('backbone', 'output is one map for each channel'),
        ('head.classifier', "'head.classifier' is passed 0 times"),
        ('backbone.layer1.0.relu', 'relu. is passed 2 times'),
        ('neck.generator', 'passed 0 times'),
    ],
)
def test_layers_that_make_no_maps_are_refused(layer, words, generator):
    head, neck = dict(type='BASHead'), dict(type='ForegroundGenerator', num_maps=4)
    model = tiny_localizer(head, neck, map_maker=dict(type='PC1', layer=layer)).eval()
    with torch.no_grad():
        with pytest.raises(ValueError, match=words):
            model.predict(torch.rand(1, 3, 64, 64, generator=generator))
        assert not torch.is_grad_enabled()


def test_a_layer_that_scores_do_not_depend_on_is_refused(generator):
    head = linear_head(torch.rand(3, 2))
    head.logits = lambda feats: feats[-1].detach().mean((2, 3))
    with pytest.raises(ValueError, match='scores depend on.*the last feature'):
        maps_of(PC1(), head, torch.rand(1, 2, 3, 3, generator=generator), [[0]])


def test_settings_that_cannot_be_are_refused(monkeypatch):
    with pytest.raises(ValueError, match=r"map_classes='gt'.*got 2"):
        tiny_localizer(dict(type='CAMHead', map_classes=2), map_maker=dict(type='PC1'))
    with pytest.raises(ValueError, match='maps for PC1, but PSOLHead predicts'):
        tiny_localizer(dict(type='PSOLHead'), map_maker=dict(type='PC1'))
    with pytest.raises(ValueError, match=r'model.map_maker.*got ReLU'):
        with_maker(dict(type='ReLU'))
    with pytest.raises(ValueError, match=r"model.map_maker.score.*'log'"):
        BagCAMs(score='log')
    monkeypatch.setattr(
        'mmwsol.models.map_makers.library_maps.find_spec', lambda name: None
    )
    with pytest.raises(ImportError, match=r"LayerCAM.*pip install 'mmwsol\[cam\]'"):
        MODELS.build(dict(type='LayerCAM'))


@pytest.mark.parametrize(
    ('head', 'expected'),
    [
        (dict(map_classes='all'), dict(map_classes='gt')),
        (dict(type='PSOLHead'), dict(type='PSOLHead')),  # which has no maps to choose
    ],
)
def test_the_option_asks_for_maps_of_one_class(head, expected):
    config = Config(
        dict(model=dict(head=head, map_maker=dict(layer='backbone.layer3')))
    )
    use_map_maker(config, 'PC1')
    assert config.model.map_maker == dict(type='PC1', layer='backbone.layer3')
    assert config.model.head == expected


def test_models_with_a_maker_are_not_exported():
    problem = export_problem(with_maker(dict(type='BagCAMs')))
    assert 'BagCAMs makes maps by more than one forward pass' in problem
    assert '`model.map_maker`' in problem
