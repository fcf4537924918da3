"""Maps kept in files, for another evaluator or for another day."""

import os
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from mmpretrain.registry import METRICS

from mmwsol.evaluation.samples import best_classes, boxes_of, map_of
from mmwsol.io.map_folders import Annotations, map_file, write_annotations


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
        folder: The folder to write to.
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

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Writes the maps of a batch."""
        for sample in data_samples:
            maps = np.asarray(sample['pred_map'].cpu(), np.float32)
            image = self._image_id(sample['img_path'])
            labels = sample['gt_label'].tolist()
            boxes = np.asarray(sample.get('gt_bboxes', ()), np.float64).reshape(-1, 4)
            entry = []
            for place, label in enumerate(labels):
                name = image if len(labels) == 1 else f'{image}@{label}'
                file = map_file(self.folder / 'maps', name)
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open('wb') as out:
                    np.save(out, map_of(maps, place, len(labels)))
                own = boxes_of(boxes, label, sample).tolist()
                best = best_classes(label, labels, sample)
                entry.append((name, label, maps.shape[-2:][::-1], own, best))
            self.results.append(entry)

    def compute_metrics(self, results: list[list[tuple]]) -> dict[str, float]:
        content = Annotations([], {}, {})
        for image, label, size, boxes, best in chain.from_iterable(results):
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
        write_annotations(self.folder / 'annotations', content)
        MMLogger.get_current_instance().info(
            f'Wrote {len(content.ids)} maps and their annotations to {self.folder}.'
        )
        return {}

    def _image_id(self, file: str) -> str:
        path = Path(file)
        if self.image_root.name and path.is_relative_to(self.image_root):
            path = path.relative_to(self.image_root)
        # an id is below the folder of maps, wherever the image is
        parts = Path(os.path.normpath(path)).parts
        return '/'.join(part for part in parts if part not in ('/', '..'))
