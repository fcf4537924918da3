"""Checks that the host packages fit, and says in one sentence what mends it."""

import importlib.util
import sys
from collections.abc import Callable
from importlib import metadata

# module -> (distributions that provide it, lowest version, first version too new, remedy)
HOSTS = {
    'torch': (('torch',), '2.1', None, "pip install 'torch>=2.1' torchvision"),
    'mmengine': (
        ('mmengine', 'mmengine-lite', 'onedl-mmengine'),
        '0.10.0',
        '1.0',
        'pip install mmengine==0.10.7',
    ),
    'mmcv': (
        ('mmcv', 'mmcv-lite', 'onedl-mmcv'),
        '2.0.0',
        '2.4.0',
        'pip install mmcv-lite==2.2.0',
    ),
    'mmpretrain': (
        ('mmpretrain', 'onedl-mmpretrain'),
        '1.2.0',
        '2.0',
        'pip install mmpretrain==1.2.0',
    ),
}


def _importable(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _installed(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def find_problem(
    importable: Callable[[str], bool] = _importable,
    installed: Callable[[str], str | None] = _installed,
    python: tuple[int, int] = sys.version_info[:2],
) -> str | None:
    """First thing wrong with the installed packages, as a sentence, or None.

    Args:
        importable: Tells whether a module can be found.
        installed: Gives a distribution's version, or None where it is absent.
        python: The version of the interpreter.
    """
    from packaging.version import Version  # the arithmetic needs numpy alone

    for module, (distributions, lowest, too_new, remedy) in HOSTS.items():
        if not importable(module):
            return f'mmwsol needs {module}, which is not installed. Run: {remedy}'
        version = next((v for v in map(installed, distributions) if v), None)
        if version is None:  # a source checkout on the path: nothing to compare
            continue
        # without local and pre-release parts: 2.1.0a0+nv is as good as 2.1
        release = Version(Version(version).base_version)
        if release < Version(lowest):
            return f'mmwsol needs {module} >= {lowest}, but {version} is installed. Run: {remedy}'
        if too_new and release >= Version(too_new):
            return f'mmwsol needs {module} < {too_new}, but {version} is installed. Run: {remedy}'
    if installed('mmengine') and not importable('pkg_resources'):
        return (
            'mmengine needs `pkg_resources`, which setuptools >= 81 no longer has. '
            "Run: pip install 'setuptools<81'"
        )
    if installed('mmengine') and python >= (3, 14):
        return (
            'mmengine needs `pkgutil.find_loader`, which Python 3.14 no longer has. Run: '
            'pip uninstall -y mmengine mmpretrain && '
            'pip install onedl-mmengine==0.10.12 onedl-mmpretrain==1.3.6'
        )
    return None


def has_host(importable: Callable[[str], bool] = _importable) -> bool:
    """Whether any of OpenMMLab's packages is there to register modules in."""
    return any(importable(module) for module in HOSTS if module != 'torch')


def check_environment() -> None:
    """Raises ImportError with the command that mends a wrong environment."""
    problem = find_problem()
    if problem:
        raise ImportError(problem)
    try:
        import torchvision  # noqa: F401  mmpretrain imports it; it must match torch
    except Exception as error:
        torch_version = _installed('torch')
        raise ImportError(
            f'mmwsol needs a torchvision that matches torch {torch_version}, but importing '
            f'torchvision {_installed("torchvision")} failed ({error}). '
            'Run: pip install --upgrade torch torchvision'
        ) from None
