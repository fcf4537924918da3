"""A folder belongs to one program, which lets go of it however it ends."""

import os
import signal
import time

import pytest

from mmwsol.io.folder_lock import only_one


def forked(work):
    """The id of a process that does some work."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    return child


def test_the_second_is_refused_with_the_name_of_the_first(tmp_path):
    with only_one(tmp_path / 'new'):
        said = f'alone, .*process {os.getpid()} on .*--work-dir'
        with pytest.raises(TimeoutError, match=said), only_one(tmp_path / 'new'):
            pass
    with only_one(tmp_path / 'new'):
        pass


def test_what_outlives_a_killed_run_does_not_hold_its_folder(tmp_path):
    """As processes that load data do."""
    notes = tmp_path / 'worker'

    def run():
        with only_one(tmp_path):
            worker = forked(lambda: time.sleep(60))
            notes.write_text(f'{worker}\n')
            time.sleep(60)

    child = forked(run)
    while not (notes.exists() and notes.read_text().endswith('\n')):
        time.sleep(0.01)
    with pytest.raises(TimeoutError), only_one(tmp_path):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        with only_one(tmp_path):
            pass
    finally:
        os.kill(int(notes.read_text()), signal.SIGKILL)


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / 'file').touch()
    with (
        pytest.raises(OSError, match='Expected a folder .*file'),
        only_one(tmp_path / 'file'),
    ):
        pass
