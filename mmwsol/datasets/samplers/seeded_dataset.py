"""Augmentation that depends on seed, epoch and sample alone."""

from typing import Any, NamedTuple

from mmpretrain.registry import DATASETS
from torch.utils.data import Dataset

from mmwsol.random_state import set_random_state


class Draw(NamedTuple):
    """A sample to load, and the random state to load it with."""

    index: int
    state: tuple[int, ...]


@DATASETS.register_module()
class SeededDataset(Dataset):
    """A data set whose random transforms are told their random state with the index.

    So it does not matter which worker loads a sample, or what it loaded before.

    Args:
        dataset: Config of the data set.
    """

    def __init__(self, dataset: dict) -> None:
        self.dataset = DATASETS.build(dataset)

    def __getattr__(self, name: str) -> Any:
        if name == 'dataset':  # copied or unpickled, and not yet filled
            raise AttributeError(name)
        return getattr(self.dataset, name)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, draw: Draw | int) -> Any:
        if not isinstance(draw, Draw):
            return self.dataset[draw]
        set_random_state(*draw.state)
        return self.dataset[draw.index]
