"""Boxes of your own images: in their own pixels, whatever the files are like."""

import copy

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpretrain.registry import MODELS
from PIL import Image

from mmwsol.apis import LocInferencer
from mmwsol.functional import map_boxes

NAMES = ('finch', 'wren', 'crow')


def small_config(tiny_config, path='cam/resnet50_cub.py') -> Config:
    config = tiny_config(path)
    config.model.head.num_classes = len(NAMES)
    if config.model.get('neck') and 'num_maps' in config.model.neck:
        config.model.neck.num_maps = len(NAMES)
    return config


def save_weights(config: Config, file) -> str:
    """A checkpoint as training writes it, from random weights that tell classes apart."""
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    with torch.no_grad():
        model.head.classifier.weight.normal_(std=1.0)
    meta = dict(dataset_meta=dict(classes=NAMES))
    torch.save(dict(state_dict=model.state_dict(), meta=meta), file)
    return str(file)


@pytest.fixture
def inferencer(tiny_config, tmp_path) -> LocInferencer:
    config = small_config(tiny_config)
    return LocInferencer(config, save_weights(config, tmp_path / 'weights.pth'))


def blobs(width=300, height=200, seed=0) -> np.ndarray:
    """An image with a bright ellipse on noise."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 90, (height, width, 3), dtype=np.uint8)
    center = (int(rng.integers(width)), int(rng.integers(height)))
    return cv2.ellipse(image, center, (40, 25), 30, 0, 360, (40, 200, 230), -1)


def test_result_is_the_evaluations_in_the_images_pixels(inferencer):
    image = blobs(300, 200)
    inferencer.threshold = 0.4
    (result,) = inferencer(image)
    resized = cv2.resize(image, (224, 224), interpolation=cv2.INTER_LINEAR)
    inputs = torch.from_numpy(resized.transpose(2, 0, 1).copy())[None]
    with torch.no_grad():
        sample = inferencer.model.test_step(dict(inputs=inputs))[0]
    expected = sample.pred_map[0].numpy()
    label = int(sample.pred_score.argmax())
    assert (result['pred_label'], result['pred_class']) == (label, NAMES[label])
    assert result['pred_score'] == pytest.approx(float(sample.pred_score[label]))
    # the evaluator's box but for its clipped last column and row, 300 / 224 and 200 / 224
    box = map_boxes(expected, 0.4)[0] * np.array([300, 200, 300, 200]) / 224
    assert np.abs(result['pred_bboxes'][0] - box).max() <= 300 / 224 + 1e-6
    assert result['pred_map'].shape == (200, 300)
    assert result['pred_map'].dtype == np.float32
    assert 0 <= result['pred_map'].min() <= result['pred_map'].max() <= 1
    smaller = cv2.resize(result['pred_map'], (224, 224), interpolation=cv2.INTER_AREA)
    assert np.abs(smaller - expected).mean() < 0.01


@pytest.mark.parametrize('method', ['cam', 'adl', 'bas', 'bcam', 'isc', 'pnsc'])
def test_every_method_infers(method, tiny_config, tmp_path):
    config = small_config(tiny_config, f'{method}/resnet18_toy.py')
    inferencer = LocInferencer(config, save_weights(config, tmp_path / 'weights.pth'))
    (result,) = inferencer(blobs(120, 100))
    assert result['pred_map'].shape == (100, 120)
    assert result['pred_bboxes'].shape[1] == 4


def test_batches_and_sizes_change_nothing(inferencer, tmp_path):
    files = []
    for number, size in enumerate([(300, 200), (150, 260), (224, 224)]):
        files.append(str(tmp_path / f'{number}.png'))
        cv2.imwrite(files[-1], blobs(*size, seed=number))
    one, three = inferencer(files), inferencer(files, batch_size=3)
    workers = list(inferencer.stream(files, batch_size=2, num_workers=1))
    for a, b, c, file in zip(one, three, workers, files):
        assert a['image'] == b['image'] == c['image'] == file
        np.testing.assert_allclose(a['pred_map'], b['pred_map'], atol=1e-4)
        np.testing.assert_allclose(a['pred_map'], c['pred_map'], atol=1e-4)


def test_what_cannot_be_read_keeps_its_place_and_says_why(inferencer, tmp_path):
    good, broken = tmp_path / 'good.jpg', tmp_path / 'broken.jpg'
    cv2.imwrite(str(good), blobs())
    broken.write_bytes(good.read_bytes()[:-300])
    (tmp_path / 'empty.jpg').touch()
    files = [str(tmp_path / n) for n in ('broken.jpg', 'good.jpg', 'empty.jpg')]
    first, second, third = inferencer(files, batch_size=2)
    assert first == dict(image=files[0], error=f'{broken} is truncated')
    assert 'pred_bboxes' in second
    assert third['error'].endswith('empty.jpg is empty')
    (wrong,) = inferencer(np.zeros((20, 20, 5), np.uint8))
    assert '(20, 20, 5) of uint8' in wrong['error']
    samples = inferencer(files, return_datasamples=True)
    assert samples[0].error == first['error']
    assert samples[1].pred_map.shape == (1, 200, 300)


def test_pictures_are_seen_as_they_are_displayed(inferencer, tmp_path):
    image = Image.fromarray(blobs(120, 80)[..., ::-1])
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    image.save(tmp_path / 'turned.jpg', exif=exif)
    image.convert('L').save(tmp_path / 'grey.jpg')
    image.convert('CMYK').save(tmp_path / 'cmyk.jpg')
    image.convert('RGBA').save(tmp_path / 'alpha.png')
    image.save(tmp_path / 'png named.jpg', format='png')
    results = inferencer(tmp_path)
    shapes = {r['image'].split('/')[-1]: r['pred_map'].shape for r in results}
    turned = shapes.pop('turned.jpg')
    assert turned == (120, 80)
    assert set(shapes.values()) == {(80, 120)}
    assert len(shapes) == 4


def test_file_array_pillow_and_bytes_are_one(inferencer, tmp_path):
    image = blobs()
    cv2.imwrite(str(tmp_path / 'a.png'), image)
    pillow = Image.fromarray(image[..., ::-1])
    content = (tmp_path / 'a.png').read_bytes()
    inputs = [tmp_path / 'a.png', image, pillow, content]
    by_file, *others = inferencer(inputs, show_dir=tmp_path / 'shown')
    for place, other in enumerate(others, start=1):
        np.testing.assert_array_equal(by_file['pred_map'], other['pred_map'])
        assert other['image'] == place
    assert len([*(tmp_path / 'shown').iterdir()]) == 4
    assert len(list(inferencer.stream(pillow, num_workers=1))) == 1


def test_map_of_a_class_that_is_asked_for(inferencer):
    image = blobs()
    (predicted,) = inferencer(image)
    by_class = [inferencer(image, labels=name)[0] for name in NAMES]
    own = by_class[predicted['pred_label']]
    np.testing.assert_array_equal(own['pred_map'], predicted['pred_map'])
    assert [r['map_label'] for r in by_class] == [0, 1, 2]
    # a label asks for a map and says nothing of the prediction
    assert {r['pred_label'] for r in by_class} == {predicted['pred_label']}
    other = by_class[(predicted['pred_label'] + 1) % 3]
    assert (other['pred_map'] != predicted['pred_map']).any()


@pytest.mark.parametrize(
    ('labels', 'message'),
    [('owl', "'owl'"), (3, 'from 0 to 2'), ([0, 1], 'each of 1 images, but got 2')],
)
def test_labels_that_are_none_are_named(inferencer, labels, message):
    with pytest.raises(ValueError, match=message):
        inferencer(blobs(), labels=labels)


def test_mean_over_classes_has_no_map_of_one(tiny_config, tmp_path):
    config = small_config(tiny_config)
    config.model.head.map_classes = 'all'
    inferencer = LocInferencer(config, save_weights(config, tmp_path / 'weights.pth'))
    assert inferencer(blobs())[0]['map_label'] is None
    with pytest.raises(ValueError, match="map_classes='gt'"):
        inferencer(blobs(), labels=1)


def test_the_whole_image_is_looked_at(tiny_config, tmp_path):
    """The older protocol's view is the centre alone; of your own image all counts."""
    config = small_config(tiny_config)
    config.test_dataloader.dataset.pipeline = [
        dict(type='LoadIntactImage'),
        dict(type='LoadBoxes'),
        dict(type='Resize', scale=(256, 256)),
        dict(type='CenterCrop', crop_size=224),
        dict(type='PackInputs'),
    ]
    inferencer = LocInferencer(config, save_weights(config, tmp_path / 'weights.pth'))
    (result,) = inferencer(blobs())
    assert result['pred_map'].shape == (200, 300)
    assert inferencer.pipeline(dict(img=blobs()))['inputs'].shape == (3, 256, 256)


def test_wrong_models_are_refused(tiny_config, tmp_path):
    config = small_config(tiny_config)
    file = save_weights(config, tmp_path / 'weights.pth')
    with pytest.raises(ValueError, match='Expected a checkpoint as `pretrained`'):
        LocInferencer(config)
    with pytest.raises(FileNotFoundError, match='nowhere.py'):
        LocInferencer('nowhere.py', file)
    with pytest.raises(FileNotFoundError, match='no.pth'):
        LocInferencer(config, 'no.pth')
    other = copy.deepcopy(config)
    other.model.head.num_classes = 4
    with pytest.raises(ValueError, match="'head.classifier.weight' has shape"):
        LocInferencer(other, file)
    with pytest.raises(ValueError, match='Expected 3 names in `classes`, but got 1'):
        LocInferencer(config, file, classes=['bird'])
    with pytest.raises(ValueError, match="`boxes` to be one of .* got 'many'"):
        LocInferencer(config, file)(blobs(), boxes='many')


def test_a_model_in_memory_needs_no_checkpoint(inferencer):
    again = LocInferencer(inferencer.model, classes=NAMES)
    image = blobs()
    np.testing.assert_array_equal(
        again(image)[0]['pred_map'], inferencer(image)[0]['pred_map']
    )


def test_names_of_classes_come_from_the_checkpoint(inferencer):
    assert tuple(inferencer.classes) == NAMES


def test_pictures_are_written_and_show_red_as_red(inferencer, tmp_path):
    image = np.zeros((60, 80, 3), np.uint8)
    image[..., 2] = 250  # BGR: red
    cv2.imwrite(str(tmp_path / 'red.png'), image)
    (result,) = inferencer(tmp_path / 'red.png', show_dir=tmp_path / 'shown')
    (file,) = (tmp_path / 'shown').iterdir()
    assert cv2.imread(str(file)).shape == image.shape
    cold = {**result, 'pred_map': np.zeros((60, 80), np.float32), 'pred_bboxes': []}
    picture = inferencer.draw(tmp_path / 'red.png', cold)[30:]  # below the text
    assert (picture[..., 2] > picture[..., 0]).all()


def test_a_box_without_a_map(tiny_config, tmp_path):
    config = small_config(tiny_config, 'psol/resnet18_toy.py')
    file = save_weights(config, tmp_path / 'weights.pth')
    inferencer = LocInferencer(config, file)
    image = blobs(120, 100)
    (result,) = inferencer(image, boxes='all')
    inputs = torch.from_numpy(image.transpose(2, 0, 1).copy())[None]
    with torch.no_grad():
        (sample,) = inferencer.model.test_step(dict(inputs=inputs))
    np.testing.assert_allclose(
        result['pred_bboxes'], sample.pred_bboxes.numpy(), rtol=1e-5
    )
    for key in ('pred_map', 'activity', 'threshold', 'map_label'):
        assert result[key] is None
    assert result['bbox_scores'] == pytest.approx(result['class_score'] ** 0.5)
    drawn = inferencer.draw(image, result, longest_side=60)
    assert drawn.shape == (50, 60, 3)
    (sample,) = inferencer(
        [image], return_datasamples=True, show_dir=tmp_path / 'shown'
    )
    assert sample.pred_bboxes.shape == (1, 4)
    assert 'pred_map' not in sample
    assert len([*(tmp_path / 'shown').iterdir()]) == 1
    with pytest.raises(ValueError, match='one box, which knows no class'):
        inferencer.stream([image], labels='wren')


def test_a_box_is_scaled_to_the_image_and_an_empty_one_is_none(tiny_config, tmp_path):
    config = small_config(tiny_config, 'psol/resnet18_toy.py')
    config.test_dataloader.dataset.pipeline.insert(
        1, dict(type='Resize', scale=(64, 64))
    )
    inferencer = LocInferencer(config, save_weights(config, tmp_path / 'weights.pth'))
    last = inferencer.model.head.regressor[2]
    last.weight.data.zero_()
    last.bias.data = torch.tensor([-50.0, 0.0, 0.0, 50.0])  # x 0, y 1/2, 1/2 x 1
    (result,) = inferencer(blobs(120, 100))
    assert result['pred_bboxes'] == pytest.approx(np.array([[0, 50, 60, 100]]))
    last.bias.data[2] = -50
    (result,) = inferencer(blobs(120, 100))
    assert (result['pred_bboxes'].shape, result['reason']) == (
        (0, 4),
        'its box holds nothing',
    )
    assert inferencer.draw(blobs(120, 100), result).shape == (100, 120, 3)
