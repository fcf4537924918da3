"""The order of samples, from any place in an epoch."""

from collections.abc import Iterator, Sized

from mmengine.dist import get_dist_info, sync_random_seed
from mmpretrain.registry import DATA_SAMPLERS
from torch.utils.data import Sampler

from mmwsol.datasets.samplers.seeded_dataset import Draw
from mmwsol.random_state import SAMPLE


@DATA_SAMPLERS.register_module()
class ResumableSampler(Sampler):
    """Gives each index of another sampler a random state, and can start inside an epoch.

    The state follows from the seed, the epoch and the sample's position in the epoch over
    all processes.

    Args:
        sampler: Config of a sampler whose order depends on its ``seed`` and epoch.
        dataset: What is sampled.
        seed: The same in all processes.
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
