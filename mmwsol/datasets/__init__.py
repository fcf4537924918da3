from mmwsol.datasets.base import LocDataset
from mmwsol.datasets.cub import CUBLoc
from mmwsol.datasets.imagenet import ImageNetLoc
from mmwsol.datasets.toy import ToyShapes
from mmwsol.datasets.transforms import CornerCrop, LoadBoxes, LoadIntactImage

__all__ = [
    'CUBLoc',
    'CornerCrop',
    'ImageNetLoc',
    'LoadBoxes',
    'LoadIntactImage',
    'LocDataset',
    'ToyShapes',
]
