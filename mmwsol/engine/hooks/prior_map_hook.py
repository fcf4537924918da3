"""A first idea of where the objects are, from what the images of a class have in common."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS
from torch import Tensor

from mmwsol.config_files import config_path
from mmwsol.functional import otsu_threshold
from mmwsol.models import Localizer

SAME = ('init_cfg', 'style')
"""What the prior's backbone has from the model's."""
APART = 20
"""Classes that have a component each, at most: one takes 7 to 17 MB while it is fitted."""


@HOOKS.register_module()
class PriorMapHook(Hook):
    """Tells a head where DDT sees the object.

    With few classes a classifier knows one of them by the absence of the others, so its
    evidence lies in the background as well, and maps that follow it turn inside out. What
    the images of a class have in common (:class:`mmwsol.models.DDTHead`) does not depend on
    other classes. It is fitted ahead of the first step, on the pretrained backbone and up
    to 30 training images of each class; the samples of each batch then get ``prior_map``,
    ``(1, h, w)`` in {0, 1}: above Otsu's threshold or not. Nothing of it enters the model.

    Without pretrained weights there is no prior, and a warning says so.

    Args:
        config: The name of a config of DDT that comes with mmwsol.
        epochs: The epochs after which samples get no prior any more; None for never.
        size: The side that a batch's images are enlarged to, as the prior was fitted on.
    """

    def __init__(self, config: str, epochs: int | None = None, size: int = 448) -> None:
        self.config = config
        self.epochs = math.inf if epochs is None else epochs
        self.size = size
        self.prior: Localizer | None = None

    def before_train(self, runner: Runner) -> None:
        self.prior = None
        backbone = runner.cfg.model.backbone
        if runner.epoch >= self.epochs:
            return
        logger = MMLogger.get_current_instance()
        if not backbone.get('init_cfg'):
            logger.warning(
                'Maps start without a prior (PriorMapHook), since `model.backbone.init_cfg` '
                'names no pretrained weights.'
            )
            return
        config = Config.fromfile(config_path(self.config))
        config.model.backbone.update({k: backbone[k] for k in SAME if k in backbone})
        logger.info('Fitting a prior map for each class.')
        self.prior = self._fitted(config, runner)

    def before_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | Sequence[dict] | None = None,
    ) -> None:
        if self.prior is None:
            return
        if runner.epoch >= self.epochs:
            self.prior = None
            return
        assert isinstance(data_batch, dict)  # as the host's and our loaders collate
        maps = self._maps(data_batch)
        for sample, own in zip(data_batch['data_samples'], maps):
            sample.set_field(own, 'prior_map')

    @torch.no_grad()
    def _maps(self, batch: dict) -> Tensor:
        """``(N, 1, h, w)`` in {0, 1}."""
        prior = self.prior
        assert prior is not None
        data = prior.data_preprocessor(batch, training=False)
        size = (self.size, self.size)
        inputs = F.interpolate(
            data['inputs'], size, mode='bilinear', align_corners=False
        )
        with _half(inputs.device):
            feats = prior.extract_feat(inputs)
        labels = torch.stack([sample.gt_label for sample in data['data_samples']])
        maps = prior.head.maps(feats, labels)
        maps = maps / maps.amax((2, 3), keepdim=True).clamp(min=1e-6)
        thresholds = [otsu_threshold(own[0].cpu().numpy()) for own in maps]
        return (maps > maps.new_tensor(thresholds)[:, None, None, None]).float()

    @staticmethod
    def _fitted(config: Config, runner: Runner) -> Localizer:
        # they read images as users' tools do, which need no hooks
        from mmwsol.apis.colocalizer import Colocalizer

        data = runner.train_loop.dataloader.dataset
        classes = data.metainfo['classes']
        config.model.head.per_class = len(classes) <= APART
        device = next(runner.model.parameters()).device
        finder = Colocalizer(config, classes, device=device)
        images = [data.get_data_info(i)['img_path'] for i in range(len(data))]
        for _ in finder.fit(images, data.get_gt_labels().tolist()):
            pass
        return finder.model


def _half(device: torch.device) -> torch.autocast:
    from mmwsol.apis.colocalizer import has_bfloat16

    kind = device.type
    return torch.autocast(kind, torch.bfloat16, enabled=has_bfloat16(kind))
