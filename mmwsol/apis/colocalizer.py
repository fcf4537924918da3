"""Boxes for photographs from what they have in common; nothing is trained."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from zlib import crc32

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

FEW = 4
"""Images that differ, of which fewer than this do not tell an object from what is around it."""


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
            ValueError: No image of a class can be read, or each is of one colour.
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

    def _fit(self, loader: DataLoader, labels: set[int]) -> Iterator[None]:
        # what tells images apart; a picture that is there ten times says no more than one
        seen: dict[int, set[int]] = {label: set() for label in sorted(labels)}
        for items in loader:
            read = [item.data for item in items if item.data and shows(item.data)]
            if read:
                with torch.no_grad(), self._fast():
                    batch = collate_images(read)
                    data = self.model.data_preprocessor(batch, training=False)
                    feats = self.model.extract_feat(data['inputs'])
                self.model.observe(feats, data['data_samples'])
                for one in read:
                    content = one['inputs'].numpy().tobytes()
                    seen[int(one['data_samples'].gt_label)].add(crc32(content))
            yield from (None for _ in items)
        names = [str(name) for name in self.classes or seen]
        empty = [names[label] for label, own in seen.items() if not own]
        if empty:
            raise ValueError(
                'Expected an image of each class that can be read and is not of one colour, '
                f'but got none of {empty[0]!r}.'
            )
        self.model.solve()
        few = [f'{len(s)} of {names[k]!r}' for k, s in seen.items() if len(s) < FEW]
        if few:
            MMLogger.get_current_instance().warning(
                'Looks for what images of a class have in common, best in ten or more that '
                f'differ, but got {", ".join(few[:5])}{", ..." * (len(few) > 5)}: boxes may '
                'be around something else.'
            )

    @contextmanager
    def _fast(self) -> Iterator[None]:
        """Features in half precision where the processor has it: four times as fast."""
        device = next(self.model.parameters()).device.type
        with torch.autocast(device, torch.bfloat16, enabled=has_bfloat16(device)):
            yield


def shows(data: dict) -> bool:
    """Whether an image, as the pipeline packs it, has more than one colour."""
    pixels = data['inputs']
    return bool((pixels != pixels[:, :1, :1]).any())


def has_bfloat16(device: str) -> bool:
    """Whether a device multiplies in bfloat16, instead of imitating it."""
    if device == 'cuda':
        return torch.cuda.is_bf16_supported()
    known = getattr(torch.ops.mkldnn, '_is_mkldnn_bf16_supported', None)
    return device == 'cpu' and known is not None and bool(known())
