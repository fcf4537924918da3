"""Pictures: shapes, colors, nothing drawn over its input."""

import cv2
import numpy as np
import torch
from mmpretrain.structures import DataSample

from mmwsol.visualization import LocVisualizer, contact_sheet, draw_box, overlay


def test_overlay_is_blue_where_cold_and_red_where_hot():
    grey = np.full((4, 4, 3), 128, np.uint8)
    heat = np.zeros((4, 4))
    heat[0, 0] = 1
    picture = overlay(grey, heat).astype(int)
    assert picture[0, 0, 2] > picture[0, 0, 0]  # BGR
    assert picture[3, 3, 0] > picture[3, 3, 2]


def test_boxes_are_drawn_on_a_copy_and_inside():
    image = np.zeros((10, 12, 3), np.uint8)
    drawn = draw_box(image, [2, 3, 12, 10], (1, 2, 3))
    assert not image.any()
    assert drawn[3, 2].tolist() == drawn[9, 11].tolist() == [1, 2, 3]
    assert not drawn[5, 6].any()


def test_sheet_has_a_square_for_each_picture():
    picture = np.full((20, 30, 3), 7, np.uint8)
    sheet = contact_sheet([[picture] * 3] * 2, ['a', 'b', 'c'], side=50, gap=4)
    assert sheet.shape == (28 + 2 * 54 + 4, 3 * 54 + 4, 3)
    assert (sheet[28 + 4 + 25, 4 + 25] == 7).all()


def test_visualizer_shows_red_as_red_with_both_boxes(tmp_path):
    red = np.zeros((60, 80, 3), np.uint8)
    red[..., 0] = 250  # RGB
    sample = DataSample().set_pred_score(torch.tensor([0.1, 0.9]))
    score_map = torch.zeros(1, 60, 80)
    score_map[0, 20:40, 30:60] = 1
    sample.set_field(score_map, 'pred_map')
    sample.set_field(np.array([[10, 45, 20, 55]]), 'gt_bboxes')
    file = tmp_path / 'shown.png'
    LocVisualizer().visualize_loc(red, sample, ['cat', 'dog'], out_file=str(file))
    picture = cv2.imread(str(file)).astype(int)  # BGR
    assert picture[57, 70, 2] > picture[57, 70, 0]
    assert picture[45, 10].tolist() == [60, 200, 60]  # the true box is green
    assert picture[20, 30].tolist() == [40, 40, 230]  # the predicted one red


def test_visualizer_draws_a_box_without_a_map(tmp_path):
    sample = DataSample().set_pred_score(torch.tensor([0.1, 0.9]))
    sample.set_field(torch.tensor([[30.0, 20, 60, 40]]), 'pred_bboxes')
    image = np.full((60, 80, 3), 200, np.uint8)
    file = tmp_path / 'a.png'
    LocVisualizer().visualize_loc(image, sample, out_file=str(file))
    drawn = cv2.imread(str(file))
    assert drawn[20, 45].tolist() == [40, 40, 230]
    assert (drawn[30, 45] == 200).all()  # under no map
