"""Images named by lists, as wsolevaluation publishes them."""

import os
from pathlib import Path

from mmengine.logging import MMLogger
from mmpretrain.registry import DATASETS

from mmwsol.datasets.base import LocDataset, Record
from mmwsol.io.image_content import stored_size
from mmwsol.io.images import displayed_size
from mmwsol.io.map_folders import Annotations, read_annotations

LOOKED_AT = 200
"""Images whose sizes are compared: pictures that were resized all were."""


@DATASETS.register_module()
class ListLoc(LocDataset):
    """Images of wsolevaluation's lists: CUBV2, ImageNetV2, or others in that layout.

    `Evaluating Weakly Supervised Object Localization Methods Right (CVPR 2020)
    <https://arxiv.org/abs/2001.07437>`_ publishes a folder of lists for each split of each
    data set; ``mmwsol/io/map_folders.py`` describes them. CUBV2 and ImageNetV2 are the
    'val' of CUB-200-2011 and ILSVRC-2012, additional images to choose thresholds on. Classes
    are numbers there; they are called after the folder of their images.

    Args:
        lists: The folder that holds a folder of lists for each split, such as
            ``metadata/CUB``.
        split: `'train'`, `'val'` or `'test'`: the folder of lists to read. Of
            'train' in training only the images and labels are read.
        **kwargs: Arguments of :class:`LocDataset`; image ids are relative to ``data_root``.
    """

    def __init__(self, lists: str, split: str = 'val', **kwargs) -> None:
        if kwargs.get('val_per_class') or kwargs.get('val_list'):
            raise ValueError(
                'Expected neither `val_per_class` nor `val_list` of ListLoc, whose '
                f'held-out images are those of {lists}/val.'
            )
        self.lists = Path(lists)
        super().__init__(split=split, **kwargs)

    def read_classes(self) -> list[str]:
        """The common folder of each class's images, or else its number."""
        labels = self._read().labels
        names: dict[int, set[str]] = {}
        for image, label in labels.items():
            names.setdefault(label, set()).add(
                os.path.dirname(image).rpartition('/')[2]
            )
        common = {label: own.pop() for label, own in names.items() if len(own) == 1}
        if len({*common.values()} - {''}) < len(names):
            common = {}
        return [common.get(k, str(k)) for k in range(max(names, default=-1) + 1)]

    def read_records(self) -> list[Record]:
        found = self._read()
        mention_unknown(found, 'ListLoc')
        self._compare_sizes(found)
        return [
            Record(
                image,
                found.labels[image],
                tuple(found.boxes.get(image, ())),
                is_train=self.split == 'train',
            )
            for image in found.ids
        ]

    def _in_split(self, records: list[Record]) -> list[Record]:
        return records  # a folder of lists is a split

    def _compare_sizes(self, found: Annotations) -> None:
        """Looks whether some of the pictures have the sizes that the boxes were made for."""
        ids = [image for image in found.ids if image in found.boxes]
        others, seen = [], 0
        for image in ids[:: max(1, len(ids) // LOOKED_AT)]:
            file, said = Path(self.img_prefix) / image, found.sizes[image]
            displayed = displayed_size(file)
            if not displayed:
                continue  # damaged, which is for others to say
            stored = stored_size(file)[1]
            seen += 1
            if not any(
                max(abs(size[0] - said[0]), abs(size[1] - said[1])) <= 1
                for size in (stored, displayed)
            ):
                others.append(
                    f'{image} has {stored[0]} x {stored[1]} pixels, and {said[0]} x {said[1]} '
                    'in the lists'
                )
        what = f'{len(others)} of {seen} images that were looked at'
        if others and len(others) == seen:
            raise ValueError(
                f'Expected images of the sizes in {self.lists}, for which the boxes were made, '
                f'but {what} have another: {others[0]}.'
            )
        if others:
            MMLogger.get_current_instance().warning(
                f'ListLoc finds other sizes than in {self.lists} for {what}: {others[0]}.'
            )

    def _read(self) -> Annotations:
        folder = self.lists / self.split
        if not folder.is_dir():
            raise FileNotFoundError(
                f'Expected the lists of split={self.split!r} in {folder}, but there is no '
                'such folder; set `lists` of ListLoc to a folder such as metadata/CUB.'
            )
        return read_annotations(folder, self.test_mode, self.absolute_paths)


def mention_unknown(found: Annotations, name: str) -> None:
    """Says once how many lines a data set leaves out, and what may not be meant so."""
    for remark in found.remarks:
        MMLogger.get_current_instance().warning(f'{name} doubts {remark}.')
    if found.unknown:
        MMLogger.get_current_instance().warning(
            f'{name} leaves {len(found.unknown)} lines out, the first: {found.unknown[0]}.'
        )
