from mmwsol.visualization.drawing import contact_sheet, draw_box, overlay

__all__ = ['contact_sheet', 'draw_box', 'overlay']
