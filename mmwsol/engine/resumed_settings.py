"""Settings that a resumed run takes from its checkpoint, whatever the config says now."""

from collections.abc import Iterator
from typing import Any

from mmengine.optim import OptimWrapper
from mmengine.runner import Runner

# what changes while a schedule goes on
PROGRESS = ('base_values', 'last_step', 'param_name', 'verbose')


def without_effect(runner: Runner, checkpoint: dict) -> list[str]:
    """Settings of a config that differ from those a run is resumed with.

    mmengine puts the optimizer's groups and the schedules of the checkpoint in the place of
    those that it has built.

    Args:
        runner: The runner before the checkpoint is loaded.
        checkpoint: The content of the checkpoint.

    Returns:
        For each its dotted key, its value and the one that counts.
    """
    seed = checkpoint.get('meta', {}).get('seed')
    now = runner._randomness_cfg.get('seed')
    found = [*_of_optimizer(runner, checkpoint), *_of_schedules(runner, checkpoint)]
    if None not in (seed, now) and seed != now:
        found.append(_said('randomness.seed', now, seed))
    return found


def _of_optimizer(runner: Runner, checkpoint: dict) -> Iterator[str]:
    then = checkpoint.get('optimizer', {}).get('param_groups')
    if not then or not isinstance(runner.optim_wrapper, OptimWrapper):
        return
    groups = runner.optim_wrapper.optimizer.param_groups
    if len(then) != len(groups):
        raise ValueError(
            f'Expected {len(then)} groups of parameters, as in the checkpoint, but the model '
            f'and `optim_wrapper.paramwise_cfg` make {len(groups)}; resume with the settings '
            'of the run, or start anew from its weights with `load_from`.'
        )
    for name in groups[0]:
        if name in ('params', 'param_names') or (
            name == 'lr' and 'initial_lr' in then[0]
        ):
            continue
        pairs = [
            (own.get(name), old.get(name, own.get(name)))
            for own, old in zip(groups, then)
        ]
        changed = [(own, old) for own, old in pairs if not _same(own, old)]
        if changed:
            name = 'lr' if name == 'initial_lr' else name
            key = f'optim_wrapper.optimizer.{name}'
            if len(changed) < len(groups):
                key = f'optim_wrapper.paramwise_cfg ({name})'
            yield _said(key, *changed[0])


def _of_schedules(runner: Runner, checkpoint: dict) -> Iterator[str]:
    then, now = checkpoint.get('param_schedulers'), runner.param_schedulers
    if not isinstance(then, list) or not isinstance(now, list):
        return
    if len(then) != len(now):
        yield f'param_scheduler: {len(now)} schedules ({len(then)} in the checkpoint)'
    for place, (schedule, old) in enumerate(zip(now, then)):
        key = f'param_scheduler.{place}' if len(now) > 1 else 'param_scheduler'
        own = {k: v for k, v in schedule.state_dict().items() if _is_setting(k)}
        old = {k: v for k, v in old.items() if _is_setting(k)}
        if own.keys() != old.keys():
            yield _said(
                f'{key}.type', type(schedule).__name__, 'that of the checkpoint'
            )
            continue
        for name, value in own.items():
            if not _same(value, old[name]):
                yield _said(f'{key}.{name}', _readable(value), _readable(old[name]))


def _is_setting(name: str) -> bool:
    return name not in PROGRESS and not name.startswith('_')


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return [*first] == [*second]
    return first == second


def _readable(value: Any) -> Any:
    return [*value] if isinstance(value, dict) else value  # milestones are counted


def _said(key: str, now: Any, then: Any) -> str:
    return f'{key}={now} (goes on with {then})'
