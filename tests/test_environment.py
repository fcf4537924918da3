"""A wrong environment is explained in one sentence with the command that mends it."""

import subprocess
import sys

import pytest

from mmwsol.environment import find_problem, has_host

GOOD = {
    'torch': '2.15.0',
    'mmengine': '0.10.7',
    'mmcv-lite': '2.2.0',
    'mmpretrain': '1.2.0',
}


def problem(absent=(), **versions):
    installed = {**GOOD, **{k.replace('_', '-'): v for k, v in versions.items()}}
    return find_problem(lambda module: module not in absent, installed.get, (3, 13))


def test_a_good_environment_has_no_problem():
    assert problem() is None
    assert problem(torch='2.13.0+cpu') is None
    assert problem(mmengine='0.11.0rc0') is None


@pytest.mark.parametrize(
    ('kwargs', 'words'),
    [
        (dict(absent=['torch']), ('torch', 'not installed')),
        (dict(absent=['mmcv']), ('mmcv', 'not installed', 'mmcv-lite')),
        (dict(absent=['mmpretrain']), ('mmpretrain', 'not installed')),
        (dict(torch='2.0.1'), ('torch >= 2.1', '2.0.1')),
        (dict(mmpretrain='1.0.2'), ('mmpretrain >= 1.2.0', '1.0.2')),
        (dict(mmcv_lite='1.7.0'), ('mmcv >= 2.0.0', '1.7.0')),
        (dict(mmcv_lite='2.4.0'), ('mmcv < 2.4.0', '2.4.0')),
        (dict(absent=['pkg_resources']), ('setuptools<81',)),
    ],
)
def test_one_sentence_and_a_command(kwargs, words):
    sentence = problem(**kwargs)
    assert 'Run: pip install' in sentence
    assert '\n' not in sentence
    for word in words:
        assert word in sentence


def test_without_any_of_the_hosts_there_is_nothing_to_register_in():
    assert has_host(lambda module: module == 'mmengine')
    assert has_host(lambda module: module == 'mmpretrain')
    assert not has_host(lambda module: module == 'torch')


def test_from_python_3_14_on_it_is_the_fork():
    sentence = find_problem(lambda module: True, GOOD.get, (3, 14))
    assert 'Python 3.14' in sentence
    assert '&& pip install onedl-mmengine' in sentence


@pytest.mark.parametrize('python', [(3, 10), (3, 14)])
def test_the_fork_needs_no_pkg_resources(python):
    installed = {**GOOD, 'onedl-mmengine': '0.10.12'}
    del installed['mmengine']
    there = find_problem(
        lambda module: module != 'pkg_resources', installed.get, python
    )
    assert there is None


def test_a_torchvision_that_does_not_fit_is_named(tmp_path):
    (tmp_path / 'torchvision.py').write_text(
        'raise RuntimeError("operator torchvision::nms does not exist")'
    )
    done = subprocess.run(
        [
            sys.executable,
            '-c',
            f'import sys; sys.path.insert(0, {str(tmp_path)!r}); import mmwsol',
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith('ImportError: mmwsol needs a torchvision that matches torch')
    assert 'pip install --upgrade torch torchvision' in last
