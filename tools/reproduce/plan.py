"""What to train and test, read from a file such as ``configs/_plans/gpu.yml``."""

from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import yaml

FOLDER = 'configs/_plans'


class PlannedRun(NamedTuple):
    """One config, and what a plan changes of it."""

    config: str
    """Its file, relative to the repository."""
    name: str
    """Of its folder: by default ``<method>_<file>``."""
    parts: list[str]
    """Groups that can be chosen."""
    seeds: list[int] = [0]
    amp: str | None = None
    """As for tools/train.py."""
    epochs: int | None = None
    """In place of the config's; what the schedule counts in epochs shrinks with them."""
    held_out: int = 0
    """Training images of each class that are not trained on, to choose thresholds on."""
    options: dict = {}
    """Settings of training and tests, by their dotted keys."""
    test_options: dict = {}
    """More of the tests alone."""
    view: str | None = None
    """Data set file with the tests' pipeline, as for tools/test.py."""
    tta: bool = False
    """Whether the class is predicted from the view's crops."""
    published: str | None = None
    """Config whose published numbers stand beside ours; by default the run's own."""


class Plan(NamedTuple):
    """A file of runs."""

    name: str
    about: str
    runs: list[PlannedRun]

    def chosen(self, wanted: list[str] | None) -> 'Plan':
        """The runs of some parts, or whose names fit a pattern such as ``pnsc_*``."""
        if not wanted:
            return self
        chosen = []
        for word in wanted:
            own = [r for r in self.runs if word in r.parts or fnmatch(r.name, word)]
            if not own:
                parts = sorted({part for run in self.runs for part in run.parts})
                raise ValueError(
                    f'Expected --only to name parts ({", ".join(parts)}) or runs '
                    f'({", ".join(run.name for run in self.runs)}) of {self.name}, but got '
                    f'{word!r}.'
                )
            chosen += own
        return self._replace(runs=[run for run in self.runs if run in chosen])


def plans(root: Path) -> dict[str, Path]:
    """The plans of the repository by name."""
    return {file.stem: file for file in sorted((root / FOLDER).glob('*.yml'))}


def read_plan(name: str, root: Path) -> Plan:
    """Reads a plan.

    Args:
        name: Of a file in ``configs/_plans/``, or the path of another.
        root: Of the repository.

    Raises:
        ValueError: The file is no plan; the message says where.
        FileNotFoundError: There is no such plan, or a config of it.
    """
    known = plans(root)
    file = known.get(name, Path(name))
    if not file.is_file():
        raise FileNotFoundError(
            f'Expected a plan, one of {", ".join(known)} or a .yml file, but got {name!r}.'
        )
    content = yaml.safe_load(file.read_text(encoding='utf-8'))
    if not isinstance(content, dict) or not content.get('runs'):
        raise ValueError(f'Expected `runs` in {file}, but there are none.')
    defaults = content.get('defaults') or {}
    runs = [_run(entry, defaults, file, root) for entry in content['runs']]
    names = [run.name for run in runs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(
            f'Expected runs of {file} with a name each, but got {twice[0]!r} twice; give '
            'them a `name`.'
        )
    return Plan(file.stem, content.get('about', ''), runs)


def _run(entry: dict, defaults: dict, file: Path, root: Path) -> PlannedRun:
    values = {**defaults, **entry}
    unknown = sorted(values.keys() - set(PlannedRun._fields))
    if unknown or 'config' not in entry:
        raise ValueError(
            f'Expected runs of {file} to have `config` and perhaps '
            f'{", ".join(PlannedRun._fields[1:])}, but got {unknown or entry}.'
        )
    for key in ('options', 'test_options'):
        values[key] = {**defaults.get(key, {}), **entry.get(key, {})}
    path = Path(entry['config'])
    for key in ('config', 'view', 'published'):
        if values.get(key) and not (root / values[key]).is_file():
            raise FileNotFoundError(
                f'Expected `{key}` of a run of {file} at {root / values[key]}, but there is '
                'no such file.'
            )
    values.setdefault('name', f'{path.parent.name}_{path.stem}')
    values.setdefault('parts', ['main'])
    values['published'] = values.get('published') or entry['config']
    return PlannedRun(**values)
