from mmwsol.models.losses.pnsc_loss import PNSCLoss, pnsc_loss
from mmwsol.models.losses.soft_fusion_loss import SoftFusionLoss, soft_fusion_loss

__all__ = ['PNSCLoss', 'SoftFusionLoss', 'pnsc_loss', 'soft_fusion_loss']
