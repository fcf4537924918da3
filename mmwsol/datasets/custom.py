"""Your own images, a folder for each class."""

from pathlib import Path

from mmengine.logging import MMLogger
from mmpretrain.registry import DATASETS

from mmwsol.datasets.base import SPLITS, LocDataset, Record
from mmwsol.datasets.transforms.load_boxes import LoadBoxes
from mmwsol.io.box_files import read_box_file
from mmwsol.io.box_units import UNITS
from mmwsol.io.image_folders import FoundImages, find_folders, find_images
from mmwsol.io.images import IMAGE_ENDINGS
from mmwsol.io.names import printable

SPLIT_FOLDERS = dict(
    train=('train', 'training'),
    val=('val', 'valid', 'validation', 'dev'),
    test=('test', 'testing'),
)
"""Names of the folders of the splits, in small letters."""


@DATASETS.register_module()
class CustomLoc(LocDataset):
    """Images in a folder for each class, and boxes in one file if there are any.

    ``data_root`` holds ``<class>/*.jpg``, which are all training images, or
    ``train/<class>/*.jpg``, ``test/<class>/*.jpg`` and, instead of ``val_per_class``,
    ``val/<class>/*.jpg``. Images may lie in folders of any depth below their class's.
    ``valid``, ``validation`` and ``dev`` are ``val``. Classes are in alphabetical order.
    ``mmwsol/io/image_folders.py`` says what is passed over; one warning counts the files that
    are not images.

    Args:
        boxes: A file below ``data_root``, read in evaluation alone: a table with the columns
            ``image,x0,y0,x1,y1`` or ``image,x,y,width,height``, or COCO's JSON. Pixels are
            those of the image as it is displayed, turned as the camera noted.
        box_unit: The unit of the boxes: `'pixels'`, or `'share'` or `'percent'` of the width
            and height; by default pixels, if nothing in the file speaks against it.
        **kwargs: Arguments of :class:`LocDataset`.
    """

    def __init__(self, boxes: str = '', box_unit: str | None = None, **kwargs) -> None:
        if box_unit not in (None, *UNITS):
            raise ValueError(
                f'Expected `box_unit` of CustomLoc to be one of {[*UNITS]} or None, but got '
                f'{box_unit!r}.'
            )
        self.boxes = boxes
        self.box_unit = box_unit
        self._outside: dict[str, list[str]] = {}
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict]:
        data = super().load_data_list()
        self._check_inside(data)
        return data

    def read_classes(self) -> list[str]:
        """The names of the class folders, below the training folder if there is one."""
        return find_folders(self._root / self.split_folders.get('train', ''))[0]

    def read_records(self) -> list[Record]:
        """All images, sorted by class and path."""
        labels = {name: i for i, name in enumerate(self.read_classes())}
        records: list[Record] = []
        classes: dict[str, str] = {}
        found = find_folders(self._root)[1]
        strays = found.images
        found = FoundImages(passed_over=found.passed_over)
        for split, part in (self.split_folders or {'train': ''}).items():
            folders, here = find_folders(self._root / part)
            if part:
                strays += [f'{part}/{name}' for name in here.images]
            unknown = sorted({*folders} - labels.keys())
            if unknown:
                raise ValueError(
                    f'Expected the classes of {self._root / self.split_folders["train"]} in '
                    f'{self._root / part}, but got {unknown[:3]}; correct the names or move '
                    'them out.'
                )
            for name in folders:
                own = find_images(self._root, f'{part}/{name}' if part else name)
                found.add(own)
                classes |= dict.fromkeys(own.images, name)
                records += [
                    Record(path, labels[name], is_train=split != 'test')
                    for path in own.images
                ]
        if not records:
            raise ValueError(
                f'Expected images ({", ".join(IMAGE_ENDINGS)}) in a folder for each class '
                f'below {self._root}, the `data_root` of CustomLoc, but found none.'
            )
        self._mention(found, strays)
        boxes = self._read_boxes(classes)
        return [r._replace(boxes=boxes.get(r.path, ())) for r in records]

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
    def split_folders(self) -> dict[str, str]:
        """The folder of each split; empty where training's holds no folders of classes."""
        folders = find_folders(self._root)[0]
        found = {
            split: [name for name in folders if name.lower() in names]
            for split, names in SPLIT_FOLDERS.items()
        }
        if not any(find_folders(self._root / name)[0] for name in found['train']):
            return {}
        others = sorted({*folders}.difference(*found.values()))
        if others and 'train' not in folders:
            return {}  # classes that happen to be called so
        if others:
            raise ValueError(
                f'Expected no folder but {SPLITS} in {self._root}, since its train holds '
                f'folders, but got {others[:3]}; move them out, or, if train is a class, the '
                'images in its folders into it.'
            )
        for split, names in found.items():
            if len(names) > 1:
                raise ValueError(
                    f'Expected one folder of {split} images in {self._root}, but got {names}; '
                    'move one out.'
                )
        return {split: names[0] for split, names in found.items() if names}

    def _in_split(self, records: list[Record]) -> list[Record]:
        folders = self.split_folders
        if self.split == 'test' and all(r.is_train for r in records):
            raise ValueError(
                f"Expected images in {self._root / 'test'} for split='test' of CustomLoc, but "
                'there are none; hold training images out with `val_per_class` and evaluate '
                "on split='val'."
            )
        if 'val' not in folders:
            return super()._in_split(records)
        if self.val_per_class or self.val_list:
            raise ValueError(
                'Expected neither `val_per_class` nor `val_list` of CustomLoc, since '
                f'{self._root / folders["val"]} holds images for that.'
            )
        own = folders.get(self.split, self.split)
        return [r for r in records if r.path.startswith(f'{own}/')]

    def _read_boxes(self, classes: dict[str, str]) -> dict[str, tuple]:
        if not (self.boxes and self.test_mode):
            return {}
        file = self._root / self.boxes
        if not file.is_file():
            raise FileNotFoundError(
                f'Expected `boxes` of CustomLoc to be a file below {self._root}, but '
                f'{self.boxes!r} is not there.'
            )
        found = read_box_file(file, self._root, classes, self.box_unit)
        logger = MMLogger.get_current_instance()
        logger.info(f'CustomLoc {found.taken}.')
        for remark in found.remarks:
            logger.warning(f'CustomLoc {remark}.')
        self._outside = found.outside
        return found.boxes

    def _check_inside(self, data: list[dict]) -> None:
        """Refuses at the start what :class:`LoadBoxes` would refuse when it is loaded."""
        steps = [
            step for step in self.pipeline.transforms if isinstance(step, LoadBoxes)
        ]
        if all(step.outside == 'clip' for step in steps):
            return
        evaluated = {info['img_path'] for info in data}
        lines = [
            line
            for path, own in self._outside.items()
            if str(self._root / path) in evaluated
            for line in own
        ]
        if lines:
            raise ValueError(
                f'Expected boxes inside their images in {self.boxes}, but {len(lines)} leave '
                f'them, the first: {printable(lines[0])}; correct it, or clip what leaves the '
                "image with LoadBoxes(outside='clip')."
            )

    def _mention(self, found: FoundImages, strays: list[str]) -> None:
        """Says once what is left out."""
        warn = MMLogger.get_current_instance().warning
        for remark in found.remarks():
            warn(f'CustomLoc {remark}.')
        if strays:
            warn(
                f'CustomLoc leaves {len(strays)} images out that lie in no class folder, the '
                f'first: {printable(strays[0])}.'
            )
