"""mmwsol: weakly supervised object localization for OpenMMLab's mmpretrain.

Importing the package registers every module in mmpretrain's registries; a config
does so with ``custom_imports = dict(imports=['mmwsol'])``. Where none of OpenMMLab's
packages is installed there is nothing to register in, and ``mmwsol.functional``, which
needs numpy alone, is what can be used.
"""

from mmwsol.config_files import config_path
from mmwsol.environment import check_environment, has_host
from mmwsol.version import __version__

if has_host():
    check_environment()  # before the first mm* import, which would fail less clearly

    from mmwsol.registration import register_all

    register_all()

__all__ = ['__version__', 'config_path']
