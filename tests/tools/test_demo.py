"""The demo: every method, in one table and one picture."""

import json

from tests.support.commands import SMALL, plain
from tests.support.models import ROOT


def demo(folder, *methods):
    """What an epoch on a few drawings prints."""
    arguments = ('--methods', *methods, '--epochs', '1', '--rows', '2')
    small = [option for option in SMALL if not option.startswith('train_cfg')]
    code, output = plain(
        'demo', *arguments, '--work-dir', folder, '--cfg-options', *small
    )
    assert code == 0, output
    return output


def test_demo_trains_and_draws_every_method(tmp_path):
    output = demo(tmp_path, 'all')
    assert ', seed 1: epoch  1 of 1' in output.splitlines()[0], output
    assert '| method | GT-known | Top-1 | MaxBoxAccV2 |' in output
    assert (tmp_path / 'contact_sheet.png').stat().st_size > 10_000
    results = json.loads((tmp_path / 'metrics.json').read_text())
    assert len(results) == len(list(ROOT.glob('configs/*/resnet18_toy.py')))
    for name, (metrics,) in results.items():
        assert f'| {name} |' in output
        assert metrics['loc/num_images'] == 13
        assert metrics['loc/num_invalid'] == 0


def test_boxes_to_learn_from_may_be_of_an_earlier_call(tmp_path):
    demo(tmp_path, 'cam')
    assert '| PSOL |' in demo(tmp_path, 'psol')


def test_demo_names_the_methods_there_are():
    code, output = plain('demo', '--methods', 'cam', 'grad')
    assert code != 0
    assert "'bas'" in output
    assert "got ['grad']" in output
