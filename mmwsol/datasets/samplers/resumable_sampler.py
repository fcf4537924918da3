"""The order of samples from any place in an epoch, and augmentation that follows from it.

The sampler sends a random state along with each index, and the data set sets it before it
loads the sample: one does nothing without the other.
"""

from collections.abc import Iterator, Sized
from typing import Any, NamedTuple

from mmengine.dist import get_dist_info, sync_random_seed
from mmpretrain.registry import DATA_SAMPLERS, DATASETS
from torch.utils.data import Dataset, Sampler

from mmwsol.random_state import SAMPLE, set_random_state


class Draw(NamedTuple):
    """A sample to load, and the random state to load it with."""

    index: int  # type: ignore[assignment]  # hides a method that nobody calls
    """The sample's index in the data set."""
    state: tuple[int, ...]
    """The numbers for :func:`mmwsol.random_state.set_random_state`."""


@DATA_SAMPLERS.register_module()
class ResumableSampler(Sampler):
    """Gives each index of another sampler a random state, and can start inside an epoch.

    The state follows from the seed, the epoch and the sample's position in the epoch over
    all processes.

    Args:
        sampler: The config of a sampler whose order depends on its ``seed`` and epoch.
        dataset: The data set that is sampled.
        seed: The seed, the same in all processes; by default one that they agree on.
    """

    def __init__(self, sampler: dict, dataset: Sized, seed: int | None = None) -> None:
        self.seed = sync_random_seed() if seed is None else seed
        self.sampler = DATA_SAMPLERS.build(
            sampler, default_args=dict(dataset=dataset, seed=self.seed)
        )
        self.epoch = 0
        self.start = 0  # samples that the next pass leaves out

    def set_seed(self, seed: int) -> None:
        """Takes the seed of the run that is resumed."""
        self.seed = self.sampler.seed = seed

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch
        self.sampler.set_epoch(epoch)

    def __len__(self) -> int:
        return len(self.sampler)

    def __iter__(self) -> Iterator[Draw]:
        rank, processes = get_dist_info()
        for number, index in enumerate(self.sampler):
            if number >= self.start:
                position = number * processes + rank
                yield Draw(index, (self.seed, SAMPLE, self.epoch, position))


@DATASETS.register_module()
class SeededDataset(Dataset):
    """A data set whose random transforms are told their random state with the index.

    So it does not matter which worker loads a sample, or what the worker has loaded so far.

    Args:
        dataset: The config of the data set.
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
