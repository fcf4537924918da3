"""ILSVRC-2012 with the official localisation boxes."""

from pathlib import Path
from xml.etree import ElementTree

from mmpretrain.registry import DATASETS

from mmwsol.datasets.base import LocDataset, Record
from mmwsol.io.box_rows import Box
from mmwsol.io.image_folders import find_folders, is_left_behind
from mmwsol.io.text import finite, read_xml


@DATASETS.register_module()
class ImageNetLoc(LocDataset):
    """ILSVRC-2012: 1000 classes, one or more boxes an image of the validation set.

    ``data_root`` holds ``train/<synset>/*.JPEG``, ``val/*.JPEG`` (or
    ``val/<synset>/*.JPEG``) and the validation annotations ``bboxes/val/*.xml``, or is the
    folder ``ILSVRC`` of Kaggle's archive, with ``Data/CLS-LOC`` and
    ``Annotations/CLS-LOC``. The official validation set is what papers test on:
    ``split='test'``. Its arguments are those of :class:`LocDataset`.
    """

    @property
    def image_folder(self) -> str:
        """The folder of train and val below ``data_root``, with its slash, or ''."""
        kaggle = 'Data/CLS-LOC'
        return f'{kaggle}/' if (Path(self.data_root) / kaggle).is_dir() else ''

    @property
    def box_folder(self) -> str:
        """The folder of the annotations of train and val below ``data_root``."""
        return 'Annotations/CLS-LOC/' if self.image_folder else 'bboxes/'

    def read_classes(self) -> list[str]:
        folder = self.source(f'{self.image_folder}train')
        return find_folders(folder)[0]

    def read_records(self) -> list[Record]:
        labels = {name: i for i, name in enumerate(self.read_classes())}
        if self.split != 'test':
            return [
                r
                for name, label in labels.items()
                for r in self._train_records(name, label)
            ]
        files = sorted(
            file
            for file in self.source(f'{self.box_folder}val').glob('*.xml')
            if not is_left_behind(file.name)
        )
        images = f'{self.image_folder}val'
        in_classes = any((self.source(images) / name).is_dir() for name in labels)
        return [self._test_record(file, labels, images, in_classes) for file in files]

    def _train_records(self, name: str, label: int) -> list[Record]:
        place = f'{self.image_folder}train/{name}'
        folder = self.source(place)
        boxes = self._train_boxes if self.test_mode else lambda path: ()
        return [
            Record(f'{place}/{image}', label, boxes(folder / image))
            for image in find_folders(folder)[1].images
        ]

    def _train_boxes(self, image: Path) -> tuple:
        """Boxes of a training image, for a held-out split; not every image has them."""
        file = (
            Path(self.data_root)
            / self.box_folder
            / 'train'
            / image.parent.name
            / f'{image.stem}.xml'
        )
        return read_boxes(file)[1] if file.exists() else ()

    def _test_record(
        self, file: Path, labels: dict[str, int], images: str, in_classes: bool
    ) -> Record:
        name, boxes = read_boxes(file)
        if name not in labels:
            raise ValueError(
                f'Expected the class of {file} to be a folder of {self.image_folder}train in '
                f'{self.data_root}, but got {name[:80]!r}.'
            )
        folder = f'{images}/{name}' if in_classes else images
        return Record(
            f'{folder}/{file.stem}.JPEG',
            labels[name],
            boxes if self.test_mode else (),
            is_train=False,
        )


def read_boxes(file: Path) -> tuple[str, tuple[Box, ...]]:
    """Class name and xyxy boxes of a Pascal-VOC style annotation."""
    objects = read_xml(file).findall('object')
    name = objects[0].findtext('name') if objects else None
    if not name:
        raise ValueError(f'Expected objects with names in {file}, but got none.')
    return name, tuple(read_box(own, file) for own in objects)


def read_box(own: ElementTree.Element, file: Path) -> Box:
    """Xyxy of an object in a Pascal-VOC style annotation, as the file has it."""
    x0, y0, x1, y1 = (
        finite(own.findtext(f'bndbox/{key}'), f'<{key}> of {file}')
        for key in ('xmin', 'ymin', 'xmax', 'ymax')
    )
    return x0, y0, x1, y1
