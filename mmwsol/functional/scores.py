"""How well a map's boxes agree with the true boxes, at every threshold.

A threshold t in [0, 1) keeps the pixels of the 8-bit map above ``int(t * maximum)``, so
the thousand published thresholds fall on at most 255 grey levels.
"""

from typing import NamedTuple

import numpy as np

from mmwsol.functional.boxes import (
    BOTTOM_RIGHT_PIXEL,
    box_iou,
    raise_to_ious,
    tight_boxes,
    to_grey,
    whole,
)
from mmwsol.functional.checks import box_problem, boxes_problem, map_problem
from mmwsol.functional.contours.components import trace_components
from mmwsol.functional.contours.landscape import LEVELS
from mmwsol.functional.protocol import Protocol, parse_threshold

THRESHOLDS = np.arange(0, 1, 0.001)
"""The published thresholds."""
EACH_LEVEL = np.arange(LEVELS)[:, None].repeat(2, 1)
CORNER_PIXEL = np.zeros((1, 4), np.int64), np.zeros((1, 2), np.int64)
"""The box of nothing, at one level."""


class BoxRecord(NamedTuple):
    """The outcome of an image at every threshold, in some two hundred bytes."""

    hits: bytes
    """Packed bits of ``(2, D, 255)``: all contours or the protocol's box, IoU, grey level."""
    peak: int
    """The highest grey level of the map."""
    label: int
    """The true class."""
    rank: int
    """The number of classes scored above the true one; -1 without scores."""
    problem: str = ''
    """What kept the map from being judged, so that the image counts as a miss."""
    has_map: bool = True
    """Whether there are thresholds; else a box was judged, and is the same at all of them."""
    percentile: float | None = None
    """The grey level that thresholds of the protocol's box are shares of, where that is
    not the highest."""

    @property
    def whole(self) -> float:
        """The grey level that thresholds of the protocol's box are shares of."""
        return self.peak if self.percentile is None else self.percentile


def level_of(thresholds: float | np.ndarray, peak: float = LEVELS) -> np.ndarray:
    """Grey level of thresholds in [0, 1), shares of the grey level `peak`.

    >>> level_of(np.array([0.0, 0.2, 0.999]))
    array([  0,  51, 254])
    """
    return (np.asarray(thresholds) * peak).astype(np.int64)


def level_ious(
    score_map: np.ndarray, gt_boxes: np.ndarray, protocol: Protocol | None = None
) -> np.ndarray:
    """Best overlap of predicted and true boxes at every grey level.

    Args:
        score_map: The map, ``(H, W)`` in [0, 1].
        gt_boxes: True boxes, ``(B, 4)`` xyxy in the map's pixels, B >= 1.
        protocol: The protocol; by default the published evaluation.

    Raises:
        ValueError: The map is not one, or a box is reversed or missing.

    Returns:
        ``(2, 255)``: the best IoU over all contours and true boxes (MaxBoxAccV2), and that
        of the protocol's box (MaxBoxAcc, GT-known). Where nothing is above a level, the
        box is the corner pixel (0, 0, 0, 0).

    >>> score_map = np.zeros((9, 9)); score_map[1:4, 1:4] = 1; score_map[6, 6] = 0.5
    >>> level_ious(score_map, np.array([[1, 1, 4, 4]]))[:, [0, 200]]
    array([[1., 1.],
           [1., 1.]])
    """
    gt_boxes = np.asarray(gt_boxes, np.float64)
    problem = map_problem(score_map) or boxes_problem(gt_boxes)
    if problem:
        raise ValueError(f'The image {problem}.')
    return _level_ious(score_map, gt_boxes, protocol or Protocol())


def _level_ious(
    score_map: np.ndarray, gt_boxes: np.ndarray, protocol: Protocol
) -> np.ndarray:
    gt_boxes = _cut(gt_boxes, protocol)
    grey = to_grey(score_map)
    measure = protocol.measure if protocol.box == 'largest' else None
    found = trace_components(grey, measure)
    height, width = grey.shape
    last = (width - 1, height - 1) if protocol.clip else (width, height)
    arguments = gt_boxes, BOTTOM_RIGHT_PIXEL[protocol.iou], last
    ious = np.full((2, LEVELS), -1.0)
    raise_to_ious(ious[0], found.boxes, found.levels, *arguments)
    if protocol.box == 'all':
        ious[1] = ious[0]
    else:
        one = found.largest if protocol.box == 'largest' else tight_boxes(grey)
        raise_to_ious(ious[1], one, EACH_LEVEL, *arguments)
    nothing = np.full(1, -1.0)
    raise_to_ious(nothing, *CORNER_PIXEL, *arguments)
    return np.where(ious < 0, nothing, ious)


def box_record(
    score_map: np.ndarray | None,
    gt_boxes: np.ndarray,
    label: int,
    rank: int,
    protocol: Protocol,
    iou_thresholds: tuple[float, ...],
) -> BoxRecord:
    """Judges one map at all thresholds.

    Args:
        score_map: The map, ``(H, W)`` in [0, 1]. Without a map (None), or if map or boxes
            cannot be judged, the record says why and counts as a miss.
        gt_boxes: True boxes, ``(B, 4)`` xyxy in the map's pixels.
        label: The true class.
        rank: The number of classes scored above it, -1 if unknown.
        protocol: The rules by which a map becomes a hit.
        iou_thresholds: The IoUs a hit needs, D of them.
    """
    gt_boxes = np.asarray(gt_boxes, np.float64)
    problem = 'has no map' if score_map is None else map_problem(score_map)
    problem = problem or boxes_problem(gt_boxes)
    if score_map is None or problem:
        empty = np.packbits(np.zeros((2, len(iou_thresholds), LEVELS), bool)).tobytes()
        return BoxRecord(empty, LEVELS, label, rank, problem)
    needed = np.array(iou_thresholds)[:, None]
    ious = _level_ious(score_map, gt_boxes, protocol)
    _, value = parse_threshold(protocol.threshold)
    if isinstance(value, float) and protocol.exact_threshold:
        # a map of 0 and 1 has the threshold's foreground at every level, the first included
        if protocol.percentile != 100:
            value *= whole(score_map, protocol.percentile)
        mask = (score_map > value).astype(np.float32)
        ious[1] = _level_ious(mask, gt_boxes, protocol)[1, 0]
    ious = ious[:, None]
    hits = ious > needed if protocol.strict else ious >= needed
    peak = int(to_grey(score_map.max()))
    packed = np.packbits(hits).tobytes()
    if protocol.percentile == 100:
        return BoxRecord(packed, peak, label, rank)
    percentile = whole(to_grey(score_map), protocol.percentile)
    return BoxRecord(packed, peak, label, rank, percentile=percentile)


def record_of_box(
    box: np.ndarray,
    gt_boxes: np.ndarray,
    label: int,
    rank: int,
    protocol: Protocol,
    iou_thresholds: tuple[float, ...],
) -> BoxRecord:
    """Judges the box of a method that makes no map.

    What a protocol says of maps and thresholds does not apply: the box is taken as it is.

    Args:
        box: The predicted box, ``(1, 4)`` xyxy in pixels of the network's input.
        gt_boxes: As for :func:`box_record`, in the same pixels.
        label: The true class.
        rank: As for :func:`box_record`.
        protocol: The rules by which a box becomes a hit.
        iou_thresholds: The IoUs a hit needs, D of them.
    """
    box, gt_boxes = np.asarray(box, np.float64), np.asarray(gt_boxes, np.float64)
    problem = box_problem(box) or boxes_problem(gt_boxes)
    hit = np.zeros(len(iou_thresholds), bool)
    if not problem:
        iou = box_iou(box, _cut(gt_boxes, protocol), protocol.iou).max()
        needed = np.array(iou_thresholds)
        hit = iou > needed if protocol.strict else iou >= needed
    hits = np.broadcast_to(hit[:, None], (2, len(hit), LEVELS))
    return BoxRecord(
        np.packbits(hits).tobytes(), LEVELS, label, rank, problem, has_map=False
    )


def _cut(gt_boxes: np.ndarray, protocol: Protocol) -> np.ndarray:
    """True boxes on whole pixels, where the protocol has them so."""
    # boxes that a division left just below a whole pixel are meant to be on it
    return np.floor(gt_boxes + 1e-6) if protocol.truncate else gt_boxes
