"""Where the configs are that come with the package.

They are in ``configs/`` of a checkout, and in ``mmwsol/.mim/configs/`` of an installed
wheel, which is OpenMMLab's place for them (``setup.py`` puts them there). The folder that
holds ``configs/`` holds ``tools/`` too, in both.
"""

import os
from difflib import get_close_matches
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / '.mim'
HOME = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent
CONFIGS = HOME / 'configs'


def config_path(name: str) -> str:
    """The file of a config that comes with mmwsol, on this machine.

    A config of your own can inherit by it, in any folder and on every machine:
    ``_base_ = __import__('mmwsol').config_path('pnsc/resnet50_cub')``.

    Args:
        name: Such as ``pnsc/resnet50_cub``, with or without ``.py``.

    Raises:
        FileNotFoundError: There is no config of that name; says the nearest ones.
    """
    name = name.removesuffix('.py')
    files = {
        file.relative_to(CONFIGS).with_suffix('').as_posix(): file
        for file in CONFIGS.rglob('*.py')
    }
    if name in files:
        return str(files[name])
    nearest = get_close_matches(name, files)
    raise FileNotFoundError(
        f'Expected the name of a config, such as pnsc/resnet50_cub, but got {name}'
        + (f'; the nearest are {", ".join(nearest)}.' if nearest else '.')
    )


def find_config(given: str | os.PathLike) -> Path:
    """The file that a user means by a path or else by the name of a config of mmwsol.

    Raises:
        FileNotFoundError: It is neither.
    """
    file = Path(given)
    if file.is_file():
        return file
    try:
        return Path(config_path(file.as_posix()))
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f'Expected a config at {given}, but there is no such file. {error}'
        ) from None
