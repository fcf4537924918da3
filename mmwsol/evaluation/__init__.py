from mmwsol.evaluation.map_files import MapFiles
from mmwsol.evaluation.max_box_acc import MaxBoxAccV2
from mmwsol.evaluation.pxap import PxAP

__all__ = ['MapFiles', 'MaxBoxAccV2', 'PxAP']
