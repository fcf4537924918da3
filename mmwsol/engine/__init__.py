from mmwsol.engine import safe_loading  # noqa: F401  only for registration
from mmwsol.engine.atomic_checkpoint_hook import AtomicCheckpointHook
from mmwsol.engine.checkpoint_guard_hook import CheckpointGuardHook
from mmwsol.engine.class_count_hook import ClassCountHook
from mmwsol.engine.finite_loss_hook import FiniteLossHook
from mmwsol.engine.heartbeat_hook import HeartbeatHook
from mmwsol.engine.loc_visualization_hook import LocVisualizationHook
from mmwsol.engine.preemption_hook import PreemptionHook
from mmwsol.engine.resumable_train_loop import ResumableTrainLoop
from mmwsol.engine.same_buffers_hook import SameBuffersHook

__all__ = [
    'AtomicCheckpointHook',
    'CheckpointGuardHook',
    'ClassCountHook',
    'FiniteLossHook',
    'HeartbeatHook',
    'LocVisualizationHook',
    'PreemptionHook',
    'ResumableTrainLoop',
    'SameBuffersHook',
]
