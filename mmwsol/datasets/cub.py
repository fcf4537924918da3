"""Caltech-UCSD Birds-200-2011."""

from mmpretrain.registry import DATASETS

from mmwsol.datasets.base import LocDataset, Record


@DATASETS.register_module()
class CUBLoc(LocDataset):
    """CUB-200-2011 in its official layout: 200 classes of birds, one box an image.

    The folder holds ``images/``, ``images.txt``, ``classes.txt``,
    ``image_class_labels.txt``, ``train_test_split.txt`` and ``bounding_boxes.txt``
    (opened in evaluation only). Arguments as for :class:`LocDataset`.
    """

    IMAGE_FOLDER = 'images'

    def read_classes(self) -> list[str]:
        return [name for (name,) in self._table('classes.txt', columns=1).values()]

    def read_records(self) -> list[Record]:
        paths = self._table('images.txt', columns=1)
        labels = self._numbers('image_class_labels.txt', columns=1, like=paths)
        splits = self._numbers('train_test_split.txt', columns=1, like=paths)
        boxes = (
            self._numbers('bounding_boxes.txt', columns=4, like=paths)
            if self.test_mode
            else {}
        )
        count = len(self.read_classes())
        records = []
        for key, (path,) in paths.items():
            label = int(labels[key][0]) - 1
            if not 0 <= label < count:
                raise ValueError(
                    f'Expected a class from 1 to {count} for image {key} in '
                    f'{self.source("image_class_labels.txt")}, but got {label + 1}.'
                )
            x, y, width, height = boxes.get(key, (0, 0, 0, 0))
            own = ((x, y, x + width, y + height),) if key in boxes else ()
            records.append(Record(path, label, own, is_train=splits[key][0] == 1))
        return records

    def _table(self, name: str, columns: int) -> dict[str, list[str]]:
        """Lines ``key value ...`` of a file, by key."""
        file = self.source(name)
        table = {}
        for number, line in enumerate(
            file.read_text(encoding='utf-8').splitlines(), start=1
        ):
            words = line.split()
            if not words:
                continue
            if len(words) != columns + 1:
                raise ValueError(
                    f'Expected {columns + 1} columns in line {number} of {file}, but got '
                    f'{len(words)}: {line[:80]!r}.'
                )
            table[words[0]] = words[1:]
        return table

    def _numbers(self, name: str, columns: int, like: dict) -> dict[str, list[float]]:
        """A table of numbers with a line for every image."""
        table = self._table(name, columns)
        missing = like.keys() - table.keys()
        if missing:
            raise ValueError(
                f'Expected a line for every image of images.txt in {self.source(name)}, but '
                f'{len(missing)} are missing, such as image {min(missing)}.'
            )
        try:
            return {key: [float(v) for v in values] for key, values in table.items()}
        except ValueError as error:
            raise ValueError(
                f'Expected numbers in {self.source(name)}: {error}.'
            ) from None
