"""In-sample contrast and consistent attention."""

from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor

from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.structures import Context


@MODELS.register_module()
class ISCHead(CAMHead):
    """CAM whose backbone carries attention, which two losses teach.

    `In-sample Contrastive Learning and Consistent Attention for Weakly Supervised Object
    Localization (ACCV 2020) <https://arxiv.org/abs/2009.12063>`_. The attention layers are
    ``model.plugins`` of type :class:`InSampleAttention`; maps are CAM's.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        loss_contrast: Config of the contrastive attention loss.
        loss_consistency: Config of the foreground consistency loss.
        **kwargs: As for :class:`CAMHead`.
    """

    reads_attention = True

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        loss_contrast: dict | None = None,
        loss_consistency: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.loss_contrast = MODELS.build(
            loss_contrast or dict(type='InSampleContrastLoss')
        )
        self.loss_consistency = MODELS.build(
            loss_consistency or dict(type='ConsistencyLoss')
        )

    def loss(
        self,
        feats: tuple[Tensor, ...],
        data_samples: list[DataSample],
        context: Context,
    ) -> dict[str, Tensor]:
        """CAM's loss, and those of at least two attention layers."""
        attended = context.attended
        if len(attended) < 2:
            raise ValueError(
                'Expected at least two InSampleAttention layers in `model.plugins` for '
                f'ISCHead, but got {len(attended)}.'
            )
        return dict(
            super().loss(feats, data_samples, context),
            loss_contrast=self.loss_contrast([a.embeddings for a in attended]),
            loss_consistency=self.loss_consistency([a.attention for a in attended]),
        )
