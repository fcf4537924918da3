"""Which checkpoint an interrupted run goes on from."""

import os
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import MMLogger

from mmwsol.engine.checkpoint_seal import broken_seal
from mmwsol.engine.safe_loading import load_plain


def set_start(config: Config, resume: str | None) -> None:
    """Has a config start anew, or go on from a checkpoint.

    Processes that torchrun started again after one died go on from the last checkpoint.

    Args:
        config: Gets ``resume`` and ``load_from``.
        resume: A checkpoint, `'auto'` for the last one in the work folder, or None.
    """
    if resume:
        config.resume = True
        config.load_from = None if resume == 'auto' else resume
    if int(os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)):
        written = newest_whole(config.work_dir)
        if written:
            config.resume, config.load_from = True, written
    elif config.get('resume') and not config.get('load_from'):
        config.load_from = newest_whole(config.work_dir)
    elif int(os.environ.get('TORCHELASTIC_MAX_RESTARTS', 0)):
        if any(Path(config.work_dir).glob('*.pth')):
            raise ValueError(
                f'Expected `work_dir` without checkpoints where MAX_RESTARTS is set, but got '
                f'{config.work_dir}, from whose checkpoints a restart would go on; add '
                '--resume, or name another --work-dir.'
            )


def newest_whole(work_dir: str | Path) -> str | None:
    """The checkpoint that ``last_checkpoint`` names, or the newest whole one if it is not.

    Args:
        work_dir: Of the run.

    Returns:
        Its path, or None where no checkpoint was ever written.

    Raises:
        ValueError: There are checkpoints, but no whole one.
    """
    note = Path(work_dir, 'last_checkpoint')
    named = note.read_text(encoding='utf-8').strip() if note.is_file() else ''
    last = Path(named or note)
    problem = _problem(last) if named else 'it names none'
    if not problem:
        return named
    problems = {str(last): problem}
    whole = []
    files = {*Path(work_dir).glob('*.pth'), *last.parent.glob('*.pth')}
    for file in sorted(files - {last}):
        try:
            checkpoint = load_plain(file)
        except ValueError as error:
            problems[str(file)] = str(error)
        else:
            if 'optimizer' in checkpoint:  # not the best one, which is for testing
                whole.append((checkpoint['meta']['iter'], str(file)))
    if whole:
        iteration, chosen = max(whole)
        if note.is_file():
            listed = '; '.join(f'{file}: {text}' for file, text in problems.items())
            MMLogger.get_current_instance().warning(
                f'Cannot go on from the last checkpoint ({listed}). Goes on from the whole '
                f'one before it, {chosen}, after iteration {iteration}.'
            )
        return chosen
    if files:
        listed = '; '.join(problems.values())
        raise ValueError(
            f'Expected a whole checkpoint in {work_dir} for --resume, but got none ({listed}); '
            'start anew without --resume.'
        )
    return None


def _problem(file: Path) -> str | None:
    """Why a checkpoint cannot be used, or None."""
    if not file.is_file():
        return 'there is no such file'
    damage = broken_seal(file)
    if damage:
        return damage
    try:
        load_plain(file)  # one without a checksum is whole if it can be read
    except ValueError as error:
        return str(error)
    return None
