from mmwsol.engine.fit_loop import FitLoop
from mmwsol.engine.hooks.atomic_checkpoint_hook import AtomicCheckpointHook
from mmwsol.engine.hooks.familiarity_hook import FamiliarityHook
from mmwsol.engine.hooks.finite_loss_hook import FiniteLossHook
from mmwsol.engine.hooks.guard_hooks import CheckpointGuardHook, ClassCountHook
from mmwsol.engine.hooks.loc_visualization_hook import LocVisualizationHook
from mmwsol.engine.hooks.preemption_hook import PreemptionHook
from mmwsol.engine.hooks.prior_map_hook import PriorMapHook
from mmwsol.engine.hooks.same_buffers_hook import SameBuffersHook
from mmwsol.engine.loops import ResumableTrainLoop

__all__ = [
    'AtomicCheckpointHook',
    'CheckpointGuardHook',
    'ClassCountHook',
    'FamiliarityHook',
    'FiniteLossHook',
    'FitLoop',
    'LocVisualizationHook',
    'PreemptionHook',
    'PriorMapHook',
    'ResumableTrainLoop',
    'SameBuffersHook',
]
