"""Random numbers that depend on the place in a run alone, not on what the process has drawn."""

import random

import numpy as np
import torch

# the purpose of the numbers, so that a step and a sample never share them
STEP, SAMPLE = range(2)


def set_random_state(*place: int) -> None:
    """Sets every random state of this process from a few numbers.

    Args:
        *place: The seed, the purpose, and numbers that tell this draw from others, such as
            the epoch and the sample's position in it; none negative.
    """
    words = np.random.SeedSequence(place).generate_state(8)
    random.seed(words[:2].tobytes())
    np.random.seed(words[2:6])  # noqa: NPY002  the state that transforms draw from
    seed = int(words[6]) << 32 | int(words[7])
    # torch.manual_seed takes 0.4 ms where CUDA has not been asked for, as in workers
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)
