"""Whether a checkpoint belongs to a model and to the classes of a data set."""

import re
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from mmwsol.models.pretrained import below, mismatch, surplus

SHOWN = 20
"""Class names that an error shows of a list."""
FAMILIARITY = 'familiarity.'


def state_of(checkpoint: dict) -> dict[str, Tensor]:
    """The state dict of a checkpoint, as named by the model without a wrapper."""
    state = checkpoint.get('state_dict', checkpoint)
    return {
        key.removeprefix('module.'): value
        for key, value in (state.items() if isinstance(state, dict) else ())
        if isinstance(key, str)
    }


def meta_of(checkpoint: dict) -> dict:
    """What a checkpoint says of itself; files of other programs may say nothing."""
    meta = checkpoint.get('meta')
    return meta if isinstance(meta, dict) else {}


def classes_of(meta: dict) -> list[str] | None:
    """The names of the classes that a checkpoint was trained on, if it knows them."""
    about = meta.get('dataset_meta')
    names = about.get('classes') if isinstance(about, dict) else None
    return [str(name) for name in names] if isinstance(names, (list, tuple)) else None


def parts_of(localizer: nn.Module) -> dict[str, str]:
    """The types of a localizer's parts, which tell methods with the same weights apart."""
    named = {
        name: getattr(localizer, name, None) for name in ('backbone', 'neck', 'head')
    }
    named |= {f'plugin {k}': v for k, v in getattr(localizer, 'plugins', {}).items()}
    return {name: _kind(part) for name, part in named.items() if part is not None}


def _kind(part: nn.Module) -> str:
    names = getattr(part, 'reads_weights_by', ())
    options = [f' ({name})' for name in names if getattr(part, name)]
    return f'{type(part).__name__}{"".join(options)}'


def check_match(
    localizer: nn.Module, checkpoint: dict, file: str, part: str = ''
) -> None:
    """Refuses a checkpoint that is not a localizer's, or does not fill a named part of it.

    Args:
        localizer: The model.
        checkpoint: The content of the file.
        file: The file's name, for the error.
        part: The part that must be filled, such as `'backbone'`; the rest may be another
            method's. By default the checkpoint must be this method's, neither more nor less.
    """
    state = below(state_of(checkpoint), part)
    if not part:
        # of no method: a checkpoint may know it or not, and a config may want it or not
        state = {k: v for k, v in state.items() if not k.startswith(FAMILIARITY)}
        own_state = localizer.state_dict()
        state |= {k: v for k, v in own_state.items() if k.startswith(FAMILIARITY)}
    problem = mismatch(localizer.get_submodule(part), state)
    if not part:
        own, found = parts_of(localizer), meta_of(checkpoint).get('parts')
        if isinstance(found, dict) and found != own:
            problem = f'it is one of {_listed(found.values())}'
        problem = problem or surplus(localizer, state)
    if problem:
        parts = _listed(parts_of(localizer).values())
        raise ValueError(
            f'Expected a checkpoint of {type(localizer).__name__} with {parts} in {file}, '
            f'but {problem}; use the config it was trained with.'
        )


def check_classes(
    trained: Sequence[str] | None,
    found: Sequence[str],
    file: str,
    where: str,
    otherwise: str = '',
) -> None:
    """Refuses data whose classes are not those of a checkpoint, by name and order.

    Lists that number the classes, and ILSVRC's `n01440764`, name none: of those against names
    the numbers of classes are compared alone.

    Args:
        trained: The names in the checkpoint, or None where it has none.
        found: The names in the data.
        file: What has the first ones, for the error.
        where: What has the others.
        otherwise: What else a user may want to do.
    """
    if trained is None or [*trained] == [*found]:
        return
    if len(trained) == len(found) and _numbered(trained) != _numbered(found):
        return
    raise ValueError(
        f'Expected the {len(trained)} classes of {file} in {where}, in the same order, but got '
        f'{len(found)} that differ.\n'
        f'  {file}: {_from_difference(trained, found)}\n'
        f'  {where}: {_from_difference(found, trained)}\n'
        'Give the classes the names they had in training, or list those of the first line in '
        f'`classes` of the data set, which sets their order.{otherwise}'
    )


def _numbered(names: Sequence[str]) -> bool:
    return all(re.fullmatch(r'n?\d+', str(name)) for name in names)


def _from_difference(names: Sequence[str], others: Sequence[str]) -> str:
    """All names, or those from the first difference on where there are many."""
    pairs = zip(names, others)
    same = next(
        (i for i, (a, b) in enumerate(pairs) if a != b), min(len(names), len(others))
    )
    start = same if len(names) > SHOWN else 0
    shown = ', '.join(map(str, names[start : start + SHOWN]))
    before = f'({start} that agree), ' if start else ''
    return before + shown + (', ...' if start + SHOWN < len(names) else '')


def _listed(names: Any) -> str:
    *first, last = map(str, names)
    return f'{", ".join(first)} and {last}' if first else last
