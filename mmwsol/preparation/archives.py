"""Whether a downloaded archive is the official one."""

import hashlib
from pathlib import Path

from rich import progress

from mmwsol.preparation.findings import Findings

BLOCK = 2**22


def check_archive(file: Path, known: dict[str, str], found: Findings) -> None:
    """Compares an archive's MD5 with the published one of its name.

    Args:
        file: The archive, under the name it was downloaded by.
        known: MD5 of each archive, by name.
        found: Where to say so.
    """
    if file.name not in known:
        found.problem(f'{file.name} is not one of {", ".join(known)}')
    elif not file.is_file():
        found.problem(f'{file} does not exist')
    else:
        digest = hashlib.md5(usedforsecurity=False)
        with progress.open(file, 'rb', description=file.name) as content:
            while block := content.read(BLOCK):
                digest.update(block)
        if digest.hexdigest() == known[file.name]:
            found.say(file.name, 'has the published MD5')
        else:
            found.problem(
                f'{file} has the MD5 {digest.hexdigest()}, the published one is '
                f'{known[file.name]}: download it again'
            )
