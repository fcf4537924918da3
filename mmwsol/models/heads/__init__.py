from mmwsol.models.heads.acol_head import ACoLHead
from mmwsol.models.heads.bas_head import BASHead
from mmwsol.models.heads.bcam_head import BCAMHead
from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.cream_head import CREAMHead
from mmwsol.models.heads.ddt_head import DDTHead
from mmwsol.models.heads.dpm_head import DPMHead
from mmwsol.models.heads.eil_head import EILHead
from mmwsol.models.heads.fam_head import FAMHead
from mmwsol.models.heads.isc_head import ISCHead
from mmwsol.models.heads.pnsc_head import PNSCHead
from mmwsol.models.heads.psol_head import PSOLHead
from mmwsol.models.heads.spg_head import SPGHead

__all__ = [
    'ACoLHead',
    'BASHead',
    'BCAMHead',
    'CAMHead',
    'CREAMHead',
    'DDTHead',
    'DPMHead',
    'EILHead',
    'FAMHead',
    'ISCHead',
    'PNSCHead',
    'PSOLHead',
    'SPGHead',
]
