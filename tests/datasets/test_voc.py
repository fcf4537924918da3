"""VOC 2012 in its official layout: labels, boxes, maps, evaluation, the check."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from PIL import Image

from mmwsol.datasets import VOCLoc
from tests.support.folders import VOC_NAMES, VOC_OBJECTS, voc_object
from tests.support.images import quarter_turned
from tools.prepare import holdout
from tools.prepare import voc as prepare

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(voc_root):
    return voc_root


def load(root, split='test', names=VOC_NAMES, **kwargs):
    options = dict(test_mode=split == 'test', classes=names) | kwargs
    return VOCLoc(data_root=str(root), split=split, **options)


PIPELINE = [
    dict(type='LoadIntactImage', color_type='color_ignore_orientation'),
    dict(type='LoadBoxes'),
    dict(type='Resize', scale=(80, 60)),
    dict(type='LoadMasks'),
    dict(
        type='PackInputs',
        algorithm_keys=('gt_bboxes', 'gt_bboxes_labels', 'gt_seg_map'),
        meta_keys=('img_path', 'gt_label_difficult'),
    ),
]


def test_labels_are_those_of_objects_that_count(root):
    test = load(root)
    assert len(test) == 4
    both, hard = test.get_data_info(0), test.get_data_info(1)
    # of cat 0, dog 1, person 2: the cat is difficult, a person is and another is not
    assert (both['gt_label'], both['gt_label_difficult']) == ([1, 2], [0])
    assert (hard['gt_label'], hard['gt_label_difficult']) == ([], [0])
    assert test.get_cat_ids(0) == [1, 2]


def test_boxes_have_the_class_and_count_from_zero(root):
    # columns 1 to 20 are those from 0 up to the edge 20; heads and difficult ones are none
    both, hard, dog, _ = (load(root).get_data_info(i)['instances'] for i in range(4))
    assert both == [
        dict(bbox=[0, 0, 20, 15], bbox_label=1),
        dict(bbox=[20, 15, 40, 30], bbox_label=2),
    ]
    assert hard == []
    assert dog[0]['bbox'] == pytest.approx([4.6, 5, 30, 25])


def test_boxes_and_map_follow_the_resize(root):
    test = load(root, pipeline=PIPELINE)
    sample = test[0]['data_samples']
    assert sample.gt_label.tolist() == [1, 2]
    assert sample.gt_bboxes.tolist() == [[0, 0, 40, 30], [40, 30, 80, 60]]
    assert sample.gt_bboxes_labels.tolist() == [1, 2]
    # the dog is the first label, the person the second; the cat does not count or is none
    expected = np.zeros((60, 80), int)
    expected[:30, :40] = 1
    expected[30:, 40:] = 2
    expected[38:58, 2:18] = 255
    np.testing.assert_array_equal(sample.gt_seg_map, expected)
    assert 'gt_seg_map' not in test[1]['data_samples']
    assert test[1]['data_samples'].gt_bboxes.shape == (0, 4)


def test_a_subset_of_classes_is_relabelled_everywhere(root):
    people = load(root, names=['person'], pipeline=PIPELINE)
    assert len(people) == 1
    sample = people[0]['data_samples']
    assert sample.gt_label.tolist() == [0]
    assert sample.gt_bboxes_labels.tolist() == [0]
    assert set(np.unique(sample.gt_seg_map)) == {0, 1, 255}
    turned = load(root, names=['person', 'dog'])
    assert turned.get_data_info(0)['gt_label'] == [1, 0]
    # difficult objects of a kept class keep their image
    assert len(load(root, names=['cat', 'dog'])) == 4


def test_training_sees_labels_alone(root):
    for name in VOC_OBJECTS:  # without boxes at all
        file = root / f'Annotations/{name}.xml'
        text = file.read_text()
        while '<bndbox>' in text:
            start, end = text.index('<bndbox>'), text.index('</bndbox>') + 9
            text = text[:start] + text[end:]
        file.write_text(text)
    train = load(root, 'train')
    infos = [train.get_data_info(i) for i in range(len(train))]
    assert [info['gt_label'] for info in infos] == [[1, 2], [], [1], [0]]
    assert not any({'instances', 'seg_map_path'} & info.keys() for info in infos)
    with pytest.raises(ValueError, match='dog_person.xml'):
        load(root)


def test_lists_are_chosen(root):
    (root / 'ImageSets/Main/trainval.txt').write_text('cat\ndog_person\n')
    assert len(load(root, 'train', train_set='trainval')) == 2
    assert len(load(root, names=['dog', 'person'], task='Segmentation')) == 2
    with pytest.raises(FileNotFoundError, match='ImageSets/Main/test.txt'):
        load(root, test_set='test')


def test_held_out_images_count_for_each_of_their_classes(root):
    (root / 'ImageSets/Main/train.txt').write_text('dog\ncat\ndog_person\n')
    two = ['cat', 'dog']
    with pytest.raises(ValueError, match="'cat'"):  # its only image would be held out
        load(root, 'train', two, val_per_class=1)
    held_out = load(root, 'val', two, val_per_class=1, test_mode=True)
    names = [Path(held_out.get_data_info(i)['img_path']).stem for i in range(2)]
    assert names == ['cat', 'dog_person']  # the last of cat, of dog (and of person)
    assert held_out.get_data_info(1)['instances']


def test_held_out_images_are_drawn_of_several_labels():
    paths = [f'{i}.jpg' for i in range(8)]
    labels = [[0], [0, 1], [1], [], [0, 1], [1], [0], [1, 0]]
    names = holdout.draw(paths, labels, count=2, seed=0)
    assert names == sorted(names)
    assert names == holdout.draw(paths, labels, count=2, seed=0)
    chosen = [labels[paths.index(name)] for name in names]
    assert all(sum(label in own for own in chosen) >= 2 for label in (0, 1))
    assert '3.jpg' not in names
    with pytest.raises(SystemExit, match='class 0 has 5'):
        holdout.draw(paths, labels, count=5, seed=0)


def test_a_list_names_the_held_out_images(root, tmp_path):
    (tmp_path / 'val.txt').write_text('dog.jpg\nhard.jpg\n')
    options = dict(val_list=str(tmp_path / 'val.txt'))
    assert len(load(root, 'train', **options)) == 2
    assert len(load(root, 'val', names=['dog'], **options)) == 1


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('<annotation><object></object></annotation>', "VOC's classes in .*dog.xml"),
        ('<annotation>', 'Expected XML in .*dog.xml'),
        (f'<a>{voc_object("unicorn", (1, 1, 2, 2), 0, "")}</a>', 'dog.xml.*unicorn'),
        (
            f'<a>{voc_object("dog", (1, "a", 2, 2), 0, "")}</a>',
            "<ymin> of .*dog.xml.*'a'",
        ),
        (
            f'<a>{voc_object("dog", (1, 1, 2, 2), 2, "")}</a>',
            "0 to 1 in .*dog.xml.*'2'",
        ),
    ],
)
def test_a_broken_annotation_is_named(root, text, message):
    (root / 'Annotations/dog.xml').write_text(text)
    with pytest.raises(ValueError, match=message):
        load(root)


def test_a_missing_annotation_is_named(root):
    (root / 'Annotations/dog.xml').unlink()
    with pytest.raises(FileNotFoundError, match='Annotations/dog.xml'):
        load(root)


def test_a_map_in_colors_is_refused(root):
    file = root / 'SegmentationClass/dog.png'
    Image.open(file).convert('RGB').save(file)
    test = load(root, pipeline=PIPELINE)
    with pytest.raises(ValueError, match=r'dog.jpg has the mask .* \(30, 40, 3\)'):
        test[2]


def test_the_camera_does_not_turn_an_image_away_from_its_boxes(root):
    file = root / 'JPEGImages/dog.jpg'
    file.write_bytes(quarter_turned(file.read_bytes()))
    assert cv2.imread(str(file)).shape == (40, 30, 3)
    assert load(root, pipeline=PIPELINE[:1])[2]['img'].shape == (30, 40, 3)
    for name in ('voc', 'openimages'):
        config = Config.fromfile(ROOT / f'configs/_base_/datasets/{name}.py')
        for loader in (config.train_dataloader, config.val_dataloader):
            loaded = loader.dataset.pipeline[0]
            assert loaded.color_type == 'color_ignore_orientation'


def runner_of(config, root, work_dir):
    config.work_dir = str(work_dir)
    config.train_cfg.max_epochs = 1
    config.train_dataloader.dataset.pipeline[1].scale = (72, 72)
    config.train_dataloader.dataset.pipeline[2].crop_size = 64
    config.val_dataloader.dataset.pipeline[2].scale = (64, 64)
    config.model.head.num_classes = config.model.data_preprocessor.num_classes = 3
    for loader in (config.train_dataloader, config.val_dataloader):
        loader.dataset.update(data_root=str(root), classes=VOC_NAMES)
        loader.update(num_workers=0, persistent_workers=False, pin_memory=False)
    config.test_dataloader = config.val_dataloader
    config.default_hooks.checkpoint = None
    config.experiment_name = f'{root}{work_dir}'
    return Runner.from_cfg(config)


@pytest.mark.parametrize('method', ['cam', 'bcam'])
def test_a_tiny_model_learns_and_is_evaluated(root, tmp_path, tiny_config, method):
    config = tiny_config(f'{method}/resnet50_voc.py')
    runner = runner_of(config, root, tmp_path / 'work')
    runner.train()
    metrics = runner.val_loop.run()
    assert {'multi-label/mAP', 'multi-label/f1-score'} <= metrics.keys()
    # 4 images: dog and person, nothing that counts, dog, cat
    assert (metrics['loc/num_images'], metrics['loc/num_pairs']) == (4, 4)
    assert (metrics['pix/num_images'], metrics['pix/num_pairs']) == (2, 3)
    assert metrics['loc/num_invalid'] == metrics['pix/num_invalid'] == 0
    assert 0 <= metrics['loc/top1'] <= metrics['loc/gt_known'] <= 100
    assert 0 < metrics['pix/pxap'] <= 100


@pytest.fixture
def small(monkeypatch):
    """A download of the tests' size counts as whole."""
    counts = [4, 4, 2, 2]
    monkeypatch.setattr(prepare, 'EXPECTED', dict(zip(prepare.EXPECTED, counts)))
    monkeypatch.setattr(prepare, 'FILES', dict(zip(prepare.FILES, (4, 4, 2))))


def test_a_whole_download_passes_the_check(root, small, capsys, monkeypatch):
    archive = root / 'VOCtrainval_11-May-2012.tar'
    archive.write_bytes(b'archive')
    digest = hashlib.md5(b'archive', usedforsecurity=False).hexdigest()
    monkeypatch.setitem(prepare.MD5, archive.name, digest)
    assert prepare.main([str(root), '--thorough', '--archive', str(archive)]) == 0
    printed = capsys.readouterr().out
    assert 'All is well. Next: python tools/train.py' in printed
    assert 'has the published MD5' in printed
    assert '1 (only difficult objects)' in printed
    archive.write_bytes(b'other')
    assert prepare.main([str(root), '--archive', str(archive)]) == 1


def test_the_check_names_what_is_missing(root, small, capsys):
    (root / 'JPEGImages/cat.jpg').unlink()
    (root / 'SegmentationClass/dog.png').rename(root / 'SegmentationClass/stray.png')
    damaged = root / 'JPEGImages/dog.jpg'
    damaged.write_bytes(damaged.read_bytes()[:-40])
    (root / 'ImageSets/Segmentation/val.txt').unlink()
    assert prepare.main([str(root), '--thorough']) == 1
    printed = capsys.readouterr().out
    for line in (
        'JPEGImages/*.jpg         3, expected 4',
        'PROBLEM: 1 annotations have no image:\n    cat',
        'PROBLEM: 1 segmentation maps have no image:\n    stray',
        'PROBLEM: 1 of 4 images of Main/train are missing:\n    JPEGImages/cat.jpg',
        'PROBLEM: 1 of 4 images of Main/train are damaged:\n    JPEGImages/dog.jpg is tr',
        'PROBLEM: 1 of 2 maps of Segmentation/train are missing:\n    SegmentationClass/dog',
        'Segmentation/val.txt, which does not exist',
    ):
        assert line in printed


def test_the_check_counts_against_the_official_numbers(root, capsys):
    assert prepare.main([str(root)]) == 1
    assert 'Main/train               4, expected 5717' in capsys.readouterr().out
