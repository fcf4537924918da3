"""All tables as files, and all numbers for other programs."""

import json
from pathlib import Path

from mmwsol.io.text import read_json
from tools.report.metafiles import Row
from tools.report.scalars import METRICS
from tools.report.tables import Tables

FORMAT = 1


def export(tables: Tables, folder: Path) -> None:
    """Writes ``<kind>_<name>.md`` for every table, and ``results.json``.

    Runs of configs outside the repository are in ``results_<backbone>_<dataset>.md`` and,
    with their settings, in ``outside.md``.

    ``results.json`` is ``{"format": 1, "results": [...]}`` with one entry for each config::

        method      the name in tables: "PNSC"; "<folder>/<file>" of a config outside
        backbone    the name in configs/: "resnet50"
        dataset     the name in configs/: "cub"
        variant     "w5-1" of vgg16_cub-w5-1.py, else null
        config      its path: in the repository, or absolute
        metrics     {"MaxBoxAccV2": {"mean": 66.6, "spread": null}, ...} in percent, the
                    spread over seeds null for a single one; {} if not run
        published   {"Top-1 Loc": 70.68, ...} in percent, {} if nothing is
        source      of the published numbers, or null
        seeds       [0, 1, 2], [] if not run
        setting     null if not run, or a mapping of images, split, classes, protocol,
                    threshold, maps, epochs, hardware, date and perhaps options, map_maker,
                    views, changed, minutes: what tools.report.settings.read_setting lists,
                    the training time in minutes, and the day of the evaluation
    """
    folder.mkdir(parents=True, exist_ok=True)
    stems = sorted({row.stem for row in tables.rows if '-' not in row.stem})
    names = [('methods', '')]
    names += [('method', folder) for _, folder in tables.methods]
    names += [('results', stem) for stem in stems]
    names += [('paper', number) for number in tables.paper]
    files = {'_'.join(filter(None, pair)): pair for pair in names}
    if any(not row.folder for row in tables.rows):
        files['outside'] = ('method', '')
    for stem, pair in files.items():
        document = folder.resolve() / f'{stem}.md'
        document.write_text(tables.render(*pair, document), encoding='utf-8')
    text = json.dumps(
        dict(format=FORMAT, results=[_entry(row) for row in tables.rows]),
        indent=1,
        ensure_ascii=False,
    )
    (folder / 'results.json').write_text(text + '\n', encoding='utf-8')


def _entry(row: Row) -> dict:
    backbone, _, rest = row.stem.partition('_')
    dataset, _, variant = rest.partition('-')
    own = row.metrics
    return dict(
        method=row.method,
        backbone=backbone,
        dataset=dataset,
        variant=variant or None,
        config=row.config,
        metrics={
            name: dict(mean=own[name], spread=own.get(f'{name} spread'))
            for name in METRICS
            if name in own
        },
        published=row.published,
        source=own.get('Source'),
        seeds=[int(seed) for seed in own['Seeds'].split(', ')] if row.was_run else [],
        setting=own.get('Setting'),
    )


def read_results(file: Path) -> list[dict]:
    """The entries of a ``results.json``, as :func:`export` describes them."""
    content = read_json(file, dict)
    if content.get('format') != FORMAT:
        raise ValueError(
            f'Expected `format` of {file} to be {FORMAT}, but got '
            f'{str(content.get("format"))[:80]}; '
            'write it with python -m tools.report --out.'
        )
    if not isinstance(content.get('results'), list):
        raise ValueError(f'Expected a list as `results` of {file}.')
    return content['results']
