"""Finds what there is to register, so that a new file needs no list to be entered in."""

from importlib import import_module
from pkgutil import walk_packages

ROLES = ('datasets', 'engine', 'evaluation', 'models', 'visualization')


def register_all() -> None:
    """Imports every module of every role; importing one registers its classes."""
    for role in ROLES:
        package = import_module(f'mmwsol.{role}')
        for module in walk_packages(package.__path__, f'{package.__name__}.'):
            import_module(module.name)
