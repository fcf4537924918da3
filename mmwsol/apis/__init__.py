from mmwsol.apis.inferencer import LocInferencer

__all__ = ['LocInferencer']
