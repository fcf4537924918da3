"""Maps kept in files, for another evaluator or for another day."""

import io
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from mmpretrain.registry import METRICS

from mmwsol.evaluation.samples import best_classes, boxes_of, image_id, map_of, maps_of
from mmwsol.io.atomic import write_atomic
from mmwsol.io.map_folders import Annotations, map_file, write_annotations
from mmwsol.io.names import printable


@METRICS.register_module()
class MapFiles(BaseMetric):
    """An evaluator that writes maps and annotations in wsolevaluation's layout, and no number.

    Maps go to ``<folder>/maps/<image id>.npy``, ``(H, W)`` float32, annotations to
    ``<folder>/annotations``, in the pixels of the map; ``mmwsol/io/map_folders.py``
    describes the files and ``tools/eval_maps.py`` evaluates them.

    The layout knows one label an image. Of an image with several, each is written as an
    image of its own, ``<image id>@<label>``, with its map, or the one map that knows no
    class, its boxes, and the best scored classes without the image's others.

    Args:
        folder: The folder to write to. What cannot be written there is named at the end, and
            kept in ``problems``.
        image_root: The folder that image ids are relative to; other images go by their whole
            path.
    """

    default_prefix = 'maps'

    def __init__(
        self,
        folder: str,
        image_root: str = '',
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix)
        self.folder = Path(folder)
        self.image_root = Path(image_root)
        self.problems: list[str] = []

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Writes the maps of a batch."""
        for sample in data_samples:
            maps = maps_of(sample, 'MapFiles')
            image = image_id(sample['img_path'], self.image_root)
            labels = sample['gt_label'].tolist()
            boxes = np.asarray(sample.get('gt_bboxes', ()), np.float64).reshape(-1, 4)
            entry = []
            for place, label in enumerate(labels):
                name = image if len(labels) == 1 else f'{image}@{label}'
                problem = self._write(name, map_of(maps, place, len(labels)))
                own = boxes_of(boxes, label, sample).tolist()
                best = best_classes(label, labels, sample)
                size = maps.shape[-2:][::-1]
                entry.append((name, label, size, own, best, problem))
            self.results.append(entry)

    def compute_metrics(self, results: list[list[tuple]]) -> dict[str, float]:
        content = Annotations([], {}, {})
        self.problems = []
        for image, label, size, boxes, best, problem in chain.from_iterable(results):
            if problem:
                self.problems.append(problem)
            if image in content.labels:
                raise ValueError(
                    f'Expected each image once, but {image} came twice; its map was overwritten.'
                )
            content.ids.append(image)
            content.labels[image] = label
            content.sizes[image] = tuple(size)
            content.boxes[image] = boxes
            if best:
                content.classes[image] = best
        count = len(content.ids) - len(self.problems)
        try:
            write_annotations(self.folder / 'annotations', content)
        except OSError as error:
            self.problems.append(printable(error))
        logger = MMLogger.get_current_instance()
        logger.info(
            f'Wrote {count} maps and their annotations to {printable(self.folder)}.'
        )
        if self.problems:
            logger.warning(
                f'{len(self.problems)} files could not be written, the first: '
                f'{self.problems[0]}'
            )
        return {}

    def _write(self, image: str, score_map: np.ndarray) -> str:
        """Writes a map; says what is wrong if it cannot be written."""
        content = io.BytesIO()
        np.save(content, score_map)
        try:
            write_atomic(
                map_file(self.folder / 'maps', image), content.getvalue(), sync=False
            )
        except OSError as error:
            return printable(error)
        return ''
