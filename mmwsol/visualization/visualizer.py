"""Predicted and true boxes on an image, for OpenMMLab's visual backends."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.dist import master_only
from mmengine.visualization import LocalVisBackend
from mmpretrain.registry import VISUALIZERS
from mmpretrain.structures import DataSample
from mmpretrain.visualization import UniversalVisualizer

from mmwsol.functional import map_boxes, otsu_threshold
from mmwsol.io.pictures import write_picture
from mmwsol.visualization.drawing import draw_prediction


@VISUALIZERS.register_module()
class LocVisualizer(UniversalVisualizer):
    """The host's visualizer with one more verb, :meth:`visualize_loc`.

    A picture that cannot be written to a folder is an error, not passed over.
    """

    @master_only
    def add_image(self, name: str, image: np.ndarray, step: int = 0) -> None:
        """Gives a picture ``(H, W, 3)``, RGB, to the backends."""
        for backend in self._vis_backends.values():
            if isinstance(backend, LocalVisBackend):
                folder = Path(backend.experiment._img_save_dir)
                write_picture(folder / f'{name}_{step}.png', image[..., ::-1])
            else:
                backend.add_image(name, image, step)

    @master_only
    def visualize_loc(
        self,
        image: np.ndarray,
        data_sample: DataSample,
        classes: Sequence[str] | None = None,
        threshold: float | None = None,
        show: bool = False,
        wait_time: float = 0,
        out_file: str | None = None,
        name: str = '',
        step: int = 0,
    ) -> None:
        """Draws an image under its map, with boxes, class and score.

        Args:
            image: ``(H, W, 3)`` uint8, RGB, of the map's size.
            data_sample: With ``pred_map (M, H, W)``, whose first map is drawn, or
                ``pred_bboxes``; the map's box if there are none; and ``gt_bboxes`` and
                ``pred_score`` where they are known.
            classes: Names of the classes.
            threshold: The share of the map's maximum above which it is the object; None
                for Otsu's.
            show: Opens a window.
            wait_time: How long, in seconds; 0 is until a key is pressed.
            out_file: Saves the picture there instead of in the backends.
            name: The name of the picture in the backends.
            step: As for :meth:`mmengine.visualization.Visualizer.add_image`.

        Raises:
            OSError: The picture cannot be written.
        """
        score_map = None
        if 'pred_map' in data_sample:
            score_map = np.asarray(data_sample.pred_map[0].cpu(), np.float32)
        if score_map is None or 'pred_bboxes' in data_sample:
            boxes = data_sample.pred_bboxes.cpu().numpy()
        else:
            if threshold is None:
                threshold = otsu_threshold(score_map)
            boxes = map_boxes(score_map, threshold)
        drawn = draw_prediction(
            image[..., ::-1],
            score_map,
            boxes,
            data_sample.get('gt_bboxes', ()),
            caption(data_sample, classes),
        )[..., ::-1]
        self.set_image(drawn)
        if show:
            self.show(drawn, win_name=name, wait_time=wait_time)
        if out_file is not None:
            write_picture(out_file, drawn[..., ::-1])
        else:
            self.add_image(name, drawn, step=step)


def caption(data_sample: DataSample, classes: Sequence[str] | None) -> str:
    """Predicted class and score, nothing where they are not known."""
    if 'pred_score' not in data_sample:
        return ''
    label = int(data_sample.pred_score.argmax())
    name = classes[label] if classes else label
    return f'{name} {float(data_sample.pred_score[label]):.2f}'
