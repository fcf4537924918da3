"""Random crops and flips of whole batches.

Shapes: ``N`` images of ``C`` channels, ``H, W`` pixels, ``h, w`` of the crop.
"""

from collections.abc import Sequence

import torch
from mmengine.dist import get_rank
from mmpretrain.models import ClsDataPreprocessor
from mmpretrain.registry import MODELS
from torch import Tensor


@MODELS.register_module()
class BatchAugmentPreprocessor(ClsDataPreprocessor):
    """Crops and flips training batches on the model's device, then does what its parent does.

    Takes the place of RandomCrop and RandomFlip in the training pipeline, with offsets and
    flips of the same distribution, each image its own. Data samples stay as the pipeline
    left them. The seed is drawn from torch's generator of the CPU and differs between
    processes.

    Args:
        crop_size: Side of the crop in pixels, or its height and width.
        flip_prob: Probability that an image is mirrored, left to right.
        **kwargs: As for :class:`mmpretrain.models.ClsDataPreprocessor`.
    """

    def __init__(
        self, crop_size: int | Sequence[int], flip_prob: float = 0.5, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        size = (crop_size, crop_size) if isinstance(crop_size, int) else crop_size
        if len(size) != 2 or min(size) < 1:
            raise ValueError(
                'Expected `model.data_preprocessor.crop_size` to be a positive number of '
                f'pixels or two, height and width, but got {crop_size!r}.'
            )
        if not 0 <= flip_prob <= 1:
            raise ValueError(
                'Expected `model.data_preprocessor.flip_prob` to be in [0, 1], but got '
                f'{flip_prob!r}.'
            )
        self.crop_size = tuple(size)
        self.flip_prob = flip_prob

    def forward(self, data: dict, training: bool = False) -> dict:
        if training:
            inputs = self.cast_data(data['inputs'])
            self._check(inputs)
            # not the device's own generator: processes share its seed
            seed = int(torch.randint(2**31, ())) + get_rank()
            generator = torch.Generator(inputs.device).manual_seed(seed)
            inputs = crop_and_flip(inputs, self.crop_size, self.flip_prob, generator)
            data = {**data, 'inputs': inputs}
        return super().forward(data, training)

    def _check(self, inputs: Tensor | list[Tensor]) -> None:
        if not isinstance(inputs, Tensor):
            raise ValueError(
                'Expected a batch (N, C, H, W) for BatchAugmentPreprocessor, but got a list '
                "of images; set `train_dataloader.collate_fn` to dict(type='default_collate')."
            )
        size = tuple(inputs.shape[-2:])
        if size[0] < self.crop_size[0] or size[1] < self.crop_size[1]:
            raise ValueError(
                f'Expected images of at least {self.crop_size} pixels '
                f'(`model.data_preprocessor.crop_size`), but got {size}; change the Resize '
                'of the training pipeline.'
            )


def crop_and_flip(
    images: Tensor,
    size: tuple[int, int],
    flip_prob: float,
    generator: torch.Generator,
) -> Tensor:
    """A crop of each image, some of them mirrored.

    Args:
        images: ``(N, C, H, W)``.
        size: ``h, w``.
        flip_prob: Probability of being mirrored.
        generator: On the images' device.

    Returns:
        ``(N, C, h, w)``.
    """
    count, device = len(images), images.device

    def draw(places: int) -> Tensor:
        return torch.randint(places, (count,), generator=generator, device=device)

    both = torch.stack([images, images.flip(-1)])
    windows = both.unfold(3, size[0], 1).unfold(4, size[1], 1)  # a view
    top, left = draw(windows.shape[3]), draw(windows.shape[4])
    mirrored = torch.rand(count, generator=generator, device=device) < flip_prob
    return windows[mirrored.long(), torch.arange(count, device=device), :, top, left]
