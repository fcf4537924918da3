from mmwsol.models.layers.map_generator import MapGenerator

__all__ = ['MapGenerator']
