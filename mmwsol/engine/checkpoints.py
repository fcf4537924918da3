"""Checkpoints: read without running what is in them, and found whole.

mmengine calls ``torch.load`` with the default of the installed torch, which before 2.6
executes whatever a file's pickle says. :func:`load_plain` takes tensors and plain values
alone; :func:`install_safe_loading` has mmengine read everything by it.
"""

import os
import pickle
import zipfile
from pathlib import Path
from urllib.parse import urlparse

import torch
from filelock import FileLock
from mmengine.logging import MMLogger
from mmengine.runner.checkpoint import CheckpointLoader
from torch import nn

from mmwsol.engine.belonging import check_match, meta_of, state_of

ARCHIVE = b'PK\x03\x04'


def find_damage(file: Path) -> str | None:
    """What the checksums in a checkpoint say against it, or None.

    A checkpoint is a zip archive with a checksum for each member. torch passes over them,
    and reads one with flipped bits as if it were whole. torch's older form has none.
    """
    size = file.stat().st_size
    with file.open('rb') as stream:
        is_archive = stream.read(len(ARCHIVE)) == ARCHIVE
    if size == 0:
        return 'it is empty'
    if not is_archive and not zipfile.is_zipfile(file):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            # torch compresses nothing; what is compressed may grow without end
            if sum(member.file_size for member in archive.infolist()) > size:
                return 'it is damaged (its members are larger than the file)'
            spoilt = archive.testzip()
    except Exception as error:  # zipfile raises whatever damaged bytes lead to
        return f'it is damaged ({_brief(error)})'
    return spoilt and f'its checksum of {spoilt} does not fit the content'


def load_plain(
    file: str | os.PathLike, map_location: str | torch.device | None = None
) -> dict:
    """Reads a checkpoint of tensors and plain values.

    Args:
        file: The path of the checkpoint.
        map_location: As for :func:`torch.load`.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, or holds something that would have to be
            executed.
    """
    file = Path(file).expanduser()
    if not file.is_file():
        raise FileNotFoundError(
            f'Expected a checkpoint at {file}, but there is no such file.'
        )
    damage = find_damage(file)
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
        raise ValueError(
            f'Expected a whole checkpoint in {file}, but it is damaged or no checkpoint '
            f'({_brief(error)}).'
        ) from None
    if not isinstance(checkpoint, dict):
        raise ValueError(
            f'Expected a checkpoint in {file}, but it holds a {type(checkpoint).__name__}.'
        )
    return checkpoint


def _brief(error: Exception) -> str:
    return ' '.join(str(error).split())[:120] or type(error).__name__


def install_safe_loading() -> None:
    """Has mmengine read all checkpoints of this process by :func:`load_plain`.

    So ``load_from``, ``resume`` and ``init_cfg`` run nothing either. It is for programs of
    mmwsol; a process of somebody else keeps the loaders that it has.
    """
    schemes = dict.fromkeys(CheckpointLoader._schemes, load_from_refused)
    schemes.update(
        {
            '': load_from_local,
            'http://': load_from_http,
            'https://': load_from_http,
        }
    )
    for prefix, loader in schemes.items():
        CheckpointLoader.register_scheme(prefix, loader, force=True)


def load_from_local(
    filename: str, map_location: str | torch.device | None = None
) -> dict:
    """The loader of local files."""
    return load_plain(filename, map_location)


def load_from_http(
    filename: str,
    map_location: str | torch.device | None = None,
    advice: str = (
        'name the file, for example with --cfg-options '
        'model.backbone.init_cfg.checkpoint=FILE'
    ),
) -> dict:
    """The loader of addresses: downloads once a machine, then :func:`load_plain`.

    Args:
        filename: The address.
        map_location: As for :func:`torch.load`.
        advice: What to do with a file that was fetched by other means.
    """
    folder = Path(torch.hub.get_dir()) / 'checkpoints'
    file = folder / Path(urlparse(filename).path).name
    folder.mkdir(parents=True, exist_ok=True)
    # not mmengine's barrier: a download may take longer than processes wait for each other
    with FileLock(f'{file}.lock'):
        if not file.exists():
            try:
                torch.hub.download_url_to_file(filename, str(file))
            except OSError as error:
                raise OSError(
                    f'Could not download {filename} ({error}); fetch it by other means '
                    f'and {advice}.'
                ) from None
    return load_plain(file, map_location)


def load_from_refused(
    filename: str, map_location: str | torch.device | None = None
) -> dict:
    """The loader of mmengine's other schemes, whose own may execute a file's pickle."""
    raise ValueError(
        f'Refused to load {filename}: its scheme is read by mmengine, which may run code '
        'from the file. Name a local file or an http(s) address instead.'
    )


def load_whole(localizer: nn.Module, file: str | os.PathLike) -> dict:
    """Fills a localizer from a checkpoint, all of it.

    Returns:
        What the checkpoint says of itself, ``meta``.

    Raises:
        ValueError: The checkpoint is of another model, is damaged or could run code.
    """
    checkpoint = load_plain(file)
    check_match(localizer, checkpoint, str(file))
    localizer.load_state_dict(state_of(checkpoint), strict=False)
    return meta_of(checkpoint)


def newest_whole(work_dir: str | Path) -> str | None:
    """The checkpoint that ``last_checkpoint`` names, or the newest whole one if it is not.

    Args:
        work_dir: The folder of the run.

    Returns:
        Its path, or None where no checkpoint was ever written.

    Raises:
        ValueError: There are checkpoints, but no whole one.
    """
    note = Path(work_dir, 'last_checkpoint')
    named = ''
    if note.is_file():
        named = note.read_text('utf-8', errors='surrogateescape').strip()
    last = Path(named or note)
    problems = [] if named else [f'{note} names none']
    files = {*Path(work_dir).glob('*.pth'), *last.parent.glob('*.pth')}
    whole = []
    for file in [*([last] if named else []), *sorted(files - {last})]:
        try:
            checkpoint = load_plain(file)
        except (FileNotFoundError, ValueError) as error:
            problems.append(str(error).rstrip('.'))
            continue
        if file == last:
            return named
        if 'optimizer' in checkpoint:  # not the best one, which is for testing
            whole.append((checkpoint['meta']['iter'], str(file)))
    listed = '; '.join(problems)
    if whole:
        iteration, chosen = max(whole)
        if note.is_file():
            MMLogger.get_current_instance().warning(
                f'Cannot go on from the last checkpoint ({listed}). Goes on from the '
                f'newest whole one, {chosen}, after iteration {iteration}.'
            )
        return chosen
    if files:
        raise ValueError(
            f'Expected a whole checkpoint in {work_dir} for --resume, but got none ({listed}); '
            'start anew without --resume.'
        )
    return None
