from mmwsol.evaluation.label_file import LabelFile
from mmwsol.evaluation.map_files import MapFiles
from mmwsol.evaluation.max_box_acc import MaxBoxAccV2
from mmwsol.evaluation.other_labels import OtherLabels
from mmwsol.evaluation.pxap import PxAP

__all__ = ['LabelFile', 'MapFiles', 'MaxBoxAccV2', 'OtherLabels', 'PxAP']
