"""Loading checkpoints without running what is in them.

mmengine calls ``torch.load`` with the default of the installed torch, which before 2.6
executes whatever a file's pickle says. The loaders here replace mmengine's through its
own registry of loaders, so that ``load_from``, ``resume``, ``init_cfg`` and
``tools/test.py`` all take only tensors and plain values.
"""

import os
import pickle
from pathlib import Path
from urllib.parse import urlparse

import torch
from mmengine.dist import barrier, get_dist_info
from mmengine.runner.checkpoint import CheckpointLoader

from mmwsol.engine.checkpoint_seal import broken_seal


def load_plain(
    file: str | os.PathLike, map_location: str | torch.device | None = None
) -> dict:
    """Reads a checkpoint of tensors and plain values.

    Args:
        file: Path of the checkpoint.
        map_location: As for :func:`torch.load`.

    Raises:
        FileNotFoundError: No such file.
        ValueError: The file is damaged, or holds something that would have to be
            executed.
    """
    file = Path(file).expanduser()
    if not file.is_file():
        raise FileNotFoundError(
            f'Expected a checkpoint at {file}, but there is no such file.'
        )
    damage = broken_seal(file)
    if damage:
        raise ValueError(f'Expected a whole checkpoint in {file}, but {damage}.')
    try:
        checkpoint = torch.load(file, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f'Refused to load {file}: it holds more than tensors and plain values, which '
            f'could run code ({reason}). Checkpoints of mmwsol, of the model zoo and of '
            '`torch.save(model.state_dict())` load; ask for one of these.'
        ) from None
    except Exception as error:  # torch's reader raises whatever damaged bytes lead to
        reason = ' '.join(str(error).split())[:120] or type(error).__name__
        raise ValueError(
            f'Expected a whole checkpoint in {file}, but it is damaged or no checkpoint '
            f'({reason}).'
        ) from None
    if not isinstance(checkpoint, dict):
        raise ValueError(
            f'Expected a checkpoint in {file}, but it holds a {type(checkpoint).__name__}.'
        )
    return checkpoint


@CheckpointLoader.register_scheme(prefixes='', force=True)
def load_from_local(
    filename: str, map_location: str | torch.device | None = None
) -> dict:
    """The loader of local files, see :func:`load_plain`."""
    return load_plain(filename, map_location)


@CheckpointLoader.register_scheme(prefixes=('http://', 'https://'), force=True)
def load_from_http(
    filename: str, map_location: str | torch.device | None = None
) -> dict:
    """The loader of addresses: downloads once a machine, then :func:`load_plain`."""
    folder = Path(torch.hub.get_dir()) / 'checkpoints'
    file = folder / Path(urlparse(filename).path).name
    rank, _ = get_dist_info()
    if int(os.environ.get('LOCAL_RANK', rank)) == 0 and not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(filename, str(file))
        except OSError as error:
            raise OSError(
                f'Could not download {filename} ({error}); fetch it by other means and name '
                'the file, for example with --cfg-options '
                'model.backbone.init_cfg.checkpoint=FILE.'
            ) from None
    barrier()
    return load_plain(file, map_location)


@CheckpointLoader.register_scheme(
    prefixes=[
        'modelzoo://',
        'torchvision://',
        'open-mmlab://',
        'openmmlab://',
        'mmcls://',
        'pavi://',
        r'(\S+\:)?s3://',
        r'(\S+\:)?petrel://',
    ],
    force=True,
)
def load_from_refused(
    filename: str, map_location: str | torch.device | None = None
) -> dict:
    """Refuses mmengine's other schemes, whose loaders may execute a file's pickle."""
    raise ValueError(
        f'Refused to load {filename}: its scheme is read by mmengine, which may run code '
        'from the file. Name a local file or an http(s) address instead.'
    )
