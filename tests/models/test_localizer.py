"""The model class: which maps, at which size."""

import pytest
import torch
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample

from mmwsol.models import (
    CAMHead,
    HiddenConvs,
    Localizer,
    SoftFusionNeck,
)
from mmwsol.structures import Context
from tests.support.models import labels_to_samples, tiny_localizer


def test_maps_of_true_predicted_and_all_classes(generator):
    feat = torch.rand(3, 5, 4, 4, generator=generator)
    head = CAMHead(num_classes=6, in_channels=5)
    head.classifier.weight.data.normal_(generator=generator)
    logits, every = head.logits((feat,)), head.maps((feat,), None)
    true = head.predict((feat,), labels_to_samples([5, 0, 3]))
    for i, label in enumerate([5, 0, 3]):
        torch.testing.assert_close(true[i].pred_map[0], every[i, label])
    predicted = head.predict((feat,))
    for i, label in enumerate(logits.argmax(1)):
        torch.testing.assert_close(predicted[i].pred_map[0], every[i, label])
        assert predicted[i].pred_label == label
    head.map_classes = 2
    for i, sample in enumerate(head.predict((feat,))):
        top = logits[i].topk(2).indices
        torch.testing.assert_close(sample.pred_map[0], every[i, top].mean(0))
    head.map_classes = 'all'
    for i, sample in enumerate(head.predict((feat,))):
        torch.testing.assert_close(sample.pred_map[0], every[i].mean(0))


def test_images_with_several_labels_have_a_map_for_each(generator):
    feat = torch.rand(2, 5, 4, 4, generator=generator)
    head = CAMHead(num_classes=6, in_channels=5)
    samples = [DataSample().set_gt_label([1, 4]), DataSample().set_gt_label([2])]
    every = head.maps((feat,), None)
    first, second = head.predict((feat,), samples)
    torch.testing.assert_close(first.pred_map, every[0, [1, 4]])
    torch.testing.assert_close(second.pred_map, every[1, [2]])


def test_a_flat_map_is_zero_and_not_stretched_rounding_errors():
    model = tiny_localizer(dict(type='CAMHead'))
    maps = torch.full((3, 14, 14), 0.3)
    maps[1, 2, 3] = 0.4
    first, second, third = model.finished(maps, (224, 224))
    assert not first.any()
    assert not third.any()
    assert (second.min(), second.max()) == (0, 1)


def test_predictions_say_where_the_features_are_active(pnsc, generator):
    inputs = torch.rand(2, 3, 64, 48, generator=generator)
    for model in (tiny_localizer(dict(type='CAMHead')).eval(), pnsc().eval()):
        with torch.no_grad():
            feats = model.extract_feat(inputs)
            samples = model.predict(inputs)
        deep = getattr(feats, 'features', feats)[-1]
        for sample, own in zip(samples, deep):
            torch.testing.assert_close(sample.pred_activity, own.abs().mean(0))


def test_predictions_do_not_depend_on_the_batch(pnsc, generator):
    model = pnsc().eval()
    inputs = torch.rand(4, 3, 64, 48, generator=generator)
    with torch.no_grad():
        together = model.predict(inputs, labels_to_samples([0, 1, 2, 3]))
        alone = [
            model.predict(inputs[i : i + 1], labels_to_samples([i]))[0]
            for i in range(4)
        ]
    for a, b in zip(together, alone):
        assert a.pred_map.shape == (1, 64, 48)
        assert (a.pred_map.min(), a.pred_map.max()) == (0, 1)
        torch.testing.assert_close(a.pred_map, b.pred_map, atol=1e-4, rtol=1e-3)
        torch.testing.assert_close(a.pred_score, b.pred_score)


def test_soft_labels_of_batch_augmentation_train_cam(generator):
    head = CAMHead(num_classes=3, in_channels=5)
    feat = torch.rand(2, 5, 4, 4, generator=generator)
    mixed = [
        DataSample().set_gt_score(torch.tensor(s)) for s in ([0.3, 0.7, 0], [0, 0, 1.0])
    ]
    log = head.logits((feat,)).log_softmax(1)
    expected = -(0.3 * log[0, 0] + 0.7 * log[0, 1] + log[1, 2]) / 2
    torch.testing.assert_close(
        head.loss((feat,), mixed, Context())['loss_cls'], expected
    )


def test_called_with_images_alone_it_gives_scores_as_the_hosts_classifiers(pnsc):
    inputs = torch.rand(2, 3, 64, 64)
    for model in (tiny_localizer(dict(type='CAMHead')), pnsc()):
        model.eval()
        with torch.no_grad():
            scores = model(inputs)
            samples = model.predict(inputs)
        expected = torch.stack([sample.pred_score for sample in samples])
        torch.testing.assert_close(scores.softmax(1), expected)


def test_number_of_maps_must_fit_the_classes():
    with pytest.raises(ValueError, match=r'`model.neck.num_maps`.*1 or 4.*got 3'):
        Localizer(
            backbone=dict(type='TapResNet', depth=18),
            neck=dict(type='SoftFusionNeck', in_channels=(256, 512), num_maps=3),
            head=dict(type='CAMHead', num_classes=4, in_channels=1024),
        )


def test_tail_of_the_localizer_ends_where_the_head_begins(generator):
    for neck in (
        None,
        dict(type='HiddenConvs', in_channels=(32, 64), hidden_channels=16, num_convs=2),
    ):
        model = Localizer(
            backbone=dict(type='TapResNet', depth=18, stem_channels=8, base_channels=8),
            neck=neck,
            head=dict(type='CAMHead', num_classes=4, in_channels=16 if neck else 64),
        ).eval()
        tap, last = model.extract_feat(torch.rand(1, 3, 64, 64, generator=generator))
        torch.testing.assert_close(model.tail(tap), last)


def test_necks_pass_the_tap_on(generator):
    tap, last = torch.rand(1, 4, 8, 8), torch.rand(1, 6, 4, 4)
    plain = HiddenConvs((4, 6), num_convs=0)((tap, last))
    assert plain[0] is tap
    assert plain[1] is last
    fused = SoftFusionNeck((4, 6), num_maps=3, hidden_channels=5)((tap, last))
    assert fused.features[1].shape == (1, 5, 4, 4)
    assert [m.shape for m in fused.maps(None)] == [(1, 3, 8, 8), (1, 3, 4, 4)]


def test_layout_in_memory_changes_speed_alone(generator):
    inputs, samples = (
        torch.rand(3, 3, 64, 64, generator=generator),
        labels_to_samples([0, 1, 2]),
    )
    losses, kept = [], []
    for channels_last in (False, True, None):
        model = tiny_localizer(dict(type='CAMHead'), channels_last=channels_last)
        weight = model.backbone.layer3[0].conv1.weight
        kept.append(weight.is_contiguous(memory_format=torch.channels_last))
        model.load_state_dict(tiny_localizer(dict(type='CAMHead')).state_dict())
        losses.append(model.train().loss(inputs, samples)['loss_cls'])
        seen = model.extract_feat(inputs)[0]
        assert seen.is_contiguous(memory_format=torch.channels_last) == kept[-1]
    assert kept == [False, True, not torch.cuda.is_available()]
    torch.testing.assert_close(losses[0], losses[1])


def test_registered_names_are_the_users():
    for name in ('SoftFusionNeck', 'PNSCHead', 'SoftFusionLoss', 'PNSCLoss'):
        assert MODELS.get(name) is not None


@pytest.mark.parametrize('step', ['val_step', 'test_step'])
def test_images_of_several_sizes_are_evaluated_as_each_alone(step, generator):
    model = tiny_localizer(dict(type='CAMHead')).eval()
    model.head.classifier.weight.data.normal_(generator=generator)
    sizes = [(64, 48), (48, 64), (64, 48), (32, 32)]
    images = [
        torch.randint(0, 256, (3, *size), dtype=torch.uint8, generator=generator)
        for size in sizes
    ]
    labels = [3, 0, 1, 2]

    def evaluated(places):
        samples = labels_to_samples([labels[place] for place in places])
        inputs = [images[place] for place in places]
        return getattr(model, step)(dict(inputs=inputs, data_samples=samples))

    for place, found in enumerate(evaluated(range(4))):
        (alone,) = evaluated([place])
        assert int(found.gt_label) == labels[place]
        assert found.pred_map.shape == (1, *sizes[place])
        torch.testing.assert_close(found.pred_map, alone.pred_map, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(found.pred_score, alone.pred_score)
