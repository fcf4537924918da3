"""Keeps maps in files, for another evaluator or for another day."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from mmpretrain.registry import METRICS

from mmwsol.functional.layout import Annotations, map_file, write_annotations

BEST = 5


@METRICS.register_module()
class MapFiles(BaseMetric):
    """Writes maps and annotations in wsolevaluation's layout; reports no number.

    Maps go to ``<folder>/maps/<image id>.npy``, ``(H, W)`` float32, annotations to
    ``<folder>/annotations``, in the pixels of the map; ``mmwsol/functional/layout.py``
    describes the files and ``tools/eval_maps.py`` evaluates them.

    Args:
        folder: To write to.
        image_root: What image ids are relative to; other images go by their whole path.
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
            file = map_file(self.folder / 'maps', image)
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open('wb') as out:
                np.save(out, maps[0] if len(maps) == 1 else maps)
            label = int(sample['gt_label'][0])
            best = []
            if 'pred_score' in sample:
                scores = np.asarray(sample['pred_score'].cpu(), np.float64)
                # of equal scores the true class first, as a rank counts them
                order = np.lexsort((np.arange(len(scores)) != label, -scores))
                best = order[:BEST].tolist()
            boxes = np.asarray(sample.get('gt_bboxes', ()), np.float64).reshape(-1, 4)
            self.results.append(
                (image, label, maps.shape[-2:][::-1], boxes.tolist(), best)
            )

    def compute_metrics(self, results: list[tuple]) -> dict[str, float]:
        content = Annotations([], {}, {})
        for image, label, size, boxes, best in results:
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
            f'Wrote {len(results)} maps and their annotations to {self.folder}.'
        )
        return {}

    def _image_id(self, path: str) -> str:
        path = Path(path)
        if self.image_root.name and path.is_relative_to(self.image_root):
            path = path.relative_to(self.image_root)
        return path.as_posix().lstrip('/')
