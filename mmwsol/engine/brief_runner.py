"""A runner for people who want to know how far it is, not how it is done."""

import logging

from mmengine.logging import MMLogger
from mmengine.runner import Runner
from mmpretrain.registry import RUNNERS


@RUNNERS.register_module()
class BriefRunner(Runner):
    """Shows warnings on the terminal and writes the whole log to its file.

    :class:`mmwsol.engine.hooks.epoch_lines_hook.EpochLinesHook` says how far it is. A config
    asks for this runner with ``runner_type='BriefRunner'``.
    """

    def build_logger(self, *args, **kwargs) -> MMLogger:
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.addFilter(is_for_terminal)
        return logger


def is_for_terminal(record: logging.LogRecord) -> bool:
    """Whether a record is a warning that a user can do something about."""
    # mmengine's warnings of the kind are about calls that it makes itself
    deprecation = 'will be deprecated' in record.getMessage()
    return record.levelno >= logging.WARNING and not deprecation
