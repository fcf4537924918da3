"""Images of a loader put together in batches, whether or not they have one size."""

from collections.abc import Sequence

from mmengine.dataset import default_collate, pseudo_collate
from mmengine.registry import FUNCTIONS
from torch import Tensor


@FUNCTIONS.register_module()
def collate_images(batch: Sequence[dict], several_sizes: bool = False) -> dict:
    """A batch as mmengine's ``default_collate`` makes it, where images have one size.

    Args:
        batch: What the pipeline gives of each image.
        several_sizes: Whether images may differ in size, as with ``Resize(keep_ratio=True)``:
            then ``inputs`` is a list, which :class:`mmwsol.models.Localizer` tests in groups
            of one size. Not in training, whose loss is the whole batch's.

    Raises:
        ValueError: Images of several sizes, which are not allowed.
    """
    images = [item['inputs'] for item in batch]
    sizes = {tuple(i.shape[-2:]): None for i in images if isinstance(i, Tensor)}
    if len(sizes) < 2:
        return default_collate(batch)
    if several_sizes:
        return pseudo_collate(batch)
    (height, width), other, *_ = sizes
    raise ValueError(
        'Expected images of one size from `train_dataloader.dataset.pipeline`, but got '
        f'{height} x {width} and {other[0]} x {other[1]} in one batch; end it with a crop, or '
        'with a Resize to a fixed size, or set `train_dataloader.batch_size=1`.'
    )
