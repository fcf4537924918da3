"""Bars and curves: what is drawn, the same bytes twice, and what users are told."""

import json
from pathlib import Path

import numpy as np
import pytest

from tools.report import plot
from tools.report.bars import plot_bars, read_bars
from tools.report.box_curves import plot_box_curves, read_box_curves

# bars


def result(method, backbone, value=None, spread=None, variant=None, **setting):
    known = dict(
        images=10,
        split='test',
        classes=2,
        protocol='wsolevaluation',
        threshold='oracle',
        maps='gt',
        epochs=1,
        hardware='CPU',
        minutes=5,
        date='2025-01-01',
    )
    run = value is not None
    return dict(
        method=method,
        backbone=backbone,
        dataset='cub',
        variant=variant,
        config='',
        metrics={'MaxBoxAccV2': dict(mean=value, spread=spread)} if run else {},
        published={},
        source=None,
        seeds=[0, 1] if run else [],
        setting={**known, **setting} if run else None,
    )


RESULTS = [
    result('PNSC', 'vgg16', 70.5, 1.5, maps='all'),
    result('CAM', 'vgg16', 50.0, minutes=9, date='2025-02-02'),
    result('CAM', 'resnet50'),
    result('PNSC', 'resnet50', 60.0),
    result('PNSC', 'resnet50', 99.0, variant='w5-1'),
]


def test_bars_are_the_results_numbers():
    bars = read_bars(RESULTS, 'cub')
    assert (bars.methods, bars.backbones) == (['CAM', 'PNSC'], ['resnet50', 'vgg16'])
    np.testing.assert_array_equal(bars.means, [[np.nan, 50], [60, 70.5]])
    np.testing.assert_array_equal(bars.spreads, [[np.nan, np.nan], [np.nan, 1.5]])
    # minutes and date part no settings, maps do
    assert [caption.partition(':')[0] for caption in bars.captions] == [
        'CAM, PNSC',
        'PNSC',
    ]
    assert bars.captions[0].endswith('1 epochs, CPU; 2 seeds')
    assert "mean over all classes' maps" in bars.captions[1]
    (alone,) = read_bars(RESULTS[1:2], 'cub').captions
    assert alone.startswith('10 test images')
    assert read_bars(RESULTS, 'cub', backbones=['vgg16']).means.tolist() == [
        [50],
        [70.5],
    ]


def test_bars_heights_values_spreads_and_empty_places():
    figure = plot_bars(read_bars(RESULTS, 'cub'))
    (axes,) = figure.axes
    solid = [p for p in axes.patches if p.get_fill()]
    hatched = [p for p in axes.patches if p.get_hatch()]
    # a third of a group for each of two methods, and half a third left at its ends
    middles = {p.get_height(): p.get_x() + p.get_width() / 2 for p in solid}
    assert middles == pytest.approx({60: 1 / 6, 50: 1 - 1 / 6, 70.5: 1 + 1 / 6})
    (empty,) = hatched
    assert empty.get_x() + empty.get_width() / 2 == pytest.approx(-1 / 6)
    words = [text.get_text() for text in axes.texts]
    assert sorted(words) == ['50.0', '60.0', '70.5', 'not run']
    (bar,) = [c for c in axes.containers if type(c).__name__ == 'ErrorbarContainer']
    ((low, high),) = (line.get_segments()[0][:, 1] for line in bar.lines[2])
    assert (low, high) == (69, 72)
    assert axes.get_ylim()[1] >= 72


def test_a_run_without_the_metric_is_not_called_not_run():
    boxes_alone = result('PSOL', 'vgg16')
    boxes_alone['metrics'] = {'GT-known Loc': dict(mean=40.0, spread=None)}
    figure = plot_bars(read_bars([*RESULTS, boxes_alone], 'cub'))
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words.count('not run') == 2  # CAM and PSOL on ResNet-50
    (legend,) = figure.legends
    assert [t.get_text() for t in legend.get_texts()] == ['CAM', 'PNSC', 'PSOL']


def test_each_of_many_methods_has_its_own_colour_in_the_legend():
    many = [result(f'M{i:02d}', 'vgg16', 50.0 + i) for i in range(16)]
    figure = plot_bars(read_bars(many, 'cub'))
    patches = figure.legends[0].get_patches()
    assert len({p.get_facecolor() for p in patches}) == 16
    bars = [p.get_facecolor() for p in figure.axes[0].patches]
    assert [p.get_facecolor() for p in patches] == bars
    figure.canvas.draw()  # the legend's place is known then
    legend, axes = figure.legends[0].get_window_extent(), figure.axes[0].bbox
    assert legend.y0 > axes.y1


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (('toy',), r"one of \['cub'\], .* but got 'toy'"),
        (('cub', 'PxAP'), 'PxAP of at least one run on cub, but none of its 4 configs'),
        (('cub', 'speed'), "metric to be one of .*'speed'"),
        (('cub', 'MaxBoxAccV2', ['vgg19']), "among .*, but got 'vgg19'"),
    ],
)
def test_bars_that_cannot_be_drawn_say_why(arguments, message):
    with pytest.raises(ValueError, match=message):
        read_bars(RESULTS, *arguments)


def test_bars_of_a_file_are_the_same_bytes_twice(tmp_path):
    file = tmp_path / 'results.json'
    file.write_text(json.dumps(dict(format=1, results=RESULTS)))
    for name in ('a', 'b'):
        out = tmp_path / f'{name}.png'
        plot.main(['bars', str(file), '--dataset', 'cub', '--out', str(out)])
    assert (tmp_path / 'a.png').read_bytes() == (tmp_path / 'b.png').read_bytes()
    with pytest.raises(SystemExit, match=r'tools.report --out. at .*none.json'):
        plot.main(
            ['bars', f'{tmp_path}/none.json', '--dataset', 'cub', '--out', 'a.png']
        )


# curves


def write_curves(file, gt_known, v2_30, v2_50):
    curves = dict(gt_known_iou50=gt_known, v2_iou30=v2_30, v2_iou50=v2_50)
    file.write_text(json.dumps(dict(thresholds=[0.0, 0.5, 0.9], curves=curves)))
    return str(file)


def test_curves_dots_and_numbers_by_hand(tmp_path):
    first = write_curves(tmp_path / 'cam.json', [10, 40, 20], [50, 90, 0], [30, 20, 10])
    other = write_curves(tmp_path / 'b.json', [60, 0, 0], [70, 0, 0], [50, 0, 0])
    run = read_box_curves(Path(first))
    assert run.maxboxacc_v2 == 60  # of 90 and 30
    assert list(run.v2) == ['0.3', '0.5']
    figure = plot_box_curves({'cam': run, 'ours': read_box_curves(Path(other))})
    left, right = figure.axes
    dots = [
        [
            tuple(map(float, line.get_xydata()[0]))
            for line in axes.lines
            if line.get_marker() == 'o'
        ]
        for axes in (left, right)
    ]
    assert dots[0] == [(0.5, 40), (0, 60)]
    assert dots[1] == [(0.5, 90), (0, 30), (0, 70), (0, 50)]
    labels = [t.get_text() for t in left.get_legend().get_texts()]
    assert labels == ['cam 40.0', 'ours 60.0']
    labels = [t.get_text() for t in right.get_legend().get_texts()]
    assert labels == ['cam 60.0', 'ours 60.0', 'IoU 0.3', 'IoU 0.5']


def test_curve_tool_takes_names_or_files(tmp_path):
    file = write_curves(tmp_path / 'cam.json', [1, 2, 3], [4, 5, 6], [7, 8, 9])
    for name in ('a', 'b'):
        out = tmp_path / f'{name}.png'
        plot.main(['curve', file, f'other={file}', '--out', str(out)])
    assert (tmp_path / 'a.png').read_bytes() == (tmp_path / 'b.png').read_bytes()
    (tmp_path / 'empty.json').write_text('{"curves": {}}')
    for wrong, message in (
        (tmp_path / 'empty.json', r"`curves` with 'gt_known_iou50' in .*empty.json"),
        (tmp_path / 'a.png', r'UTF-8 text in .*a.png'),
        (tmp_path / 'no.json', r'at .*no.json, but there is no such file'),
    ):
        with pytest.raises(SystemExit, match=message):
            plot.main(['curve', str(wrong), '--out', str(tmp_path / 'c.png')])
    with pytest.raises(SystemExit, match="a name each, but got 'cam' twice"):
        plot.main(['curve', file, file, '--out', str(tmp_path / 'c.png')])
