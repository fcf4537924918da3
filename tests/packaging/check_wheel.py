"""What is left to check when wheel_job.sh has run its commands; its folder is the current."""

import json
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import mmwsol
from mmwsol import __main__ as program
from mmwsol.config_files import CONFIGS


def names(folder: Path) -> set[str]:
    found = (str(f.relative_to(folder)) for f in folder.rglob('*') if f.is_file())
    return {name for name in found if '__pycache__' not in name}


def starts(tool: str) -> bool:
    """Whether a tool finds all that it imports."""
    sys.argv = ['mmwsol', tool, '--help']
    try:
        with redirect_stdout(StringIO()):
            program.main()
    except SystemExit as end:
        # two need an extra, and say which
        return end.code in (0, None) or 'pip install' in str(end.code)
    return True


def main(root: Path) -> None:
    assert root not in Path(mmwsol.__file__).resolve().parents, 'not the wheel'
    assert CONFIGS.parent.name == '.mim'
    assert (CONFIGS.parent / 'model-index.yml').is_file()
    ours = names(root / 'configs')
    shipped = {name for name in ours if not name.startswith('_plans')}
    assert names(CONFIGS) == shipped, names(CONFIGS) ^ shipped
    assert {'train', 'prepare/custom'} <= set(program.names())
    assert [tool for tool in program.names() if not starts(tool)] == []

    tested = json.loads(Path('test.json').read_text(encoding='utf-8'))
    of_maps = json.loads(Path('maps.json').read_text(encoding='utf-8'))['metrics']
    assert of_maps['num_images'] == 20
    assert {
        f'loc/{name}': value for name, value in of_maps.items()
    }.items() <= tested.items()
    found = json.loads(Path('found/predictions.json').read_text(encoding='utf-8'))
    assert len(found['images']) == 20
    assert not found['failed']
    saved = Path('run').rglob('config.py')
    assert "config='configs/cam/resnet18_toy.py'" in next(saved).read_text(
        encoding='utf-8'
    )
    print('1 passed, 0 failed')


if __name__ == '__main__':
    main(Path(sys.argv[1]).resolve())
