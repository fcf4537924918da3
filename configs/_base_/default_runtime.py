_base_ = 'mmpretrain::_base_/default_runtime.py'

# registers mmwsol's modules; another project needs no more than this line
custom_imports = dict(imports=['mmwsol'], allow_failed_imports=False)

custom_hooks = [
    dict(type='ClassCountHook'),  # model and data must agree
    dict(type='FiniteLossHook'),  # a NaN loss ends the run
    dict(type='CheckpointGuardHook'),  # plain when saved, matching when loaded
    dict(type='PreemptionHook'),  # SIGTERM saves, and --resume goes on from there
    dict(type='FamiliarityHook', interval=5),  # of model.familiarity, if that is wanted
    dict(type='SameBuffersHook'),  # evaluations of several processes are of one model
]

# gloo where there is no GPU; tools/train.py and tools/test.py choose. Seconds that one of
# several processes waits for another: one that hangs ends the run within a minute
env_cfg = dict(dist_cfg=dict(backend='nccl', timeout=50))

visualizer = dict(type='LocVisualizer')

default_hooks = dict(
    logger=dict(interval=20),
    # pictures of evaluated images: default_hooks.visualization.enable=True
    visualization=dict(type='LocVisualizationHook'),
    # written whole or not at all; two, so that one can spoil
    checkpoint=dict(type='AtomicCheckpointHook', max_keep_ckpts=2),
)

randomness = dict(seed=0)
