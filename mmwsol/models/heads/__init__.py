from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.pnsc_head import PNSCHead

__all__ = ['CAMHead', 'PNSCHead']
