from mmwsol.visualization.drawing import (
    contact_sheet,
    draw_box,
    draw_caption,
    draw_prediction,
    overlay,
)
from mmwsol.visualization.visualizer import LocVisualizer

__all__ = [
    'LocVisualizer',
    'contact_sheet',
    'draw_box',
    'draw_caption',
    'draw_prediction',
    'overlay',
]
