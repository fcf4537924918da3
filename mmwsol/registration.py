"""Finds what there is to register, so that a new file needs no list to be entered in."""

import warnings
from importlib import import_module
from pkgutil import walk_packages

HOST = ('datasets', 'engine', 'evaluation', 'models', 'visualization')
# of `visualization` the visualizer alone: the rest draws curves, with matplotlib
ROLES = ('datasets', 'engine', 'evaluation', 'models', 'visualization.visualizer')


def register_all() -> None:
    """Imports every module of every role; importing one registers its classes."""
    with warnings.catch_warnings():
        # mmcv-lite announces the operators that it lacks; nothing here needs them
        warnings.simplefilter('ignore')
        for role in HOST:
            import_module(f'mmpretrain.{role}')
    for role in ROLES:
        package = import_module(f'mmwsol.{role}')
        for module in walk_packages(
            getattr(package, '__path__', []), f'mmwsol.{role}.'
        ):
            import_module(module.name)
