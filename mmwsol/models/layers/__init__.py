from mmwsol.models.layers.adl import ADL
from mmwsol.models.layers.attention import InSampleAttention
from mmwsol.models.layers.context_embeddings import ContextEmbeddings
from mmwsol.models.layers.eval_replicate_conv2d import EvalReplicateConv2d
from mmwsol.models.layers.foreground_memory import ForegroundMemory
from mmwsol.models.layers.guided_filter import GuidedFilter
from mmwsol.models.layers.map_generator import MapGenerator

__all__ = [
    'ADL',
    'ContextEmbeddings',
    'EvalReplicateConv2d',
    'ForegroundMemory',
    'GuidedFilter',
    'InSampleAttention',
    'MapGenerator',
]
