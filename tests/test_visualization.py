"""Pictures: shapes, colors, nothing drawn over its input."""

import numpy as np

from mmwsol.visualization import contact_sheet, draw_box, overlay


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
