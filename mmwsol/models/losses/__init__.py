from mmwsol.models.losses.consistency_loss import ConsistencyLoss, consistency_loss
from mmwsol.models.losses.guidance_loss import guidance_loss
from mmwsol.models.losses.in_sample_contrast_loss import (
    InSampleContrastLoss,
    in_sample_contrast_loss,
)
from mmwsol.models.losses.part_losses import (
    area_loss,
    overlap_loss,
    scatter_loss,
)
from mmwsol.models.losses.pnsc_loss import PNSCLoss, pnsc_loss
from mmwsol.models.losses.prior_loss import prior_loss
from mmwsol.models.losses.soft_fusion_loss import SoftFusionLoss, soft_fusion_loss
from mmwsol.models.losses.stagger_loss import StaggerLoss, StaggerScores
from mmwsol.models.losses.suppression_loss import SuppressionLoss, suppression_loss

__all__ = [
    'ConsistencyLoss',
    'InSampleContrastLoss',
    'PNSCLoss',
    'SoftFusionLoss',
    'StaggerLoss',
    'StaggerScores',
    'SuppressionLoss',
    'area_loss',
    'consistency_loss',
    'guidance_loss',
    'in_sample_contrast_loss',
    'overlap_loss',
    'pnsc_loss',
    'prior_loss',
    'scatter_loss',
    'soft_fusion_loss',
    'suppression_loss',
]
