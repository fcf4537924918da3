"""What is made of a result of :class:`mmwsol.apis.LocInferencer`."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from mmpretrain.structures import DataSample

from mmwsol.apis.image_like import ImageLike, pixels_of
from mmwsol.functional import resize_maps
from mmwsol.io.formats.box_collection import class_of_boxes
from mmwsol.visualization import draw_prediction

SCORES = 5
"""Boxes whose scores are written on a picture."""


def draw_result(
    image: ImageLike,
    result: dict,
    longest_side: int | None = None,
    classes: Sequence[str] | None = None,
) -> np.ndarray:
    """The image under its map, if it has one, with boxes, class and scores or why there is none.

    Args:
        image: The image.
        result: Its result.
        longest_side: The pixels that the picture may have at most on its longer side; None
            for the size of the image.
        classes: Class names, where they are known.
    """
    label = class_of_boxes(result)
    scores = [f'{score:.2f}' for score in result['bbox_scores'][:SCORES]]
    said = ' '.join(scores) or f': no box, {result["reason"]}'
    caption = f'{classes[label] if classes else label} {said}'.replace(' :', ':')
    height, width = result['image_size']
    share = min(1.0, longest_side / max(height, width)) if longest_side else 1.0
    side = int(share * min(height, width)) if share < 1 else 0
    picture, score_map = pixels_of(image, side), result['pred_map']
    size = max(1, round(share * height)), max(1, round(share * width))
    if picture.shape[:2] != size:
        picture = cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)
    if score_map is not None and score_map.shape != size:
        score_map = resize_maps(torch.from_numpy(score_map)[None], size)
        score_map = score_map.clamp(0, 1)[0].numpy()
    boxes = (share * np.asarray(result['pred_bboxes'])).tolist()
    return draw_prediction(picture, score_map, boxes, caption=caption)


def as_sample(result: dict) -> DataSample:
    """A result as a data sample."""
    sample = DataSample(metainfo=dict(img_path=str(result['image'])))
    if 'error' in result:
        sample.set_metainfo(dict(error=result['error']))
        return sample
    sample.set_pred_score(torch.from_numpy(result['pred_scores']))
    sample.set_pred_label(result['pred_label'])
    if result['pred_map'] is not None:
        sample.set_field(torch.from_numpy(result['pred_map'])[None], 'pred_map')
    sample.set_field(torch.from_numpy(result['pred_bboxes']), 'pred_bboxes')
    return sample
