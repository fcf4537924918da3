"""OpenImages30k of wsolevaluation."""

from pathlib import Path

from mmpretrain.registry import DATASETS

from mmwsol.datasets.base import LocDataset, Record
from mmwsol.datasets.lists import mention_unknown
from mmwsol.io.map_folders import IDS, read_annotations


@DATASETS.register_module()
class OpenImagesLoc(LocDataset):
    """OpenImages30k: 100 classes, one an image, and masks instead of boxes.

    `Evaluating Weakly Supervised Object Localization Methods Right (CVPR 2020)
    <https://arxiv.org/abs/2001.07437>`_. ``data_root`` holds ``train/``, ``val/`` and
    ``test/`` with ``<class>/<id>.jpg``, the masks of 'val' and 'test' in the same folders,
    and the lists. Classes are called by their folders, such as `'01226z'`, which are
    Freebase's names without ``/m/``.

    Choose settings on ``split='val'``, whose 25 images a class have masks.

    Args:
        metadata: The folder of the published lists, below ``data_root`` or anywhere: it holds
            ``train/``, ``val/`` and ``test/`` with ``image_ids.txt``, ``class_labels.txt``
            and, opened in evaluation only, ``localization.txt``.
        **kwargs: Arguments of :class:`LocDataset`.
    """

    HAS_VAL = True

    def __init__(self, metadata: str = 'metadata', **kwargs) -> None:
        self.metadata = metadata
        super().__init__(**kwargs)

    def read_classes(self) -> list[str]:
        found = read_annotations(self._lists(), False, self.absolute_paths)
        names: dict[int, str] = {}
        for image in found.ids:
            label, name = found.labels[image], Path(image).parent.name
            if names.setdefault(label, name) != name:
                raise ValueError(
                    f'Expected one folder for each class in {self._lists()}, but got '
                    f'{names[label]!r} and {name!r} for class {label}.'
                )
        if sorted(names) != list(range(len(names))):
            raise ValueError(
                f'Expected classes from 0 to {max(names, default=0)} in {self._lists()}, but '
                f'{max(names, default=-1) + 1 - len(names)} have no image.'
            )
        return [names[label] for label in range(len(names))]

    def read_records(self) -> list[Record]:
        # training images have no masks
        masked = self.test_mode and not self.from_train
        found = read_annotations(self._lists(), masked, self.absolute_paths)
        mention_unknown(found, 'OpenImagesLoc')
        return [
            Record(
                image,
                found.labels[image],
                is_train=self.from_train,
                masks=tuple(found.masks.get(image, ())),
            )
            for image in found.ids
        ]

    def _lists(self) -> Path:
        name = 'train' if self.from_train else self.split
        folder = Path(self.data_root) / self.metadata / name
        if not (folder / IDS).is_file():
            raise FileNotFoundError(
                f'Expected the published lists of {name!r} in {folder}, but {IDS} is not there; '
                'copy metadata/OpenImages of wsolevaluation, or set `metadata` or `data_root` '
                'of OpenImagesLoc.'
            )
        return folder
