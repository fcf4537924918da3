"""A work folder goes on only under the settings that it was begun with."""

import re
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmwsol.io.text import read_text
from tools.report.scalars import starts_of
from tools.report.settings import NEUTRAL

# where and how a run goes, and what mmengine notes
IGNORED = (
    'auto_scale_lr',
    'env_cfg',
    'experiment_name',
    'launcher',
    'load_from',
    'model_wrapper_cfg',
    'origin',
    'resume',
    'work_dir',
)
# keys are in the order of the alphabet; a file that a kill cut off does not end so
END = re.compile(r"""^work_dir = .*['"]\s*\Z""", re.M | re.S)


def first_change(config: Config, folder: Path) -> str | None:
    """What a config has otherwise than a work folder's last start, in words, or None.

    Where files lie does not count, nor what is about speed alone.
    """
    files = [start / 'vis_data/config.py' for start in starts_of(folder)]
    whole = [file for file in files if file.is_file() and END.search(read_text(file))]
    if not whole:
        return None
    then = _flat(Config.fromfile(whole[-1]).to_dict())
    now = _flat(config.to_dict())
    for key in [*now, *(key for key in then if key not in now)]:
        if now.get(key) != then.get(key):
            return f'Expected `{key}` to be {then.get(key)!r}, but got {now.get(key)!r}'
    return None


def _flat(value: Any, key: str = '') -> dict[str, Any]:
    """Leaves by their dotted keys, without those that do not count."""
    if key in IGNORED or key.endswith(NEUTRAL):
        return {}
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    else:
        folders = isinstance(value, str) and '/' in value
        return {key: Path(value).name if folders else value}
    return {
        name: leaf
        for part, inner in items
        for name, leaf in _flat(inner, f'{key}.{part}' if key else str(part)).items()
    }
