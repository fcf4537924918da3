"""How far long work is."""

import itertools

import pytest
from rich.console import Console

from mmwsol import progress as module
from mmwsol.progress import progress


@pytest.fixture
def clock(monkeypatch):
    """Each look at the clock is five seconds after the last."""
    times = itertools.count(step=5)
    monkeypatch.setattr(module.time, 'monotonic', lambda: next(times))


def test_a_file_gets_a_line_now_and_then(clock, capsys):
    assert [*progress(range(1000), 'images', 1000)] == [*range(1000)]
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == 'images: 3 of 1000, 83 min left'
    assert 20 < len(lines) < 80
    assert lines[-1] == 'images: 914 of 1000, 7 min left'


def test_a_terminal_shows_the_time_left(monkeypatch, capsys):
    def terminal(stderr: bool) -> Console:
        return Console(stderr=stderr, force_terminal=True, width=80)

    monkeypatch.setattr(module, 'Console', terminal)
    steps = progress(range(3), 'images', 3)
    next(steps)
    steps.close()  # as when a signal ends it
    said = capsys.readouterr().err
    assert 'images' in said
    assert '0/3' in said
    assert '-:--:--' in said
