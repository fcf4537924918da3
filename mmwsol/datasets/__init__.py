from mmwsol.datasets.base import LocDataset
from mmwsol.datasets.cub import CUBLoc
from mmwsol.datasets.custom import CustomLoc
from mmwsol.datasets.imagenet import ImageNetLoc
from mmwsol.datasets.lists import ListLoc
from mmwsol.datasets.toy import ToyShapes
from mmwsol.datasets.transforms import CornerCrop, LoadBoxes, LoadIntactImage

__all__ = [
    'CUBLoc',
    'CornerCrop',
    'CustomLoc',
    'ImageNetLoc',
    'ListLoc',
    'LoadBoxes',
    'LoadIntactImage',
    'LocDataset',
    'ToyShapes',
]
