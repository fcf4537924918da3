"""PASCAL VOC 2012."""

from pathlib import Path
from typing import NamedTuple

from mmpretrain.datasets.categories import VOC2007_CATEGORIES
from mmpretrain.registry import DATASETS

from mmwsol.datasets.base import LocDataset, Record
from mmwsol.datasets.imagenet import Box, read_box
from mmwsol.io.text import inside, read_lines, read_xml, whole


class VOCObject(NamedTuple):
    """One object of an image."""

    label: int
    difficult: bool
    box: Box | None
    """The box, xyxy from 0, with exclusive end; None where boxes are not read."""


@DATASETS.register_module()
class VOCLoc(LocDataset):
    """VOC 2012 in its official layout: 20 classes, several an image, boxes and masks.

    The folder holds ``JPEGImages/``, ``Annotations/``, ``ImageSets/`` and
    ``SegmentationClass/``. An image has the classes of its objects, except of those marked
    difficult, which the official evaluation does not count either: a class that only they
    have is in ``gt_label_difficult``, and their boxes are not read. An image that has
    nothing else stays in the list, without a label.

    Boxes reach from 0, and to the right and lower edge of their last pixel: the files count
    pixels from 1. Where an image has a segmentation map, evaluation reads it.

    Args:
        train_set: The list that ``split='train'`` reads and 'val' is cut from: `'train'`
            or `'trainval'`.
        test_set: The list of ``split='test'``; the annotations of the real test set were
            never published.
        task: The folder of lists below ``ImageSets``: `'Main'`, or `'Segmentation'` for only
            those images that have segmentation maps.
        **kwargs: Arguments of :class:`LocDataset`.
    """

    IMAGE_FOLDER = 'JPEGImages'

    def __init__(
        self,
        train_set: str = 'train',
        test_set: str = 'val',
        task: str = 'Main',
        **kwargs,
    ) -> None:
        self.train_set = train_set
        self.test_set = test_set
        self.task = task
        super().__init__(**kwargs)

    def read_classes(self) -> list[str]:
        return list(VOC2007_CATEGORIES)  # 2012 has the same

    def read_records(self) -> list[Record]:
        name = self.train_set if self.from_train else self.test_set
        file = self.source(f'ImageSets/{self.task}/{name}.txt')
        images = {}
        for place, line in read_lines(file):
            image = inside(line.split()[0], place, self.absolute_paths)
            if image in images:
                raise ValueError(
                    f'Expected each image once, but {place} repeats {image}.'
                )
            images[image] = place
        maps = Path(self.data_root) / 'SegmentationClass'
        masked = {m.stem for m in maps.glob('*.png')} if self.test_mode else set()
        return [self._record(image, image in masked) for image in images]

    def _record(self, image: str, is_masked: bool) -> Record:
        objects = read_objects(self.source(f'Annotations/{image}.xml'), self.test_mode)
        counted = [own for own in objects if not own.difficult]
        labels = {own.label for own in counted}
        boxed = [(own.box, own.label) for own in counted if own.box]
        return Record(
            f'{image}.jpg',
            tuple(sorted(labels)),
            tuple(box for box, _ in boxed),
            self.from_train,
            tuple(label for _, label in boxed),
            f'SegmentationClass/{image}.png' if is_masked else (),
            tuple(sorted({own.label for own in objects} - labels)),
        )


def read_objects(file: Path, boxes: bool) -> list[VOCObject]:
    """Objects of an annotation, with boxes if asked."""
    found = []
    # direct children alone: parts of a person are further down and have boxes as well
    for own in read_xml(file).findall('object'):
        name = (own.findtext('name') or '').strip()
        if name not in VOC2007_CATEGORIES:
            raise ValueError(
                f"Expected VOC's classes in {file}, but got {name[:80]!r}."
            )
        difficult = whole(own.findtext('difficult', '0'), f'{file}', 0, 1) == 1
        box = None
        if boxes:
            x0, y0, x1, y1 = read_box(own, file)  # pixels from 1, the last one included
            box = x0 - 1, y0 - 1, x1, y1
        found.append(VOCObject(VOC2007_CATEGORIES.index(name), difficult, box))
    return found
