"""The PNSC paper's tables, a row of ours beside each row of the paper's."""

import re
from pathlib import Path
from typing import NamedTuple

from mmwsol.io.text import is_number
from tools.report.metafiles import LOC, LONGEST, Row, is_name, percents
from tools.report.yaml_file import read_yaml

FILE = 'configs/pnsc/paper_tables.yml'
CITED = re.compile(r'PNSC paper, Table (\d)')


class PaperRow(NamedTuple):
    """What the paper prints, and the config that describes it here."""

    name: str
    published: dict[str, float]
    config: str | None


class PaperTable(NamedTuple):
    """One table of the paper."""

    title: str
    images: int
    rows: list[PaperRow]


def read_paper(root: Path, rows: list[Row]) -> dict[str, PaperTable]:
    """The paper's tables by number; none where the repository has no such file.

    Raises:
        ValueError: If a metafile that cites the paper disagrees with it, or a row's config
            has no metafile.
    """
    file = root / FILE
    if not file.exists():
        return {}
    content = read_yaml(file)
    try:
        tables = {
            str(number): PaperTable(
                str(table['title']),
                int(table['images']),
                [_row(line) for line in table['rows']],
            )
            for number, table in content.items()
        }
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(
            f'Expected tables with title, images and rows in {file}, but got '
            f'{repr(error)[:200]}.'
        ) from None
    _check(tables, rows)
    return tables


def _row(line: dict) -> PaperRow:
    published = {n: v for n, v in zip(LOC, line['paper']) if v is not None}
    if not all(is_number(value) for value in published.values()):
        raise ValueError(f'{str(published)[:80]} instead of numbers')
    name, config = str(line['row']), line.get('config')
    if len(name) > LONGEST or not (config is None or is_name(config)):
        raise ValueError('a row or config that is no name')
    return PaperRow(name, published, config)


def _check(tables: dict[str, PaperTable], rows: list[Row]) -> None:
    by_config = {row.config: row for row in rows}
    cited = {row.config: CITED.fullmatch(row.metrics.get('Source', '')) for row in rows}
    for number, table in tables.items():
        for line in table.rows:
            if line.config and line.config not in by_config:
                raise ValueError(
                    f'Expected {line.config}, {line.name!r} of Table {number} in {FILE}, to '
                    'have a row in its metafile, but it has none.'
                )
            if line.config and cited[line.config]:
                own = by_config[line.config].published
                if own != line.published:
                    raise ValueError(
                        f'Expected the metafile of {line.config} to have the numbers of '
                        f'Table {number} in {FILE}, {percents(line.published)}, but got '
                        f'{percents(own)}.'
                    )
    described = {(n, line.config) for n, t in tables.items() for line in t.rows}
    for config, source in cited.items():
        if source and (source[1], config) not in described:
            raise ValueError(
                f'Expected {config}, whose metafile cites Table {source[1]}, to be the '
                f'`config` of a row of that table in {FILE}, but it is not.'
            )


def paper_table(number: str, table: PaperTable, rows: list[Row], link) -> list[tuple]:
    """The paper's rows in its order: its numbers, ours, and the difference.

    Args:
        number: Of the table.
        table: What the paper prints.
        rows: Of all configs.
        link: Makes a path in the repository one that the document can point to.
    """
    by_config = {row.config: row for row in rows}
    triple = 'Top-1 / Top-5 / GT-known Loc'
    head = (
        f'Table {number}: {table.title}',
        f'paper: {triple}',
        'ours',
        'ours - paper',
        'ours: MaxBoxAccV2',
        'setting of ours',
    )
    lines = [head]
    for name, published, config in table.rows:
        if config is None:
            lines.append((name, percents(published), 'no code here', '-', '-', '-'))
            continue
        row = by_config[config]
        lines.append(
            (
                f'[{name}]({link(config)})',
                percents(published),
                row.ours,
                _difference(row, published),
                row.cell('MaxBoxAccV2'),
                row.setting(of=table.images),
            )
        )
    return lines


def _difference(row: Row, published: dict[str, float]) -> str:
    if not row.was_run:
        return '-'
    # + 0.0 turns -0.0 into 0.0
    return ' / '.join(
        f'{round(row.metrics[n] - published[n], 1) + 0.0:+.1f}'
        if n in published and n in row.metrics
        else '-'
        for n in LOC
    )
