"""Which settings a config may have: those in it, and the arguments of what it builds."""

import inspect
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.runner import Runner

from mmwsol.config_arguments import PLACES, known_arguments

# what the runner reads of its whole config, and the tools do
READ = (
    *(
        'activation_checkpointing',
        'compile',
        'custom_imports',
        'efficient_conv_bn_eval',
    ),
    *(
        'find_unused_parameters',
        'model_wrapper_cfg',
        'runner_type',
        'strategy',
        'sync_bn',
    ),
    *('tta_model', 'tta_pipeline'),
)
NEAR = 0.85
"""How alike a new key is to a known one that was probably meant."""


def place_problem(config: Config, key: str, keys: Any) -> str | None:
    """Why a key leads nowhere in a config, or None.

    Args:
        config: The config.
        key: The dotted key.
        keys: All keys that are to be set.
    """
    node: Any = config
    parts = key.split('.')
    for i, part in enumerate(parts):
        here = '.'.join(parts[:i])
        if here in keys and here:
            return (
                f'Expected one of `{here}` and `{key}` in --cfg-options, but got both.'
            )
        if isinstance(node, list):
            if not part.isdigit() or int(part) >= len(node):
                return (
                    f'Expected a number from 0 to {len(node) - 1} after `{here}`, but got '
                    f'`{key}`; it is a list: {_entries(node)}.'
                )
            node = node[int(part)]
        elif isinstance(node, (Config, dict)):
            if part not in node:
                return None
            node = node[part]
        else:
            return (
                f'Expected a dictionary at `{here}` for `{key}`, but got {node!r}; give a '
                f'whole one, {here}="dict({part}=...)".'
            )
    return None


def key_problem(before: Config, after: Config, key: str) -> str | None:
    """Why nothing reads a key, or None; a new one that may be read is mentioned.

    Args:
        before: The config without the settings.
        after: The config with them, which may name other types.
        key: The dotted key.
    """
    parts = key.split('.')
    top = {*READ, *inspect.signature(Runner).parameters}
    if parts[0] not in top:
        return _top_problem(before, key, top)
    old: Any = before
    new: Any = after
    for i, part in enumerate(parts):
        if isinstance(new, list):
            new = new[int(part)]
            old = old[int(part)] if isinstance(old, list) else None
            continue
        if not isinstance(new, (Config, dict)) or part not in new:
            return None  # a word of mmengine's, such as _delete_
        known = isinstance(old, (Config, dict)) and part in old
        if i and not known:
            if old is None and not _says_what_it_takes('.'.join(parts[:i]), new):
                return None  # a dictionary that is new as a whole
            problem = _new_key_problem(before, parts, i, new)
            if problem:
                return problem
        old, new = old[part] if known else None, new[part]
    return None


def _new_key_problem(
    config: Config, parts: list[str], i: int, node: dict
) -> str | None:
    """Why the part i of a key cannot be added to a dictionary, or None."""
    part, place, rest = parts[i], '.'.join(parts[:i]), parts[i + 1 :]
    names, closed = known_arguments(place, node)
    if part in names:
        return None
    others = {*names, *node} - {part}
    alike = get_close_matches(part, others, cutoff=0.6 if closed else NEAR)
    if not closed and not alike:
        if 'type' not in node and PLACES.get(place) != ():
            MMLogger.get_current_instance().warning(
                f'`{".".join(parts)}` is new in the config; whether anything reads it is not '
                'known.'
            )
        return None
    full = '.'.join(parts)
    near = ['.'.join((place, name, *rest)) for name in alike]
    return _unknown(full, near or _nearest(config, full, part), place, names)


def _says_what_it_takes(place: str, node: dict) -> bool:
    return place in PLACES or 'type' in node


def _top_problem(config: Config, key: str, top: set[str]) -> str | None:
    first, _, rest = key.partition('.')
    last = key.rpartition('.')[2]
    if first not in config:
        alike = get_close_matches(first, top)
        near = [name + (f'.{rest}' if rest else '') for name in alike]
        return _unknown(key, near or _nearest(config, key, last))
    places = [path for path in _paths(config, top) if path.endswith(f'.{last}')]
    said = 'a variable of the config that was used when the file was read'
    if places:
        return (
            f'Expected settings that have an effect in --cfg-options, but got `{key}`, {said}; '
            f'set {_listed(places)}.'
        )
    MMLogger.get_current_instance().warning(
        f'`{key}` is {said}; it may have no effect.'
    )
    return None


def _unknown(
    key: str, near: list[str], place: str = '', names: set[str] | None = None
) -> str:
    end = f'; the nearest are {_listed(near)}.' if near else '.'
    if not near and names:
        end = f'; `{place}` takes {", ".join(sorted(names))}.'
    return (
        f'Expected settings that the config has in --cfg-options, but got `{key}`{end}'
    )


def _nearest(config: Config, key: str, part: str) -> list[str]:
    paths = [*_paths(config, {*config})]
    same = [path for path in paths if path.rpartition('.')[2] == part]
    return same or get_close_matches(key, paths, cutoff=0.75)


def _paths(config: Any, top: set[str]) -> Iterator[str]:
    for key, value in config.items():
        if key in top:
            yield key
            yield from _below(key, value)


def _below(place: str, node: Any) -> Iterator[str]:
    if isinstance(node, (list, tuple)):
        node = dict(enumerate(node))
        yield from (p for k, v in node.items() for p in _below(f'{place}.{k}', v))
    elif isinstance(node, dict):
        for key, value in node.items():
            yield f'{place}.{key}'
            yield from _below(f'{place}.{key}', value)


def _entries(node: list) -> str:
    kinds = [item.get('type', '') if isinstance(item, dict) else item for item in node]
    return ', '.join(f'{i} {kind}' for i, kind in enumerate(kinds)) or 'without entries'


def _listed(names: list[str], most: int = 4) -> str:
    return ', '.join(f'`{name}`' for name in names[:most])
