"""Boxes of five photographs, one of which was turned by its camera."""

import pytest

from tests.support.found_boxes import collected, make_photographs


@pytest.fixture
def photos(tmp_path):
    return make_photographs(tmp_path / 'photos')


@pytest.fixture
def found(photos):
    return collected(photos)
