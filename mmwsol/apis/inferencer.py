"""Boxes for your own images."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.logging import MMLogger
from mmengine.model import BaseModel
from mmpretrain.apis import ImageClassificationInferencer
from mmpretrain.structures import DataSample
from rich.progress import track
from torch.utils.data import DataLoader

from mmwsol.apis.boxes_of_map import BOXES, threshold_of
from mmwsol.apis.image_like import IN_MEMORY, ImageLike
from mmwsol.apis.inputs import (
    ImageList,
    Item,
    after_loading,
    compose,
    input_size,
    label_numbers,
    list_images,
)
from mmwsol.apis.result_of_sample import Wanted, result_of_sample
from mmwsol.apis.results import as_sample, draw_result
from mmwsol.config_files import find_config
from mmwsol.datasets.collate_images import collate_images
from mmwsol.engine.belonging import classes_of
from mmwsol.engine.checkpoints import load_whole
from mmwsol.interruption import outlive
from mmwsol.io.names import printable
from mmwsol.io.pictures import write_picture
from mmwsol.models.localizer import Localizer


class LocInferencer(ImageClassificationInferencer):
    """Says of images what is in them and where, in their own pixels.

    Differences from the host's: a result has a map and boxes (or one box and no map, as its
    model predicts), the whole image is looked
    at (steps of the test pipeline that crop are left out), and an image that cannot be
    read becomes a result that says so.

    Args:
        model: The path of a config, the name of one that comes with mmwsol, a config, or
            a :class:`Localizer` made from one.
        pretrained: The checkpoint's path; not needed with a model that has its weights.
        device: The device, such as `'cuda:1'`; by default a GPU where there is one.
        classes: Names of the classes; by default those of the checkpoint.
        threshold: The share of its maximum above which a map is an object: a number in [0, 1),
            a JSON file of ``tools/test.py --out`` for the one that was best there, or
            `'otsu'`, which finds one for each map.

    Raises:
        ValueError: The checkpoint is of another model, or could run code.

    Example:
        >>> inferencer = LocInferencer('pnsc/resnet50_cub', 'epoch_100.pth')
        >>> result, = inferencer('photo.jpg')                   # doctest: +SKIP
        >>> result['pred_class'], result['pred_bboxes']         # doctest: +SKIP
    """

    visualize_kwargs: set = set()  # pictures are drawn one by one, by `show_dir`

    def __init__(
        self,
        model: str | os.PathLike | Config | BaseModel,
        pretrained: str | os.PathLike | None = None,
        device: str | torch.device | None = None,
        classes: Sequence[str] | None = None,
        threshold: float | str = 'otsu',
    ) -> None:
        self.threshold = threshold_of(threshold)
        if not isinstance(model, (BaseModel, Config)):
            model = str(find_config(model))
        if device is None:
            device = 'cuda' if torch.cuda.is_available() else 'cpu'
        super().__init__(model, pretrained=False, device=device, classes=classes)
        if not isinstance(self.model, Localizer):
            raise ValueError(
                "Expected a config with `model.type='Localizer'`, but got "
                f'{type(self.model).__name__}.'
            )
        if pretrained is not None:
            self._load(pretrained, classes)
        elif not isinstance(model, BaseModel):
            raise ValueError(
                'Expected a checkpoint as `pretrained`, but got none; a model with random '
                'weights localises nothing.'
            )

    def __call__(
        self,
        inputs: ImageLike | Sequence[ImageLike],
        return_datasamples: bool = False,
        batch_size: int = 1,
        show_dir: str | os.PathLike | None = None,
        **kwargs,
    ) -> list[dict] | list[DataSample]:
        """Results of images, in their order; see :meth:`stream`, which keeps only one.

        Args:
            inputs: A file, a folder, an array (BGR), an image of Pillow, the bytes of a
                file, or a list of these.
            return_datasamples: Whether results are data samples instead, with the fields
                of :mod:`mmwsol.structures` and ``pred_bboxes``; of an image that cannot
                be read, one with ``error`` alone.
            batch_size: The number of images at once.
            show_dir: A folder for pictures of the results; those that cannot be written
                are named in a warning.
            **kwargs: As for :meth:`stream`.
        """
        images = list_images(inputs)
        results: list[dict] = []
        problems: list[str] = []
        stream = self.stream(images, batch_size=batch_size, **kwargs)
        for result, image in zip(track(stream, 'Inference', len(images)), images):
            if show_dir is not None and 'error' not in result:
                # numbers tell apart what is cut off of names that leave no room for them
                stem = Path(str(result['image'])).stem[:60]
                file = Path(show_dir) / f'{len(results):04d}_{stem}.jpg'
                try:
                    write_picture(file, self.draw(image, result))
                except OSError as error:
                    problems.append(printable(error))
            results.append(result)
        if problems:
            MMLogger.get_current_instance().warning(
                f'{len(problems)} pictures could not be written, the first: {problems[0]}'
            )
        return [as_sample(r) for r in results] if return_datasamples else results

    def stream(
        self,
        inputs: ImageLike | Sequence[ImageLike],
        batch_size: int = 1,
        num_workers: int = 0,
        labels: Sequence[int | str] | int | str | None = None,
        boxes: str = 'largest',
        smallest: float | Sequence[float] = 0.01,
        full_size: bool = True,
    ) -> Iterator[dict]:
        """One result after another, so that a folder of any size can be looked at.

        Args:
            inputs: As for :meth:`__call__`.
            batch_size: The number of images at once.
            num_workers: The number of processes that read images.
            labels: What each image shows, a number or a name each: its map is that class's,
                which is certain. Or one class, whose map is wanted of all, whatever they
                show. By default the map is the predicted class's.
            boxes: `'largest'`: one for the largest region of the map. `'all'`: one for
                every region, best first.
            smallest: The share of the image that a region of `'all'` needs, or one for each
                class.
            full_size: Whether maps have their image's size. Else they have the network's,
                and large photographs are decoded at a fraction of theirs, which takes less
                time and memory; boxes are in pixels of the image all the same.

        Returns:
            An iterator over a dictionary for each image, in their order: ``image`` (file,
            or number in the list), ``image_size (H, W)``, ``pred_label``, ``pred_class``,
            ``pred_score``, ``pred_scores (K,)``, ``map_label`` (whose map it is; None of a mean
            over classes), ``pred_map (H, W)`` float32 in [0, 1], ``activity (h, w)`` (of the
            features behind it, at their size), ``pred_bboxes (B, 4)`` float64 xyxy,
            ``bbox_scores (B,)`` in [0, 1], to sort and filter by: the product of
            ``map_scores (B,)`` (how far map and features let each box be trusted), the root of
            ``class_score`` (of the class whose boxes they are) and ``familiarity`` (how
            much the image is like those of the classes at all; 1 if the model does not
            know), ``threshold``, and ``reason`` (why there is no box; None where there is
            one), all in the image's own pixels; or ``image`` and ``error``. Of a model that
            predicts one box and no map, ``pred_map``, ``activity``, ``map_label`` and
            ``threshold`` are None, and ``map_scores`` 1.
        """
        if boxes not in BOXES:
            raise ValueError(
                f'Expected `boxes` to be one of {BOXES}, but got {boxes!r}.'
            )
        images = list_images(inputs)
        loader = DataLoader(
            self._read(images, labels, full_size),
            batch_size,
            num_workers=num_workers,
            collate_fn=list,
        )
        outlive(loader)
        wanted = Wanted(
            *(self.threshold, boxes, smallest, full_size, self.shows_one_class),
            labels_are_true=labels is not None and not isinstance(labels, (int, str)),
        )
        return self._results(images, loader, wanted)

    @property
    def shows_one_class(self) -> bool:
        """Whether a map is that of one class, which `labels` can choose."""
        head = self.model.head
        return head.map_classes == 'gt' and not head.predicts_box

    def draw(
        self, image: ImageLike, result: dict, longest_side: int | None = None
    ) -> np.ndarray:
        """The image under its map, with boxes, class and score; BGR.

        Args:
            image: The image.
            result: Its result.
            longest_side: The pixels that the picture may have at most on its longer side;
                None for the size of the image.
        """
        return draw_result(image, result, longest_side, self.classes)

    def _init_pipeline(self, cfg: Config) -> Compose:
        steps = after_loading(cfg.test_dataloader.dataset.pipeline)
        return compose([step for step in steps if not step['type'].endswith('Crop')])

    def _load(self, file: str | os.PathLike, classes: Sequence[str] | None) -> None:
        meta = load_whole(self.model, file)
        if classes is None:
            self.classes = classes_of(meta)
        if self.classes and len(self.classes) != self.model.head.num_classes:
            raise ValueError(
                f'Expected {self.model.head.num_classes} names in `classes`, but got '
                f'{len(self.classes)}.'
            )

    def _read(
        self,
        images: Sequence[ImageLike],
        labels: Sequence[int | str] | int | str | None,
        full_size: bool,
    ) -> ImageList:
        seen = None if full_size else input_size(self.pipeline)
        # with twice the network's input, shrinking it is as good as of the whole image
        return ImageList(
            images,
            self._labels(labels, len(images)),
            self.pipeline,
            2 * max(seen) if seen else 0,
        )

    def _labels(
        self, labels: Sequence[int | str] | int | str | None, count: int
    ) -> list[int] | None:
        if labels is None:
            return None
        if self.model.head.predicts_box:
            raise ValueError(
                'Expected no `labels`: this model predicts one box, which knows no class.'
            )
        if not self.shows_one_class:
            raise ValueError(
                'Expected no `labels`: this model shows the mean over the maps of several '
                "classes; set `model.head.map_classes='gt'` for the map of one."
            )
        return label_numbers(labels, count, self.classes, self.model.head.num_classes)

    def _results(
        self, images: Sequence[ImageLike], loader: DataLoader, wanted: Wanted
    ) -> Iterator[dict]:
        for items in loader:
            for item, sample in zip(items, self._predict(items)):
                image = images[item.place]
                name = item.place if isinstance(image, IN_MEMORY) else str(image)
                if sample is None:
                    yield dict(image=name, error=item.error)
                else:
                    seen = item.data['inputs'].shape[-2:]
                    own = result_of_sample(
                        sample, item.size, tuple(seen), wanted, self.classes
                    )
                    yield dict(image=name, **own)

    def _predict(self, items: Sequence[Item]) -> list[DataSample | None]:
        """A sample for each item that could be read, and None for the others."""
        read = [item.data for item in items if item.data is not None]
        batch = collate_images(read, several_sizes=True) if read else {}
        samples = iter(self.forward(batch) if read else ())
        return [None if item.data is None else next(samples) for item in items]
