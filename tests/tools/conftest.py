"""A toy run that tools go on from."""

import pytest

from tests.support.commands import PNSC, succeed


@pytest.fixture(scope='session')
def toy_folder(tmp_path_factory):
    """A work folder after two epochs on 24 drawings."""
    folder = tmp_path_factory.mktemp('trained')
    output = succeed('train', PNSC, '--work-dir', folder, '--seed', 3)
    assert 'eta:' in output
    assert 'loc/maxboxacc_v2' in output
    return folder
