"""The PNSC paper's tables, with our numbers in each row."""

import re
from pathlib import Path

from pydantic import RootModel

from tools.report.metafiles import LOC, Row, percents
from tools.report.schema import Number, Strict, Text, read_yaml, validated

FILE = 'configs/pnsc/paper_tables.yml'
CITED = re.compile(r'PNSC paper, Table (\d)')


class PaperRow(Strict):
    """What the paper prints, and the config that describes it here."""

    row: Text
    paper: list[Number | None]
    """Top-1, Top-5 and GT-known Loc."""
    config: Text | None = None
    note: Text | None = None
    """What a reader must know of the row, below the table."""

    @property
    def published(self) -> dict[str, float]:
        """The numbers that the paper has, by their names."""
        return {n: v for n, v in zip(LOC, self.paper) if v is not None}


class PaperTable(Strict):
    """One table of the paper."""

    title: Text
    images: int
    """The size of the whole test set."""
    rows: list[PaperRow]

    @property
    def notes(self) -> list[str]:
        """The notes of its rows, each once, in their order."""
        return list(dict.fromkeys(row.note for row in self.rows if row.note))


def read_paper(root: Path, rows: list[Row]) -> dict[str, PaperTable]:
    """The paper's tables by number; none where the repository has no such file.

    Raises:
        ValueError: If a metafile that cites the paper disagrees with it, or a row's config
            has no metafile.
    """
    file = root / FILE
    if not file.exists():
        return {}
    content = validated(read_yaml(file), RootModel[dict[int, PaperTable]], file)
    tables = {str(number): table for number, table in content.root.items()}
    _check(tables, rows)
    return tables


def _check(tables: dict[str, PaperTable], rows: list[Row]) -> None:
    by_config = {row.config: row for row in rows}
    cited = {row.config: CITED.fullmatch(row.metrics.get('Source', '')) for row in rows}
    for number, table in tables.items():
        for line in table.rows:
            if line.config and line.config not in by_config:
                raise ValueError(
                    f'Expected {line.config}, {line.row!r} of Table {number} in {FILE}, to '
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
        number: The number of the table.
        table: What the paper prints.
        rows: The rows of all configs.
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
    for line in table.rows:
        published = percents(line.published)
        mark = footnote(table.notes.index(line.note)) if line.note else ''
        if line.config is None:
            lines.append((line.row + mark, published, 'no code here', '-', '-', '-'))
            continue
        row = by_config[line.config]
        lines.append(
            (
                f'[{line.row}]({link(line.config)}){mark}',
                published,
                row.ours,
                _difference(row, line.published),
                row.cell('MaxBoxAccV2'),
                row.setting(of=table.images),
            )
        )
    return lines


def paper_notes(table: PaperTable) -> list[str]:
    """The lines below a table that its rows point to."""
    return [f'{footnote(i)} {note}' for i, note in enumerate(table.notes)]


def footnote(index: int) -> str:
    """The mark of a note, counted from 0 in its table."""
    return f'<sup>{index + 1}</sup>'


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
