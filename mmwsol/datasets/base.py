"""What all localisation data sets share."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmpretrain.datasets import BaseDataset

from mmwsol.datasets.pseudo_boxes import check_without_box, with_pseudo_boxes
from mmwsol.datasets.record import (
    Record,
    box_info,
    label_info,
    mask_info,
    without_broken,
)
from mmwsol.io.text import read_lines

SPLITS = ('train', 'val', 'test')


class LocDataset(BaseDataset):
    """Images with a class or several, and boxes and masks that only evaluation sees.

    A subclass overrides :meth:`read_classes` and :meth:`read_records`.

    Args:
        data_root: The folder of the official download.
        split: `'train'`, `'test'`, or `'val'`: the images that ``val_per_class`` or
            ``val_list`` cuts from training, or without them the download's own.
        val_per_class: The number of training images of every class that are held out, the
            last in the official order. 'train' and 'val' share them out; choose settings and
            thresholds on 'val', never on 'test'. An image of several classes counts for
            each.
        val_list: A file that names the held-out training images instead, a line for each;
            ``tools/prepare/holdout.py`` draws and writes one.
        classes: The names of the classes to keep, in this order, or a file with a line for
            each. Of an image with several, the rest is left out as if it were not there.
        num_classes: The number of classes to keep instead, from the first.
        broken_images: The treatment of a missing or damaged file. `'stop'`: an error names
            it, at the start if it is missing, when it is read if it is damaged.
            `'skip'`: all files are read at the start, and the damaged are left out with
            one counted warning.
        absolute_paths: Whether the lists of a download may name files anywhere, by their
            absolute paths; else all are below ``data_root``.
        pseudo_boxes: A file with a box of each image, found by another method, for one
            that learns from boxes: what ``tools/export_boxes.py`` or ``tools/boxes.py``
            wrote, or a table ``image,x0,y0,x1,y1``. For training alone.
        without_box: The treatment of images without a pseudo box. `'whole'`: the whole
            image is its box. `'skip'`: it is left out.
        test_mode: Whether boxes and masks are read. Training never does.
        **kwargs: Arguments of :class:`mmpretrain.datasets.BaseDataset`.
    """

    IMAGE_FOLDER = ''
    HAS_VAL = False
    """Whether the download itself has a 'val' as well as 'train' and 'test'."""

    def __init__(
        self,
        data_root: str = '',
        split: str = 'train',
        val_per_class: int = 0,
        val_list: str = '',
        classes: Sequence[str] | str | None = None,
        num_classes: int | None = None,
        broken_images: str = 'stop',
        absolute_paths: bool = False,
        pseudo_boxes: str = '',
        without_box: str = 'whole',
        test_mode: bool = False,
        **kwargs,
    ) -> None:
        name = type(self).__name__
        if split not in SPLITS:
            raise ValueError(
                f'Expected `split` of {name} to be one of {SPLITS}, but got {split!r}.'
            )
        if broken_images not in ('stop', 'skip'):
            raise ValueError(
                f"Expected `broken_images` of {name} to be 'stop' or 'skip', but got "
                f'{broken_images!r}.'
            )
        if val_per_class and val_list:
            raise ValueError(
                f'Expected only one of `val_per_class` and `val_list` of {name}.'
            )
        if classes is not None and num_classes is not None:
            raise ValueError(
                f'Expected only one of `classes` and `num_classes` of {name}.'
            )
        if isinstance(classes, str):
            classes = [line.strip() for _, line in read_lines(Path(classes))]
        check_without_box(without_box, name)
        if pseudo_boxes and test_mode:
            raise ValueError(
                f'Expected `pseudo_boxes` of {name} in training alone, but got '
                '`test_mode=True`, which reads true boxes.'
            )
        held_out = val_per_class > 0 or bool(val_list)
        self.split = split
        self.from_train = split == 'train' or (split == 'val' and held_out)
        self.val_per_class = val_per_class
        self.val_list = val_list
        self.num_classes = num_classes
        self.broken_images = broken_images
        self.absolute_paths = absolute_paths
        self.pseudo_boxes = pseudo_boxes
        self.without_box = without_box
        super().__init__(
            ann_file='',
            data_root=data_root,
            data_prefix=self.IMAGE_FOLDER,
            classes=classes,
            test_mode=test_mode,
            **kwargs,
        )

    @abstractmethod
    def read_classes(self) -> list[str]:
        """The names of all classes, in the official order."""

    @abstractmethod
    def read_records(self) -> list[Record]:
        """All images of all splits, in the official order; boxes if ``test_mode``.

        Images that ``from_train`` does not ask for may be left out.
        """

    def load_data_list(self) -> list[dict]:
        """The records of the split and classes, as mmengine's annotations name their parts.

        ``img_path, gt_label`` (a list where images can have several classes), and in
        evaluation ``instances``, ``seg_map_path``, ``label_map``.
        """
        all_classes = self.read_classes()
        kept = self._kept_classes(all_classes)
        new_label = {all_classes.index(name): i for i, name in enumerate(kept)}
        records = [
            r
            for r in self._in_split(self.read_records())
            if not new_label.keys().isdisjoint(r.labels + r.difficult)
        ]
        present = {new_label.get(label) for r in records for label in r.labels}
        self._check_every_class(kept, present)
        data = [self._to_info(r, new_label) for r in records]
        if self.pseudo_boxes:
            names = [record.path for record in records]
            data = with_pseudo_boxes(data, names, self.pseudo_boxes, self.without_box)
        return self._without_broken(data)

    def get_cat_ids(self, idx: int) -> list[int]:
        """Labels of an image, as the host's class-balanced data sets ask for them."""
        return np.atleast_1d(self.get_data_info(idx)['gt_label']).tolist()

    def source(self, path: str = '') -> Path:
        """A file below ``data_root``, which must exist."""
        file = Path(self.data_root) / path
        if not file.exists():
            raise FileNotFoundError(
                f'{type(self).__name__} expected {file}, which does not exist; set '
                f'`data_root` (now {self.data_root!r}) to the folder of the official download.'
            )
        return file

    def extra_repr(self) -> list[str]:
        return [f'Root of dataset: \t{self.data_root}', f'Split: \t{self.split}']

    def _kept_classes(self, all_classes: list[str]) -> list[str]:
        name = type(self).__name__
        kept = self._metainfo.get('classes')
        if kept is None:
            count = self.num_classes or len(all_classes)
            if count > len(all_classes):
                raise ValueError(
                    f'Expected `num_classes` of {name} to be at most {len(all_classes)}, the '
                    f'classes of {self.data_root or "the data set"}, but got {count}.'
                )
            kept = all_classes[:count]
        unknown = [c for c in kept if c not in all_classes]
        if unknown:
            raise ValueError(
                f'Expected `classes` of {name} to be among those of {self.data_root}, such as '
                f'{all_classes[:3]}, but got {unknown[:3]}.'
            )
        self._metainfo['classes'] = tuple(kept)
        return list(kept)

    def _in_split(self, records: list[Record]) -> list[Record]:
        if self.split == 'val' and not self.from_train and not self.HAS_VAL:
            raise ValueError(
                f'Expected `val_per_class` of {type(self).__name__} to be at least 1, or '
                f"`val_list`, for split='val', but got {self.val_per_class}."
            )
        if not self.from_train:
            return [r for r in records if not r.is_train]
        train = [r for r in records if r.is_train]
        held_out = self._held_out(train)
        return [
            r for i, r in enumerate(train) if (i in held_out) == (self.split == 'val')
        ]

    def _held_out(self, train: list[Record]) -> set[int]:
        """The places of the images that training leaves out."""
        if self.val_list:
            places = {record.path: i for i, record in enumerate(train)}
            lines = read_lines(Path(self.val_list), names=True)
            names = [line.strip() for _, line in lines]
            unknown = [name for name in names if name not in places]
            if unknown:
                raise ValueError(
                    f'Expected training images of {self.data_root} in {self.val_list}, the '
                    f'`val_list` of {type(self).__name__}, but got {unknown[0]!r}.'
                )
            return {places[name] for name in names}
        per_class: dict[int, list[int]] = {}
        for i, record in enumerate(train):
            for label in record.labels:
                per_class.setdefault(label, []).append(i)
        count = self.val_per_class
        return {
            i for own in per_class.values() for i in own[max(0, len(own) - count) :]
        }

    def _check_every_class(self, kept: list[str], present: set[int | None]) -> None:
        empty = [name for i, name in enumerate(kept) if i not in present]
        if empty:
            raise ValueError(
                f'{type(self).__name__} found no {self.split!r} image of {len(empty)} '
                f'class(es), such as {empty[0]!r}, in {self.data_root}; leave them out with '
                '`classes` or complete the data.'
            )

    def _to_info(self, record: Record, new_label: dict[int, int]) -> dict:
        image = str(Path(self.img_prefix) / record.path)
        info = dict(img_path=image, **label_info(record, new_label))
        if self.test_mode:
            info |= box_info(record, new_label)
            info |= mask_info(record, new_label, Path(self.data_root))
        return info

    def _without_broken(self, data: list[dict]) -> list[dict]:
        return without_broken(data, type(self).__name__, self.broken_images == 'skip')
