"""mmwsol: weakly supervised object localization for OpenMMLab's mmpretrain.

Importing the package registers every module in mmpretrain's registries; a config
does so with ``custom_imports = dict(imports=['mmwsol'])``.
"""

from mmwsol.environment import check_environment
from mmwsol.version import __version__

check_environment()  # before the first mm* import, which would fail less clearly

from mmwsol import (  # noqa: E402, F401  only for registration
    datasets,
    engine,
    evaluation,
    models,
)

__all__ = ['__version__']
