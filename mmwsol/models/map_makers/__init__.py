from mmwsol.models.map_makers.bag_cams import BagCAMs
from mmwsol.models.map_makers.library_maps import (
    GradCAM,
    GradCAMPlusPlus,
    LayerCAM,
    ScoreCAM,
)
from mmwsol.models.map_makers.map_maker import MapMaker
from mmwsol.models.map_makers.pc1 import PC1

__all__ = [
    'PC1',
    'BagCAMs',
    'GradCAM',
    'GradCAMPlusPlus',
    'LayerCAM',
    'MapMaker',
    'ScoreCAM',
]
