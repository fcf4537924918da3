"""A work folder goes on only under the settings that it was begun with."""

from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmwsol.reporting.scalars import starts_of
from mmwsol.reporting.settings import NEUTRAL

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


def first_change(config: Config, folder: Path) -> str | None:
    """What a config has otherwise than a work folder's last start, in words, or None.

    Where files lie does not count, nor what is about speed alone.
    """
    starts = [s for s in starts_of(folder) if (s / 'vis_data/config.py').is_file()]
    if not starts:
        return None
    then = _flat(Config.fromfile(starts[-1] / 'vis_data/config.py').to_dict())
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
