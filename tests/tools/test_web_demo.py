"""The page: what it computes and serves, and what visitors see of the machine."""

import json
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

import cv2
import gradio
import numpy as np
import pytest
from gradio_client import Client, handle_file

from tests.support.images import png, stored
from tests.support.models import BIRDS
from tools import web_demo

ROOT = Path(__file__).parents[2]


@pytest.fixture
def launch(trained):
    """Starts the tool with more arguments: what it would serve, and how."""

    def start(*args):
        served = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                *(gradio.Blocks, 'launch'), lambda self, **kw: served.append((self, kw))
            )
            web_demo.main([*trained, *args])
        return served[0]

    return start


@pytest.fixture
def page(launch):
    """What the page calls, by name."""
    blocks, _ = launch()
    return SimpleNamespace(**{f.api_name: f.fn for f in blocks.fns.values()})


def test_page_looks_once_and_draws_at_any_threshold(page, tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (50, 60, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / 'noise.png'), image)
    kept, scores = page.look(str(tmp_path / 'noise.png'))
    assert (kept['image'] == image[..., ::-1]).all()
    assert sum(scores.values()) == pytest.approx(1)
    assert set(scores) == set(BIRDS)
    picture, rows, said = page.draw(kept, True, 0.9, 'largest')
    assert picture.shape == (300, 360, 3)  # six times 50 x 60
    assert f'threshold {kept["otsu"]:.2f}' in said
    low = page.draw(kept, False, 0.0, 'largest')
    high = page.draw(kept, False, 0.9, 'largest')
    assert 'threshold 0.90' in high[2]
    area = [(r[2] - r[0]) * (r[3] - r[1]) for r in (low[1][0], high[1][0])]
    assert area[0] > area[1]
    assert page.draw(None, True, 0.5, 'all') == (None, [], '')
    assert page.look(None) == (None, None)


@pytest.fixture
def address(launch):
    """Where the page is served, with a limit of 2 MB."""
    blocks, options = launch('--max-size', '2')
    options.update(server_port=None, prevent_thread_lock=True, quiet=True)
    blocks.launch(**options)
    yield blocks.local_url
    blocks.close()


def test_page_is_served(address):
    assert 'mmwsol' in urlopen(address, timeout=30).read().decode()
    config = json.loads(urlopen(f'{address}config', timeout=30).read())
    labels = {c['props'].get('label') for c in config['components']}
    assert {'picture', 'map and boxes', 'class', 'boxes, pixels'} <= labels


def test_the_slider_is_there_where_it_says_something(page, launch, tmp_path):
    blocks, _ = launch()
    (slider,) = (b for b in blocks.blocks.values() if isinstance(b, gradio.Slider))
    (ticked,) = (b for b in blocks.blocks.values() if isinstance(b, gradio.Checkbox))
    assert ticked.value
    assert not slider.visible
    (tmp_path / 'a.png').write_bytes(stored('PNG'))
    kept, _ = page.look(str(tmp_path / 'a.png'))
    assert page.choose(kept, True)['visible'] is False
    own = page.choose(kept, False)  # begins where Otsu's threshold was
    assert own['visible'] is True
    assert own['value'] == pytest.approx(min(kept['otsu'], 0.99), abs=0.006)
    assert page.choose(None, False)['visible'] is True
    # moving it draws, and neither ticks nor hides anything
    moved = [f for f in blocks.fns.values() if (slider._id, 'input') in f.targets]
    assert [f.api_name for f in moved] == ['draw_2']


# visitors

HUGE = 2_000_000
UPLOADS = {
    'broken': (stored('JPEG')[:-50], 'This file is truncated.'),
    'wide': (png(6000, 5000), 'This file has more than 25000000 pixels.'),
    'bomb': (png(60_000, 60_000), ''),
    'text': (b'Traceback, it says, in /etc/passwd', ''),
    'empty': (b'', ''),
    'huge': (stored('PNG') + bytes(HUGE), ''),
}


@pytest.mark.faults
def test_a_visitor_sees_neither_path_nor_traceback(address, tmp_path):
    client = Client(address, verbose=False, download_files=str(tmp_path))
    for name, (content, expected) in UPLOADS.items():
        file = tmp_path / f'{name}.jpg'
        file.write_bytes(content)
        with pytest.raises(Exception) as caught:  # noqa: PT011  httpx's or gradio's own
            client.predict(handle_file(str(file)), api_name='/look')
        said = str(caught.value)
        assert expected in said, name
        for secret in ('Traceback', str(ROOT), str(tmp_path), 'site-packages', '.py'):
            assert secret not in said, name
    file = tmp_path / 'good.jpg'
    file.write_bytes(stored('JPEG'))
    scores = client.predict(handle_file(str(file)), api_name='/look')
    assert {one['label'] for one in scores['confidences']} <= {*BIRDS}


@pytest.mark.faults
def test_the_page_is_this_machines_alone_and_limited(launch):
    _, given = launch()
    assert given['server_name'] == '127.0.0.1'
    assert given['max_file_size'] == '20mb'
    assert (given['share'], given['show_error']) == (False, False)
    _, given = launch('--max-size', '3', '--host', '0.0.0.0')
    assert (given['server_name'], given['max_file_size']) == ('0.0.0.0', '3mb')


@pytest.mark.faults
def test_a_long_thin_picture_is_not_enlarged_without_end(page, tmp_path):
    cv2.imwrite(str(tmp_path / 'line.png'), np.full((10_000, 1, 3), 90, np.uint8))
    kept, _ = page.look(str(tmp_path / 'line.png'))
    picture, _, _ = page.draw(kept, True, 0.5, 'largest')
    assert picture.shape == (10_000, 1, 3)
