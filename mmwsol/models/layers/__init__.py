from mmwsol.models.layers.adl import ADL
from mmwsol.models.layers.attention import InSampleAttention
from mmwsol.models.layers.map_generator import MapGenerator

__all__ = ['ADL', 'InSampleAttention', 'MapGenerator']
