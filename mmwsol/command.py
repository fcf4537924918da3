"""How every tool runs: nothing that it prints crashes it, and a user's mistake is a sentence."""

import io
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmwsol.config_files import HOME
from mmwsol.io.names import printable

# as this package words what its user can mend; what registries and processes that load data
# put before it is of no use
_SENTENCE = re.compile(
    r'(Caught \w+ in DataLoader .*\n\w+: )?(class `\w+` in \S+: )*'
    r'(?P<said>(\[Errno \d+\] )?(Expected|Could not|Refused) .*)',
    re.S,
)

LISTED = 20
"""Lines that a screen has room for."""


def run_tool(main: Callable[[], object]) -> None:
    """Runs a tool and exits with what it returns, if that is a number.

    Args:
        main: The tool's main function.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # names of files need not be text
            stream.reconfigure(errors='backslashreplace')
    logging.setLogRecordFactory(_encodable_record)
    # mmengine's own affair, said whenever it reads a config
    warnings.filterwarnings('ignore', 'pkg_resources is deprecated')
    # Pillow's, of large photographs; those that are too large are refused by name
    warnings.filterwarnings('ignore', 'Image size .* exceeds limit')
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # as of `| head`, which has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        print('Nobody reads the output any more.', file=sys.stderr)
        sys.exit(128 + 13)
    except KeyboardInterrupt:
        print('\nStopped by SIGINT.', file=sys.stderr)
        sys.exit(128 + 2)
    except (OSError, ValueError, TypeError, ImportError) as problem:
        found = _SENTENCE.fullmatch(str(problem))
        if not found:
            raise
        sys.exit(found['said'].strip())
    sys.exit(code if isinstance(code, int) else 0)


def _encodable_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A line for logs, whose files take UTF-8 alone."""
    record = logging.LogRecord(*args, **kwargs)
    record.msg = record.getMessage().encode(errors='backslashreplace').decode()
    record.args = ()
    return record


def command_line(tool: str, *arguments: object) -> str:
    """A command that is ready to paste, whatever the names in it are.

    Args:
        tool: The name of a module below ``tools``.
        *arguments: Its arguments.
    """
    start = ['mmwsol', tool]
    if not shutil.which('mmwsol'):  # as where the environment was not activated
        python = shutil.which('python') == sys.executable
        start = ['python' if python else sys.executable]
        start.append(seen_from_here(HOME / 'tools' / f'{tool}.py'))
    words = [*start, *map(str, arguments)]
    return subprocess.list2cmdline(words) if os.name == 'nt' else shlex.join(words)


def seen_from_here(path: str | Path) -> str:
    """A path as seen from the folder one is in, if it is below."""
    whole, here = Path(path).absolute(), Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def complain(what: str, problems: Sequence[str], most: int = LISTED) -> None:
    """Lists problems, if there are any.

    Args:
        what: What they are, for the first line.
        problems: The problems, a line each.
        most: The number of lines after which the rest is counted.
    """
    if problems:
        lines = [printable(problem) for problem in problems[:most]]
        if len(problems) > most:
            lines.append(f'and {len(problems) - most} more')
        print(f'{what}:', *lines, sep='\n  ', file=sys.stderr)


@contextmanager
def explained() -> Iterator[None]:
    """Ends the program with one sentence where the user can mend what is wrong."""
    try:
        yield
    except (OSError, ValueError) as problem:
        sys.exit(str(problem))
