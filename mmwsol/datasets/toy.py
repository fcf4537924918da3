"""A generated data set with the difficulties of weakly supervised localisation."""

from typing import NamedTuple

import cv2
import numpy as np
from mmpretrain.registry import DATASETS

from mmwsol.datasets.base import LocDataset, Record

Color = tuple[int, int, int]

# BGR; class k has part k always, body k mostly, background k more often than another
PART_COLORS: tuple[Color, ...] = (
    (40, 40, 230),
    (230, 60, 40),
    (40, 220, 240),
    (220, 40, 220),
    (250, 250, 250),
    (20, 20, 20),
)
PART_CORNERS = (3, 4, 5, 3, 4, 24)
BODY_COLORS: tuple[Color, ...] = (
    (60, 110, 165),
    (60, 110, 165),
    (140, 150, 160),
    (140, 150, 160),
    (90, 150, 120),
    (90, 150, 120),
)
BACKGROUND_COLORS: tuple[Color, ...] = (
    (190, 170, 110),
    (90, 140, 90),
    (170, 190, 200),
    (130, 110, 90),
    (110, 170, 190),
    (160, 130, 160),
)
CLASSES = ('fox', 'wolf', 'finch', 'crow', 'newt', 'toad')
SIZE = 96
"""Side of the square images in pixels: small enough to train on without a GPU."""
BODY_RATE, BACKGROUND_RATE = 0.95, 0.35
"""Shares of images with their class's own body and background; the rest have another class's.
A background by chance would be a sixth, so it tempts without giving the class away."""


class Scene(NamedTuple):
    """One drawing and its exact mask and box."""

    image: np.ndarray
    """``(S, S, 3)`` uint8, BGR."""
    mask: np.ndarray
    """``(S, S)`` uint8, 1 on body and part."""

    @property
    def box(self) -> list[float]:
        """Tight box of the mask, xyxy with exclusive right and lower edges."""
        ys, xs = np.nonzero(self.mask)
        return [float(v) for v in (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)]


@DATASETS.register_module()
class ToyShapes(LocDataset):
    """Animals made of a large body and a small part, drawn from a seed.

    The part alone decides the class. The body is the class's own in 19 of 20 images,
    the background twice as often as by chance: a classifier needs only the part and is
    tempted by the background, while the box to be found is that of body and part.

    Args:
        num_train: The number of training images.
        num_test: The number of test images.
        seed: The seed of all drawings.
        **kwargs: Arguments of :class:`LocDataset`.
    """

    def __init__(
        self,
        num_train: int = 1200,
        num_test: int = 300,
        seed: int = 0,
        **kwargs,
    ) -> None:
        self.counts = dict(train=num_train, test=num_test)
        self.seed = seed
        super().__init__(**kwargs)

    def read_classes(self) -> list[str]:
        return list(CLASSES)

    def read_records(self) -> list[Record]:
        return [
            Record(
                f'toyshapes/{split}/{i}', i % len(CLASSES), is_train=split == 'train'
            )
            for split, count in self.counts.items()
            for i in range(count)
        ]

    def get_data_info(self, idx: int) -> dict:
        """A record with its drawing; box and mask only in evaluation."""
        info = super().get_data_info(idx)
        _, split, number = info['img_path'].split('/')
        scene = self.draw(int(number), split)
        info['img'] = scene.image
        info['img_shape'] = info['ori_shape'] = scene.image.shape[:2]
        if self.test_mode:
            info['instances'] = [dict(bbox=scene.box, bbox_label=info['gt_label'])]
            info['gt_seg_map'] = scene.mask
        return info

    def draw(self, number: int, split: str) -> Scene:
        """The scene of an image, the same at every call."""
        rng = np.random.default_rng([self.seed, split == 'test', number])
        label = number % len(CLASSES)
        body, background = (
            label
            if rng.random() < rate
            else (label + rng.integers(1, 6)) % len(CLASSES)
            for rate in (BODY_RATE, BACKGROUND_RATE)
        )
        image = self._background(rng, int(background))
        mask = np.zeros(image.shape[:2], np.uint8)
        self._animal(rng, label, int(body), image, mask)
        noise = rng.normal(0, 6, image.shape)
        return Scene(np.clip(image + noise, 0, 255).astype(np.uint8), mask)

    def _without_broken(self, data: list[dict]) -> list[dict]:
        return data  # drawings are not files

    def _background(self, rng: np.random.Generator, kind: int) -> np.ndarray:
        """Stripes (even kinds) or blotches (odd kinds) in the background's color."""
        size = SIZE
        y, x = np.mgrid[:size, :size] / size
        if kind % 2 == 0:
            angle, phase = rng.uniform(0, np.pi), rng.uniform(0, 6)
            tone = np.sin(
                (x * np.cos(angle) + y * np.sin(angle)) * (18 + 4 * kind) + phase
            )
        else:
            coarse = rng.normal(size=(3 + kind, 3 + kind)).astype(np.float32)
            tone = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC).clip(
                -1.5, 1.5
            )
        color = np.array(BACKGROUND_COLORS[kind]) + rng.normal(0, 8, 3)
        return (color + 22 * tone[..., None]).clip(0, 255).astype(np.uint8)

    def _animal(
        self,
        rng: np.random.Generator,
        label: int,
        kind: int,
        image: np.ndarray,
        mask: np.ndarray,
    ) -> None:
        """Draws body and part into image and mask."""
        size = SIZE
        long_axis = size * rng.uniform(0.22, 0.34)
        short_axis = long_axis * rng.uniform(0.5, 0.75)
        angle = rng.uniform(0, 2 * np.pi)
        part_radius = size * rng.uniform(0.055, 0.075)
        reach = long_axis + part_radius
        margin = np.minimum(reach, size / 2 - 2)
        center = rng.uniform(margin, size - margin, 2)
        direction = np.array([np.cos(angle), np.sin(angle)])

        body = np.zeros_like(mask)
        _ellipse(body, center, (long_axis, short_axis), angle)
        paint_body(rng, image, body, kind)
        # legs: parts of the object that only the body's color and place give away
        for along in (-0.5, 0.1):
            start = center + direction * long_axis * along
            side = np.array([-direction[1], direction[0]])
            leg = np.zeros_like(mask)
            end = start + side * short_axis * 1.45
            cv2.line(leg, _point(start), _point(end), 1, max(2, size // 28))
            image[leg > 0] = (np.array(BODY_COLORS[kind]) * 0.6).astype(np.uint8)
            body |= leg
        part = np.zeros_like(mask)
        corners = PART_CORNERS[label]
        turns = angle + 2 * np.pi * np.arange(corners) / corners
        tip = center + direction * long_axis * 0.95
        polygon = tip + part_radius * np.stack([np.cos(turns), np.sin(turns)], 1)
        cv2.fillPoly(part, [np.round(polygon).astype(np.int32)], 1)
        image[part > 0] = PART_COLORS[label]
        mask |= body | part


def paint_body(
    rng: np.random.Generator, image: np.ndarray, body: np.ndarray, kind: int
) -> None:
    """Fills the body with its kind's color and pattern: banded (even) or spotted."""
    size = len(image)
    y, x = np.mgrid[:size, :size]
    spots = (np.sin(x * 0.8) * np.sin(y * 0.8) > 0.3) * 1.0
    pattern = spots if kind % 2 else np.sin(x * 0.9)
    color = np.array(BODY_COLORS[kind]) + rng.normal(0, 10, 3) + 30 * pattern[..., None]
    image[body > 0] = color.clip(0, 255).astype(np.uint8)[body > 0]


def _ellipse(mask: np.ndarray, center: np.ndarray, axes: tuple, angle: float) -> None:
    axes = tuple(int(round(a)) for a in axes)
    cv2.ellipse(mask, _point(center), axes, np.degrees(angle), 0, 360, 1, -1)


def _point(xy: np.ndarray) -> tuple[int, int]:
    return int(round(xy[0])), int(round(xy[1]))
