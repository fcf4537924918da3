"""A picture of a table of pictures."""

from collections.abc import Sequence

import cv2
import numpy as np

from mmwsol.visualization.drawing import GT_COLOR, draw_box, draw_prediction


def panel(
    image: np.ndarray,
    height: int,
    score_map: np.ndarray | None = None,
    boxes: Sequence[Sequence[float]] = (),
    gt_boxes: Sequence[Sequence[float]] = (),
    caption: str = '',
) -> np.ndarray:
    """The image at a height, with true boxes; with a map, under it and with its boxes.

    Lines and letters are drawn after the resize, so that they are as sharp on small images.

    Args:
        image: ``(H, W, 3)`` uint8, BGR.
        height: Of the panel, in pixels.
        score_map: ``(H, W)`` in [0, 1].
        boxes: Predicted, xyxy in the image's pixels.
        gt_boxes: The same, true.
        caption: A line of text over the map.
    """
    scale = height / image.shape[0]
    width = max(1, round(image.shape[1] * scale))
    shrinks = scale < 1
    scales = np.array([width / image.shape[1], scale] * 2)
    gt_boxes = [np.asarray(box) * scales for box in gt_boxes]
    picture = cv2.resize(
        image,
        (width, height),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    if score_map is None:
        for box in gt_boxes:
            picture = draw_box(picture, box, GT_COLOR)
        return picture
    heat = cv2.resize(score_map, (width, height), interpolation=cv2.INTER_LINEAR)
    boxes = [np.asarray(box) * scales for box in boxes]
    return draw_prediction(picture, heat, boxes, gt_boxes, caption)
