"""Where the configs are that come with the package.

They are in ``configs/`` of a checkout, and in ``mmwsol/.mim/configs/`` of an installed
wheel, which is OpenMMLab's place for them (``setup.py`` puts them there). The folder that
holds ``configs/`` holds ``tools/`` too, in both.
"""

import os
from collections.abc import Iterable
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
    files = _shipped()
    if name in files:
        return str(files[name])
    raise FileNotFoundError(
        f'Expected the name of a config, such as pnsc/resnet50_cub, but got {name}'
        f'{nearest(name, files)}'
    )


def find_config(given: str | os.PathLike) -> Path:
    """The file that a user means by a path or else by the name of a config of mmwsol.

    Raises:
        FileNotFoundError: It is neither.
    """
    file = Path(given)
    if file.is_file():
        return file
    shipped = _shipped()
    name = file.as_posix().removesuffix('.py')
    if name in shipped:
        return shipped[name]
    beside = [one.as_posix() for one in file.parent.glob('*.py')]
    # files that come with mmwsol may be named from where its configs are
    likely = nearest(name.rpartition('configs/')[2], [*shipped, *beside])
    raise FileNotFoundError(
        f'Expected a config at {given}, but there is no such file, and none of that name comes '
        f'with mmwsol{likely}'
    )


def nearest(name: str, names: Iterable[str], count: int = 3) -> str:
    """The end of a sentence that refuses a name: which ones may have been meant.

    Args:
        name: What was given.
        names: What there is.
        count: The most names.

    >>> nearest('resnet50', ['seresnet50_in1k', 'resnet50_in1k', 'vgg16_in1k'])
    '; the nearest are resnet50_in1k, seresnet50_in1k.'
    """
    lower = {one.lower(): one for one in names}
    given = name.lower()
    longer = sorted(
        (one for one in lower if given and given in one),
        key=lambda one: (not one.startswith(given), len(one), one),
    )
    found = [*dict.fromkeys([*longer, *get_close_matches(given, lower)])][:count]
    what = 'the nearest are' if len(found) > 1 else 'the nearest is'
    return f'; {what} {", ".join(lower[one] for one in found)}.' if found else '.'


def _shipped() -> dict[str, Path]:
    return {
        file.relative_to(CONFIGS).with_suffix('').as_posix(): file
        for file in CONFIGS.rglob('*.py')
    }
