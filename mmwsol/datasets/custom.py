"""Your own images, a folder for each class."""

import os
from collections import Counter
from pathlib import Path

from mmengine.logging import MMLogger
from mmpretrain.registry import DATASETS

from mmwsol.datasets.base import SPLITS, LocDataset, Record
from mmwsol.io.box_files import read_box_file
from mmwsol.io.images import IMAGE_ENDINGS


@DATASETS.register_module()
class CustomLoc(LocDataset):
    """Images in a folder for each class, and boxes in one file if there are any.

    ``data_root`` holds ``<class>/*.jpg``, which are all training images, or
    ``train/<class>/*.jpg``, ``test/<class>/*.jpg`` and, instead of ``val_per_class``,
    ``val/<class>/*.jpg``. Images may lie in folders of any depth below their class's.
    Classes are in alphabetical order. Hidden files are passed over, and other files that are
    not images are left out with one warning.

    Args:
        boxes: A file below ``data_root``, read in evaluation alone: a table with the columns
            ``image,x0,y0,x1,y1`` or ``image,x,y,width,height``, or COCO's JSON. Pixels are
            those of the image as it is displayed, turned as the camera noted.
        **kwargs: Arguments of :class:`LocDataset`.
    """

    def __init__(self, boxes: str = '', **kwargs) -> None:
        self.boxes = boxes
        super().__init__(**kwargs)

    def read_classes(self) -> list[str]:
        """The names of the class folders, below ``train`` if that holds them."""
        folder = self._root / 'train' if self.has_splits else self._root
        return _folders(folder)

    def read_records(self) -> list[Record]:
        """All images, sorted by class and path."""
        labels = {name: i for i, name in enumerate(self.read_classes())}
        parts = [p for p in SPLITS if p in _folders(self._root)]
        found: list[tuple[str, int, bool]] = []
        others: list[str] = []
        for part in parts if self.has_splits else ['']:
            unknown = sorted(set(_folders(self._root / part)) - labels.keys())
            if unknown:
                raise ValueError(
                    f'Expected the classes of {self._root / "train"} in {self._root / part}, '
                    f'but got {unknown[:3]}; correct the names or move them out.'
                )
            for name, label in labels.items():
                images, rest = _files(self._root / part / name, self._root)
                found += [(path, label, part != 'test') for path in images]
                others += rest
        if not found:
            raise ValueError(
                f'Expected images ({", ".join(IMAGE_ENDINGS)}) in a folder for each class '
                f'below {self._root}, the `data_root` of CustomLoc, but found none.'
            )
        self._mention(others)
        boxes = self._read_boxes([path for path, _, _ in found])
        return [
            Record(path, label, boxes.get(path, ()), is_train=is_train)
            for path, label, is_train in found
        ]

    @property
    def _root(self) -> Path:
        root = Path(self.data_root)
        if not root.is_dir():
            raise FileNotFoundError(
                'Expected `data_root` of CustomLoc to be a folder with a folder of images '
                f'for each class, but got {self.data_root!r}, which does not exist.'
            )
        return root

    @property
    def has_splits(self) -> bool:
        """Whether a folder ``train`` holds the classes instead of being one."""
        folders = _folders(self._root)
        if 'train' not in folders or not _folders(self._root / 'train'):
            return False
        others = sorted(set(folders) - set(SPLITS))
        if others:
            raise ValueError(
                f'Expected no folder but {SPLITS} in {self._root}, since its train holds '
                f'folders, but got {others[:3]}; move them out, or, if train is a class, the '
                'images in its folders into it.'
            )
        return True

    def _in_split(self, records: list[Record]) -> list[Record]:
        if self.split == 'test' and all(r.is_train for r in records):
            raise ValueError(
                f"Expected images in {self._root / 'test'} for split='test' of CustomLoc, but "
                'there are none; hold training images out with `val_per_class` and evaluate '
                "on split='val'."
            )
        if not (self.has_splits and 'val' in _folders(self._root)):
            return super()._in_split(records)
        if self.val_per_class or self.val_list:
            raise ValueError(
                'Expected neither `val_per_class` nor `val_list` of CustomLoc, since '
                f'{self._root / "val"} holds images for that.'
            )
        return [r for r in records if r.path.startswith(f'{self.split}/')]

    def _read_boxes(self, paths: list[str]) -> dict[str, tuple]:
        if not (self.boxes and self.test_mode):
            return {}
        file = self._root / self.boxes
        if not file.is_file():
            raise FileNotFoundError(
                f'Expected `boxes` of CustomLoc to be a file below {self._root}, but '
                f'{self.boxes!r} is not there.'
            )
        return read_box_file(file, paths)

    def _mention(self, others: list[str]) -> None:
        """Says once how many files were left out."""
        if others:
            endings = Counter(Path(path).suffix.lower() or 'none' for path in others)
            counts = ', '.join(f'{n} of {e}' for e, n in endings.most_common(5))
            MMLogger.get_current_instance().warning(
                f'CustomLoc leaves {len(others)} files in the class folders out whose ending '
                f"is no image's ({counts}), the first: {others[0]}."
            )


def _hidden(name: str) -> bool:
    """Whether a file was put there by a system or an editor rather than by the user."""
    return name.startswith(('.', '__MACOSX', '@eaDir'))


def _folders(folder: Path) -> list[str]:
    return sorted(
        p.name for p in folder.iterdir() if p.is_dir() and not _hidden(p.name)
    )


def _files(folder: Path, root: Path) -> tuple[list[str], list[str]]:
    """Images and other files of a class, as sorted paths below the root."""
    images: list[str] = []
    others: list[str] = []
    seen = {os.path.realpath(folder)}
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not _hidden(name)]
        # a link may lead back to a folder above it, and would be followed without end
        real = {name: os.path.realpath(Path(place) / name) for name in folders}
        folders[:] = [name for name in folders if real[name] not in seen]
        seen.update(real.values())
        for name in names:
            if not _hidden(name):
                kind = images if name.lower().endswith(IMAGE_ENDINGS) else others
                kind.append((Path(place) / name).relative_to(root).as_posix())
    return sorted(images), sorted(others)
