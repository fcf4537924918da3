from mmwsol.evaluation.max_box_acc import MaxBoxAccV2

__all__ = ['MaxBoxAccV2']
