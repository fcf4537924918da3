"""Boxes for photographs from what they have in common; nothing is trained."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch.utils.data import DataLoader

from mmwsol.apis.inferencer import LocInferencer
from mmwsol.datasets.collate_images import collate_images
from mmwsol.datasets.evenly import FITTED_ON, evenly_of_each
from mmwsol.interruption import outlive


class Colocalizer(LocInferencer):
    """Finds in images what those of a class have in common, by :class:`DDTHead`.

    Difference from its parent's: no checkpoint of a trained model is needed but a pretrained
    backbone, and :meth:`fit` before the first image.

    Args:
        config: A config of DDT; its ``num_classes`` is set.
        classes: Names of the classes; one for images without labels.
        device: As for :class:`LocInferencer`.
        threshold: As for :class:`LocInferencer`.

    Example:
        >>> finder = Colocalizer(config, ['cat', 'dog'])        # doctest: +SKIP
        >>> finder.fit(files, labels)                           # doctest: +SKIP
        >>> results = finder.stream(files, labels=labels)       # doctest: +SKIP
    """

    def __init__(
        self,
        config: Config,
        classes: Sequence[str],
        device: str | torch.device | None = None,
        threshold: float | str = 'otsu',
    ) -> None:
        config.model.head.num_classes = len(classes)
        model = MODELS.build(config.model)
        logger = MMLogger.get_current_instance()
        level = logger.level
        logger.setLevel('WARNING')  # each layer's first weights are of no interest
        model.init_weights()
        logger.setLevel(level)
        model._config = config  # where the host's inferencers look for it
        super().__init__(model, device=device, classes=classes, threshold=threshold)
        if not self.model.head.fits:
            raise ValueError(
                'Expected a `model.head` that is fitted, such as DDTHead, but got '
                f'{type(self.model.head).__name__}.'
            )

    def fit(
        self,
        images: Sequence[str | os.PathLike],
        labels: Sequence[int],
        batch_size: int = 8,
        num_workers: int = 0,
    ) -> Iterator[None]:
        """Looks at up to 30 images of each class, evenly spaced, and fits their maps.

        Args:
            images: Image files; those that cannot be read are passed over.
            labels: The class of each.
            batch_size: The number of images at once.
            num_workers: The number of processes that read images.

        Returns:
            An iterator with a step for each image that is looked at, as many as
            :func:`evenly_of_each` says; the head is fitted when it ends.

        Raises:
            ValueError: No image of a class can be read, or all are of one colour.
        """
        chosen = evenly_of_each(labels, FITTED_ON)
        own = [labels[i] for i in chosen]
        files = self._read([images[i] for i in chosen], own, full_size=False)
        loader = DataLoader(files, batch_size, num_workers=num_workers, collate_fn=list)
        outlive(loader)
        return self._fit(loader, {*labels})

    @torch.no_grad()
    def forward(self, inputs: dict, **kwargs) -> list[DataSample]:
        with self._fast():
            return super().forward(inputs, **kwargs)

    def _fit(self, loader: DataLoader, unseen: set[int]) -> Iterator[None]:
        for items in loader:
            read = [item.data for item in items if item.data is not None]
            if read:
                with torch.no_grad(), self._fast():
                    batch = collate_images(read)
                    data = self.model.data_preprocessor(batch, training=False)
                    feats = self.model.extract_feat(data['inputs'])
                samples = data['data_samples']
                self.model.observe(feats, samples)
                unseen -= {int(sample.gt_label) for sample in samples}
            yield from (None for _ in items)
        if unseen:
            raise ValueError(
                'Expected an image of each class that can be read, but got none of '
                f'{list(self.classes or ())[min(unseen)]!r}.'
            )
        self.model.solve()

    @contextmanager
    def _fast(self) -> Iterator[None]:
        """Features in half precision where the processor has it: four times as fast."""
        device = next(self.model.parameters()).device.type
        with torch.autocast(device, torch.bfloat16, enabled=has_bfloat16(device)):
            yield


def has_bfloat16(device: str) -> bool:
    """Whether a device multiplies in bfloat16, instead of imitating it."""
    if device == 'cuda':
        return torch.cuda.is_bf16_supported()
    known = getattr(torch.ops.mkldnn, '_is_mkldnn_bf16_supported', None)
    return device == 'cpu' and known is not None and bool(known())
