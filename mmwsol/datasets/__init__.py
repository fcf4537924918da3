from mmwsol.datasets.base import LocDataset
from mmwsol.datasets.cub import CUBLoc
from mmwsol.datasets.custom import CustomLoc
from mmwsol.datasets.imagenet import ImageNetLoc
from mmwsol.datasets.lists import ListLoc
from mmwsol.datasets.openimages import OpenImagesLoc
from mmwsol.datasets.samplers.resumable_sampler import ResumableSampler, SeededDataset
from mmwsol.datasets.toy import ToyShapes
from mmwsol.datasets.transforms.corner_crop import CornerCrop
from mmwsol.datasets.transforms.hide_and_seek import HideAndSeek
from mmwsol.datasets.transforms.load_boxes import LoadBoxes
from mmwsol.datasets.transforms.load_intact_image import LoadIntactImage
from mmwsol.datasets.transforms.load_masks import LoadMasks
from mmwsol.datasets.transforms.load_pseudo_box import LoadPseudoBox
from mmwsol.datasets.transforms.random_resized_box_crop import RandomResizedBoxCrop
from mmwsol.datasets.voc import VOCLoc

__all__ = [
    'CUBLoc',
    'CornerCrop',
    'CustomLoc',
    'HideAndSeek',
    'ImageNetLoc',
    'ListLoc',
    'LoadBoxes',
    'LoadIntactImage',
    'LoadMasks',
    'LoadPseudoBox',
    'LocDataset',
    'OpenImagesLoc',
    'RandomResizedBoxCrop',
    'ResumableSampler',
    'SeededDataset',
    'ToyShapes',
    'VOCLoc',
]
