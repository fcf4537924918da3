"""Maps that follow the image's edges."""

import numpy as np
import pytest
import torch
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample

from mmwsol.deployment.onnx import ExportableLocalizer, open_session, to_onnx
from mmwsol.models.layers.guided_filter import EPSILON, GuidedFilter, standardized
from tests.support.models import labels_to_samples, tiny_localizer

REFINE = dict(type='GuidedFilter')


def slow(guide, score_map, radius):
    """Ridge regression in the window around each place, one after the other."""
    channels, height, width = guide.shape
    slope, offset = np.zeros((channels, height, width)), np.zeros((height, width))
    windows = {}
    for y in range(height):
        for x in range(width):
            rows = slice(max(0, y - radius), y + radius + 1)
            columns = slice(max(0, x - radius), x + radius + 1)
            windows[y, x] = rows, columns
            colours = guide[:, rows, columns].reshape(channels, -1)
            values = score_map[rows, columns].ravel()
            centred = colours - colours.mean(1, keepdims=True)
            matrix = centred @ centred.T / values.size + EPSILON * np.eye(channels)
            shared = centred @ (values - values.mean()) / values.size
            slope[:, y, x] = np.linalg.solve(matrix, shared)
            offset[y, x] = values.mean() - slope[:, y, x] @ colours.mean(1)
    refined = np.zeros((height, width))
    for (y, x), (rows, columns) in windows.items():
        mean = slope[:, rows, columns].mean((1, 2))
        refined[y, x] = mean @ guide[:, y, x] + offset[rows, columns].mean()
    return (refined - refined.min()) / np.ptp(refined)


def test_as_regressions_one_after_the_other(generator):
    images = torch.rand(2, 3, 30, 42, generator=generator) * 255
    maps = torch.rand(2, 30, 42, generator=generator)
    found = MODELS.build(REFINE)(maps, images)
    guides = standardized(images.double())
    for image, guide, score_map in zip(found, guides, maps.double()):
        # a 14th of the shorter side
        expected = slow(guide.numpy(), score_map.numpy(), radius=2)
        np.testing.assert_allclose(image.numpy(), expected, atol=2e-3)


def test_a_map_ends_where_the_colours_change():
    images = torch.zeros(1, 3, 224, 224)
    images[0, 0, 80:160, 60:130] = 1
    coarse = torch.zeros(1, 14, 14)
    coarse[0, 5:10, 4:8] = 1  # 80 to 160 down, 64 to 128 across
    maps = tiny_localizer(dict(type='CAMHead')).finished(coarse, (224, 224))
    refined = GuidedFilter()(maps, images)
    disagree = [
        float(((one > 0.5) != (images[:, 0] > 0.5)).float().mean())
        for one in (maps, refined)
    ]
    assert disagree[1] < disagree[0] / 4


def test_a_flat_map_stays_empty_and_plain_images_are_harmless(generator):
    images = torch.rand(2, 3, 56, 56, generator=generator)
    images[1] = 0.3
    maps = torch.zeros(2, 56, 56)
    maps[1, 20:30, 20:30] = 1
    first, second = GuidedFilter()(maps, images)
    assert not first.any()
    assert (second.min(), second.max()) == (0, 1)
    assert second[25, 25] > 0.9


@pytest.mark.parametrize('labels', [[1, 3], [2]])
def test_every_map_of_an_image_is_refined_by_it(labels, generator):
    model = tiny_localizer(dict(type='CAMHead'), refine=REFINE).eval()
    inputs = torch.rand(3, 3, 64, 64, generator=generator)
    with torch.no_grad():
        several = [DataSample().set_gt_label(label) for label in (0, labels, 3)]
        (_, found, _) = model.predict(inputs, several)
        for label, one in zip(labels, found.pred_map):
            (alone,) = model.predict(inputs[1:2], labels_to_samples([label]))
            torch.testing.assert_close(alone.pred_map[0], one, atol=1e-3, rtol=0)


def test_off_is_as_ever_and_on_exports(generator):
    torch.manual_seed(0)
    plain = tiny_localizer(dict(type='CAMHead')).eval()
    model = tiny_localizer(dict(type='CAMHead'), refine=REFINE).eval()
    model.load_state_dict(plain.state_dict())  # it has no weights
    images = torch.randint(
        0, 256, (2, 3, 64, 64), dtype=torch.uint8, generator=generator
    )
    session = open_session(to_onnx(ExportableLocalizer(model), (64, 64), {}), threads=1)
    _, maps = session.run(None, dict(images=images.numpy()))
    with torch.no_grad():
        _, expected = ExportableLocalizer(model)(images)
        _, unrefined = ExportableLocalizer(plain)(images)
    np.testing.assert_allclose(maps, expected.numpy(), atol=1e-3)
    assert (expected - unrefined).abs().mean() > 0.01
