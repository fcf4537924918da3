"""As default_runtime.py; the terminal shows a line an epoch, and the log file has the rest."""

_base_ = 'default_runtime.py'

runner_type = 'BriefRunner'
custom_hooks = [*_base_.custom_hooks, dict(type='EpochLinesHook')]
