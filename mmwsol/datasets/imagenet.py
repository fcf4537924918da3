"""ILSVRC-2012 with the official localisation boxes."""

from pathlib import Path
from xml.etree import ElementTree

from mmpretrain.registry import DATASETS

from mmwsol.datasets.base import LocDataset, Record

IMAGE_ENDINGS = ('.jpeg', '.jpg', '.png')


@DATASETS.register_module()
class ImageNetLoc(LocDataset):
    """ILSVRC-2012: 1000 classes, one or more boxes an image of the validation set.

    ``data_root`` holds ``train/<synset>/*.JPEG``, ``val/*.JPEG`` and the validation
    annotations ``bboxes/val/*.xml`` of the development kit. The official validation set
    is what papers test on: ``split='test'``. Arguments as for :class:`LocDataset`.
    """

    def read_classes(self) -> list[str]:
        return sorted(p.name for p in self.source('train').iterdir() if p.is_dir())

    def read_records(self) -> list[Record]:
        labels = {name: i for i, name in enumerate(self.read_classes())}
        if self.split != 'test':
            return [
                r
                for name, label in labels.items()
                for r in self._train_records(name, label)
            ]
        files = sorted(self.source('bboxes/val').glob('*.xml'))
        return [self._test_record(file, labels) for file in files]

    def _train_records(self, name: str, label: int) -> list[Record]:
        folder = self.source(f'train/{name}')
        boxes = self._train_boxes if self.test_mode else lambda path: ()
        return [
            Record(f'train/{name}/{p.name}', label, boxes(p))
            for p in sorted(folder.iterdir())
            if p.suffix.lower() in IMAGE_ENDINGS
        ]

    def _train_boxes(self, image: Path) -> tuple:
        """Boxes of a training image, for a held-out split; not every image has them."""
        file = (
            Path(self.data_root)
            / 'bboxes'
            / 'train'
            / image.parent.name
            / f'{image.stem}.xml'
        )
        return read_boxes(file)[1] if file.exists() else ()

    def _test_record(self, file: Path, labels: dict[str, int]) -> Record:
        name, boxes = read_boxes(file)
        if name not in labels:
            raise ValueError(
                f'Expected the class of {file} to be a folder of {self.source("train")}, but '
                f'got {name!r}.'
            )
        return Record(
            f'val/{file.stem}.JPEG',
            labels[name],
            boxes if self.test_mode else (),
            is_train=False,
        )


def read_boxes(file: Path) -> tuple[str, tuple[tuple[float, float, float, float], ...]]:
    """Class name and xyxy boxes of a Pascal-VOC style annotation."""
    try:
        objects = ElementTree.parse(file).getroot().findall('object')
        boxes = tuple(
            tuple(
                float(o.find('bndbox').find(k).text)
                for k in ('xmin', 'ymin', 'xmax', 'ymax')
            )
            for o in objects
        )
        return objects[0].find('name').text, boxes
    except (
        ElementTree.ParseError,
        AttributeError,
        IndexError,
        TypeError,
        ValueError,
    ) as error:
        raise ValueError(
            f'Expected objects with boxes in {file}, but got {error!r}.'
        ) from None
