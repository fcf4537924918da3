"""What backbones with a tap have in common."""

from torch import Tensor, nn


class TapMixin:
    """Marks a backbone whose forward gives ``(tap, last)``.

    A head can run the layers after the tap a second time, on other features. Goes before
    the host's backbone among the bases.
    """

    def tail(self, tap: Tensor) -> Tensor:
        """Runs the layers after the tap: of ``(tap, last)``, tap becomes last."""
        raise TypeError(f'Expected {type(self).__name__} to define `tail`.')

    def train(self, mode: bool = True) -> 'TapMixin':
        """As for :class:`torch.nn.Module`; the host's backbones return None."""
        super().train(mode)  # type: ignore[misc]  # of the host's backbone
        return self


def ignore_keys(module: nn.Module, *prefixes: str) -> None:
    """Makes a module skip the parts of a checkpoint that it does not have.

    Args:
        module: For instance a backbone without its parent's classifier.
        prefixes: Starts of the parameter names to skip, below the module.
    """
    # for those who compare keys before they are loaded
    module.ignored_keys = prefixes  # type: ignore[assignment]

    def drop(state_dict: dict, prefix: str, *_) -> None:
        unwanted = tuple(prefix + p for p in prefixes)
        for key in [k for k in state_dict if k.startswith(unwanted)]:
            del state_dict[key]

    module._register_load_state_dict_pre_hook(drop)
