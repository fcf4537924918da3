"""CutMix, the host's: what CAM learns of mixed images and labels."""

import pytest
import torch
from mmpretrain.structures import DataSample

from tests.support.models import labels_to_samples, tiny_localizer


def cutmix(probs=1.0, head='CAMHead', num_classes=4, **options):
    augments = dict(type='CutMix', alpha=1.0)
    return tiny_localizer(
        dict(type=head, **options),
        data_preprocessor=dict(num_classes=num_classes),
        train_cfg=dict(augments=augments, probs=probs),
    ).train()


def flat_images():
    """Two images of one value each, 0 and 200, of the classes 2 and 0."""
    images = [torch.full((3, 64, 64), value, dtype=torch.uint8) for value in (0, 200)]
    return dict(inputs=images, data_samples=labels_to_samples([2, 0]))


def mixed(model, seed):
    torch.manual_seed(seed)
    return model.data_preprocessor(flat_images(), training=True)


def test_a_label_has_its_images_share_of_the_pixels():
    model = cutmix()
    shares = set()
    for seed in range(8):
        data = mixed(model, seed)
        for image, sample in zip(data['inputs'], data['data_samples']):
            second = float((image == 200).float().mean())
            expected = torch.tensor([second, 0, 1 - second, 0])
            torch.testing.assert_close(sample.gt_score, expected)
            shares.add(second)
    assert len(shares) > 4


def test_the_loss_is_the_labels_cross_entropies_by_their_shares():
    model = cutmix()
    data = mixed(model, 0)
    loss = model.loss(**data)['loss_cls']
    logs = model(data['inputs']).log_softmax(1)
    by_hand = [
        -sum(share * log for share, log in zip(sample.gt_score, own))
        for sample, own in zip(data['data_samples'], logs)
    ]
    torch.testing.assert_close(loss, sum(by_hand) / 2)


def test_never_drawn_it_is_cam():
    data = mixed(cutmix(probs=0.0), 0)
    assert [int(sample.gt_score.argmax()) for sample in data['data_samples']] == [2, 0]
    assert [float(image.mean()) for image in data['inputs']] == [0, 200]
    cam = tiny_localizer(dict(type='CAMHead')).train()
    samples = labels_to_samples([2, 0])
    torch.testing.assert_close(
        cutmix(probs=0.0).loss(**data)['loss_cls'],
        cam.loss(data['inputs'], samples)['loss_cls'],
    )


@pytest.mark.parametrize('head', ['CAMHead', 'EILHead'])
def test_other_heads_of_soft_labels_learn_from_mixed_images(head):
    model = cutmix(head=head)
    for name, loss in model.loss(**mixed(model, 1)).items():
        assert torch.isfinite(loss), name
        loss.backward(retain_graph=True)
    assert model.backbone.conv1.weight.grad.any()


def test_nothing_is_mixed_in_evaluation():
    model = cutmix().eval()
    data = model.data_preprocessor(flat_images(), training=False)
    assert [float(image.mean()) for image in data['inputs']] == [0, 200]
    with torch.no_grad():
        samples = model.predict(**data)
        bare = model.predict(data['inputs'], [DataSample() for _ in samples])
    assert [int(sample.gt_label) for sample in samples] == [2, 0]
    for sample, other in zip(samples, bare):
        torch.testing.assert_close(sample.pred_score, other.pred_score)


@pytest.mark.parametrize('wrong', [None, 5])
def test_a_missing_or_other_number_of_classes_is_named(wrong):
    with pytest.raises(
        ValueError, match=f'`model.data_preprocessor.num_classes` to be 4.*got {wrong}'
    ):
        cutmix(num_classes=wrong)
