"""Layers placed after other layers of a network by name.

A plugin is a module ``feature -> feature``. One whose attention a loss reads is an
:class:`AttentionLayer`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial

from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.structures import Attended


class AttentionLayer(nn.Module):
    """A plugin whose output in training is :class:`mmwsol.structures.Attended`."""


def place_plugins(network: nn.Module, plugins: Sequence[dict]) -> nn.ModuleDict:
    """Builds plugins and hooks each behind its layer; the network's layers stay as they are.

    Args:
        network: The model; layers are named as in its ``state_dict``.
        plugins: Each ``dict(module=config, after=[layer names])``. Every layer gets a
            plugin of its own.

    Returns:
        The plugins, by layer name with dashes for dots.
    """
    layers = {name: layer for name, layer in network.named_modules() if name}
    placed = nn.ModuleDict()
    for plugin in plugins:
        for name in plugin['after']:
            if name not in layers:
                raise ValueError(
                    unknown_layer(name, list(layers), 'model.plugins[].after')
                )
            key = name.replace('.', '-')
            if key in placed:
                raise ValueError(
                    f'Expected one plugin after each layer in `model.plugins`, but got two '
                    f'after {name!r}.'
                )
            placed[key] = MODELS.build(plugin['module'])
            # A deep copy, such as an EMA model's, copies a partial's arguments and so
            # calls its own plugin; a closure would go on calling the original's.
            layers[name].register_forward_hook(partial(_pass_on, placed[key]))
    return placed


@contextmanager
def watching(plugins: nn.ModuleDict) -> Iterator[list[Attended]]:
    """Collects what plugins have to say during a pass, in the order of their layers."""
    seen: list[Attended] = []

    def note(plugin: nn.Module, args: tuple, output: Tensor | Attended) -> None:
        if isinstance(output, Attended):
            seen.append(output)

    handles = [plugin.register_forward_hook(note) for plugin in plugins.values()]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def outputs_of(network: nn.Module, names: Sequence[str]) -> Iterator[list[Tensor]]:
    """Collects what layers give during a pass, after the plugins behind them.

    Args:
        network: The model.
        names: Names of layers, each of which is passed once.
    """
    outputs: dict[str, Tensor] = {}
    found: list[Tensor] = []

    def note(name: str, layer: nn.Module, args: tuple, output: Tensor) -> None:
        outputs[name] = output

    handles = [
        network.get_submodule(name).register_forward_hook(partial(note, name))
        for name in names
    ]
    try:
        yield found
        missing = [name for name in names if name not in outputs]
        if missing:
            raise ValueError(
                'Expected layers that features pass through in `model.head.levels`, but got '
                f'{missing[0]!r}.'
            )
        found += [outputs[name] for name in names]
    finally:
        for handle in handles:
            handle.remove()


def _pass_on(
    plugin: nn.Module, layer: nn.Module, args: tuple, output: Tensor
) -> Tensor:
    result = plugin(output)
    return result.feat if isinstance(result, Attended) else result


def unknown_layer(name: str, layers: list[str], key: str) -> str:
    """Says which layers there are where a name goes wrong.

    Args:
        name: The name.
        layers: Names of all layers.
        key: The setting that has the name.
    """
    known = name
    while known and known not in layers:
        known = known.rpartition('.')[0]
    depth = known.count('.') + 2 if known else 1
    near = [
        layer
        for layer in layers
        if layer.startswith(f'{known}.' if known else '') and layer.count('.') < depth
    ]
    candidates = near or get_close_matches(name, layers, n=10, cutoff=0)
    return (
        f'Expected names of layers of the model in `{key}`, but got {name!r}; '
        f'{known or "the model"} has {", ".join(candidates)}.'
    )
