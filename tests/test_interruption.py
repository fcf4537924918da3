"""Long work that is told to end: what it has is kept, and nothing hangs."""

import os
import signal
import time
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from mmwsol.interruption import SIGNALS, Interruption, outlive
from tests.support.processes import start


@pytest.mark.parametrize('number', SIGNALS)
def test_a_signal_ends_the_loop_after_the_step_at_hand(number, capfd):
    former = signal.getsignal(number)
    done = []
    with Interruption() as interruption:
        for step in interruption.until(range(5)):
            if step == 2:
                signal.raise_signal(number)
            done.append(step)
        assert (
            signal.getsignal(number) == signal.SIG_DFL
        )  # so that a second one ends all
    assert done == [0, 1, 2]
    assert interruption.code == 128 + number
    assert signal.getsignal(number) == former
    assert f'{number.name}: ends after the step at hand' in capfd.readouterr().err


def test_without_a_signal_nothing_happens(capfd):
    with Interruption() as interruption:
        assert [*interruption.until('abc')] == [*'abc']
    interruption.report('3 of 3', 'there')
    assert interruption.code == 0
    assert capfd.readouterr().err == ''


def test_a_signal_that_nohup_ignores_stays_ignored():
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGHUP)
            assert [*interruption.until('ab')] == ['a', 'b']
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, former)


class Slow(Dataset):
    """Counts, a tenth of a second each."""

    def __len__(self) -> int:
        return 100

    def __getitem__(self, index: int) -> torch.Tensor:
        time.sleep(0.1)
        return torch.tensor([index, os.getpid()])


def count(folder: Path, steps: int) -> None:
    loader = DataLoader(Slow(), num_workers=1)
    outlive(loader)
    with Interruption() as interruption:
        for batch in interruption.until(loader):
            (folder / 'worker').write_text(str(int(batch[0, 1])))
            (folder / 'done').write_text(str(int(batch[0, 0])))
            if steps and batch[0, 0] == steps:
                time.sleep(60)  # a step that hangs
    os._exit(interruption.code)


def wait_for(file: Path) -> int:
    end = time.monotonic() + 60
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return int(file.read_text())


@pytest.mark.parametrize('hangs', [False, True])
def test_workers_outlive_the_signal_and_not_their_process(tmp_path, hangs):
    """The whole group gets the signal: a terminal's, or a cluster's of all processes."""
    from functools import partial

    process = start(partial(count, tmp_path, 1 if hangs else 0), tmp_path / 'log')
    worker = wait_for(tmp_path / 'worker')
    while hangs and int((tmp_path / 'done').read_text() or 0) < 1:
        time.sleep(0.05)
    for number in (signal.SIGHUP, signal.SIGTERM)[: 1 + hangs]:
        for own in (worker, process.pid):
            os.kill(own, number)
        time.sleep(0.3)
    process.join(20)
    code = process.exitcode
    process.kill()
    expected = -signal.SIGTERM if hangs else 128 + signal.SIGHUP
    assert code == expected, (tmp_path / 'log').read_text()
    end = time.monotonic() + 20
    while Path(f'/proc/{worker}').exists():
        assert time.monotonic() < end
        time.sleep(0.1)
