"""Caltech-UCSD Birds-200-2011."""

from mmpretrain.registry import DATASETS

from mmwsol.datasets.base import LocDataset, Record
from mmwsol.io.box_rows import Box
from mmwsol.io.text import finite, inside, read_lines, whole


@DATASETS.register_module()
class CUBLoc(LocDataset):
    """CUB-200-2011 in its official layout: 200 classes of birds, one box an image.

    The folder holds ``images/``, ``images.txt``, ``classes.txt``,
    ``image_class_labels.txt``, ``train_test_split.txt`` and ``bounding_boxes.txt``
    (opened in evaluation only). Its arguments are those of :class:`LocDataset`.
    """

    IMAGE_FOLDER = 'images'

    def read_classes(self) -> list[str]:
        table = self._table('classes.txt', columns=1)
        numbers = [str(number) for number in range(1, len(table) + 1)]
        if [*table] != numbers:
            raise ValueError(
                f'Expected classes numbered from 1 to {len(table)}, in this order, in '
                f'{self.source("classes.txt")}, but got {[*table][:3]} first.'
            )
        return [name for (name,) in table.values()]

    def read_records(self) -> list[Record]:
        count = len(self.read_classes())
        paths = self._table('images.txt', columns=1)
        labels = self._table('image_class_labels.txt', columns=1, like=paths)
        splits = self._table('train_test_split.txt', columns=1, like=paths)
        boxes = (
            self._table('bounding_boxes.txt', columns=4, like=paths)
            if self.test_mode
            else {}
        )
        records = {}
        for key, (path,) in paths.items():
            where = f'the line of image {key} in {self.data_root}'
            inside(path, f'{where}/images.txt', self.absolute_paths)
            if path in records:
                raise ValueError(
                    f'Expected another path in {where}/images.txt: {path}.'
                )
            (label,), (split,) = labels[key], splits[key]
            number = whole(label, f'{where}/image_class_labels.txt', 1, count)
            is_train = whole(split, f'{where}/train_test_split.txt', 0, 1) == 1
            own: tuple[Box, ...] = ()
            if key in boxes:
                x, y, width, height = (
                    finite(word, f'{where}/bounding_boxes.txt') for word in boxes[key]
                )
                own = ((x, y, x + width, y + height),)
            records[path] = Record(path, number - 1, own, is_train)
        return [*records.values()]

    def _table(
        self, name: str, columns: int, like: dict | None = None
    ) -> dict[str, list[str]]:
        """Lines ``key value ...`` of a file, by key; at least the keys of another."""
        file = self.source(name)
        table = {}
        for place, line in read_lines(file):
            key, *words = line.split()
            if len(words) != columns:
                raise ValueError(
                    f'Expected {columns + 1} columns in {place}, but got '
                    f'{len(words) + 1}: {line[:80]!r}.'
                )
            if key in table:
                raise ValueError(f'Expected {key[:80]!r} once, but {place} repeats it.')
            table[key] = words
        missing = (like or {}).keys() - table.keys()
        if missing:
            raise ValueError(
                f'Expected a line for every image of images.txt in {file}, but '
                f'{len(missing)} are missing, such as image {min(missing)}.'
            )
        return table
