"""Results as the inferencer gives them, and photographs that they are of."""

from pathlib import Path

import numpy as np
from PIL import Image

from mmwsol.io.formats import BoxCollection
from tests.support.images import picture, turned

CLASSES = ['cat', "dog: 'big' #1", 'cat ', 'no']
# name, size as displayed (H, W), class, boxes
FOUND = [
    ('cat/1.jpg', (30, 40), 0, [(2, 3, 12, 8)]),
    ('dog/1.jpg', (30, 40), 1, [(0, 0, 40, 30), (5, 6, 20.4, 28.7)]),
    ('dog/1.png', (30, 40), 1, []),
    ('my, Mañana ★ cat.JPEG', (30, 40), 2, [(39, 29, 40, 30)]),
    ('turned.jpg', (40, 30), 3, [(3, 20, 9, 33)]),
]


def result(image, size=(30, 40), label=0, boxes=((2, 3, 12, 8),), scores=None):
    """One of :meth:`LocInferencer.stream`'s."""
    boxes = np.array(boxes, float).reshape(-1, 4)
    map_scores = np.linspace(1, 0.5, len(boxes)) if scores is None else scores
    pred_scores = np.full(len(CLASSES), 0.1)
    pred_scores[label] = 0.7
    familiarity = 0.9
    return dict(
        image=str(image),
        image_size=size,
        pred_bboxes=boxes,
        bbox_scores=familiarity * 0.7**0.5 * np.asarray(map_scores),
        map_scores=np.asarray(map_scores),
        class_score=0.7,
        familiarity=familiarity,
        pred_scores=pred_scores,
        pred_label=label,
        map_label=label,
        reason=None if len(boxes) else 'nothing above the threshold',
    )


def make_photographs(root: Path) -> Path:
    """The images of FOUND; each has a red rectangle where its first box is."""
    for name, (height, width), _, boxes in FOUND:
        box = tuple(map(int, boxes[0])) if boxes else (0, 0, 1, 1)
        shown = picture((width, height), box)
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if name == 'turned.jpg':
            file.write_bytes(turned(shown.transpose(Image.Transpose.ROTATE_90)))
        else:
            kind = 'PNG' if name.endswith('png') else 'JPEG'
            shown.save(file, kind, **dict(quality=100) if kind == 'JPEG' else {})
    return root


def collected(root: Path) -> BoxCollection:
    """Results of the images of FOUND, and of one that could not be read."""
    found = BoxCollection(CLASSES, root, dict(config='a.py', checkpoint='b.pth'))
    for name, size, label, boxes in FOUND:
        found.add(result(root / name, size, label, boxes))
    found.add(dict(image=str(root / 'broken.jpg'), error='broken.jpg is truncated'))
    return found
