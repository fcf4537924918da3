"""How much an image is like those of the classes: against slow restatements."""

import pytest
import torch
from mmpretrain.structures import DataSample

from mmwsol.engine.checkpoints import load_whole
from mmwsol.models.familiarity import LIMIT, SOFTNESS, Familiarity
from tests.support.models import labels_to_samples, tiny_localizer


def learned(feat, labels) -> Familiarity:
    own = Familiarity(max(labels) + 1, feat.shape[1])
    for at in range(0, len(labels), 3):
        numbers = [torch.tensor([label]) for label in labels[at : at + 3]]
        own.observe(feat[at : at + 3], numbers)
    own.solve()
    return own


def near(place, count, generator, channels=8):
    """Features whose square roots lie around a place."""
    rooted = place + torch.rand(count, channels, generator=generator)
    return rooted.square()[..., None, None].expand(-1, -1, 2, 2)


def test_a_case_by_hand():
    # roots of means: 1 and 3 of class 0, 6 and 8 of class 1; each is 2 away from the other
    # of its class, squared 4
    feat = torch.tensor([1.0, 9, 36, 64])[:, None, None, None]
    own = learned(feat, [0, 0, 1, 1])
    assert own.means.flatten().tolist() == [2, 7]
    assert own.scale == 4
    # 4 is 2 from class 0's mean: a distance of 1; 10 is 3 from class 1's: of 9 / 4
    asked = own(torch.tensor([16.0, 100])[:, None, None, None])
    expected = (LIMIT - torch.tensor([1.0, 2.25])) / SOFTNESS
    torch.testing.assert_close(asked, expected.sigmoid())
    # features below 0 keep their sign
    assert own(torch.tensor([-16.0]).view(1, 1, 1, 1)) < 1e-6


def test_each_image_is_measured_as_if_it_had_been_left_out(generator):
    labels = [0, 0, 0, 1, 1, 0, 1, 2]  # of class 2 there is no other
    feat = torch.cat([near(3.0 * label, 1, generator) for label in labels])
    own = learned(feat, labels)
    rooted = feat.mean((2, 3)).sqrt()
    distances = []
    for i, label in enumerate(labels):
        others = [j for j, other in enumerate(labels) if other == label and j != i]
        if others:
            distances.append((rooted[i] - rooted[others].mean(0)).square().sum())
    torch.testing.assert_close(own.scale, torch.stack(distances).mean())


def test_strange_images_are_told_from_others(generator):
    labels = [0] * 10 + [1] * 10
    feat = torch.cat([near(0, 10, generator), near(4, 10, generator)])
    own = learned(feat, labels)
    assert own(near(4, 20, generator)).mean() > 0.9
    assert own(near(2, 20, generator)).max() < 0.01  # between them


def test_a_class_without_images_is_near_to_nothing():
    own = learned(torch.ones(2, 4, 1, 1), [2, 2])
    own.scale.fill_(1)
    assert own(torch.zeros(1, 4, 1, 1)) < 1e-6


def test_nothing_is_strange_before_anything_was_seen(generator):
    own = Familiarity(2, 8)
    assert own(near(5, 3, generator)).tolist() == [1, 1, 1]
    # nor where each class has but one image
    own = learned(near(0, 2, generator), [0, 1])
    assert own(near(5, 3, generator)).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    'parts',
    [
        dict(head=dict(type='CAMHead')),
        dict(
            head=dict(type='PNSCHead'),
            neck=dict(type='SoftFusionNeck'),
        ),
    ],
    ids=['features', 'foreground'],
)
def test_a_localizer_that_knows_its_images(parts, generator):
    model = tiny_localizer(**parts, familiarity=True).eval()
    images = torch.randn(6, 3, 64, 64, generator=generator)
    samples = labels_to_samples([0, 1, 2, 0, 1, 2])
    with torch.no_grad():
        plain = tiny_localizer(**parts)
        assert 'pred_familiarity' not in plain.predict(images)[0]
        assert model.predict(images)[0].pred_familiarity == 1
        model.observe(model.extract_feat(images), samples)
        model.solve()
        assert model.familiarity.scale > 0
        known = torch.stack([s.pred_familiarity for s in model.predict(images)])
        strange = model.predict(100 * images)[0].pred_familiarity
    assert known.min() > 0.5
    assert strange < 0.1


def test_checkpoints_of_before_load(tmp_path):
    plain = tiny_localizer(dict(type='CAMHead')).state_dict()
    model = tiny_localizer(dict(type='CAMHead'), familiarity=True)
    torch.save(dict(state_dict=plain), tmp_path / 'old.pth')
    load_whole(model, tmp_path / 'old.pth')
    assert model.familiarity.scale == 0
    # and one that knows it fills a model that is not asked
    model.familiarity.scale.fill_(2)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'new.pth')
    load_whole(tiny_localizer(dict(type='CAMHead')), tmp_path / 'new.pth')
    load_whole(model, tmp_path / 'new.pth')
    assert model.familiarity.scale == 2
    del plain['head.classifier.weight']
    with pytest.raises(RuntimeError, match='classifier'):
        model.load_state_dict(plain)


def test_several_labels_of_an_image_count_each():
    own = Familiarity(2, 1)
    feat = torch.tensor([4.0, 16]).view(2, 1, 1, 1)
    both = [DataSample().set_gt_label([0, 1]).gt_label, torch.tensor([1])]
    own.observe(feat, both)
    own.solve()
    assert own.means.flatten().tolist() == [2, 3]
