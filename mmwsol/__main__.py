"""Runs a tool from any folder, with a checkout or without.

mmwsol train pnsc/resnet50_cub      is  python tools/train.py configs/pnsc/resnet50_cub.py
torchrun -m mmwsol train ...        trains in several processes
"""

import runpy
import sys

from mmwsol.config_files import HOME

TOOLS = HOME / 'tools'
# those of the laboratory need a checkout, and are run from its root by `python -m`
FOLDERS = ('.', 'prepare')


def names() -> list[str]:
    """Every command, such as ``train`` or ``prepare/cub``."""
    files = (file for folder in FOLDERS for file in (TOOLS / folder).glob('*.py'))
    found = (file.relative_to(TOOLS).with_suffix('').as_posix() for file in files)
    return sorted(name for name in found if not name.endswith('__init__'))


def main() -> None:
    """Runs the tool that the command line names; its own arguments follow."""
    name = sys.argv[1] if len(sys.argv) > 1 else '--help'
    usage = 'usage: mmwsol TOOL [ARGUMENTS ...], where TOOL is one of\n  '
    usage += '\n  '.join(names())
    if name in ('-h', '--help'):
        print(f'{usage}\nmmwsol TOOL --help says more of each')
        return
    if name not in names():
        sys.exit(f'{usage}\nbut got {name!r}')
    file = TOOLS / f'{name}.py'
    sys.argv = [str(file), *sys.argv[2:]]
    runpy.run_path(str(file), run_name='__main__')


if __name__ == '__main__':
    main()
