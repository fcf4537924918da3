from mmwsol.apis.classifier import convert_classifier
from mmwsol.apis.inferencer import LocInferencer

__all__ = ['LocInferencer', 'convert_classifier']
