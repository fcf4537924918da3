"""Tables in documents, from the metafiles."""

import os
import re
from pathlib import Path

from tools.report.markdown import markdown
from tools.report.metafiles import Row, percents, read_metafiles, with_runs
from tools.report.paper import paper_notes, paper_table, read_paper
from tools.report.scalars import METRICS

DOCUMENTS = ('README.md', 'docs/*.md', 'configs/*/README.md')
MARKED = re.compile(
    r'(<!-- table: ([a-z]+) ?(\S*) -->\n)(.*?)(<!-- end table -->)', re.DOTALL
)
FENCED = re.compile(r'(^```.*?^```$)', re.MULTILINE | re.DOTALL)


class Tables:
    """The tables that documents can ask for, from all metafiles.

    Args:
        root: The folder of the repository.
        outside: Rows of configs that no metafile has.
        inside: Metrics of configs that stand in place of their metafiles'.
    """

    def __init__(
        self,
        root: Path,
        outside: list[Row] | None = None,
        inside: dict[str, dict] | None = None,
    ) -> None:
        self.root = root
        self.methods, self.rows = read_metafiles(root)
        self.rows = with_runs(self.rows, inside or {})
        self.paper = read_paper(root, self.rows)
        self.rows += outside or []
        self.kinds = dict(
            methods=self.of_methods,
            results=self.of_results,
            method=self.of_method,
            paper=self.of_paper,
        )

    def fill(self, text: str, document: Path) -> str:
        """The document's text with all its tables anew."""
        return MARKED.sub(
            lambda m: m[1] + self.render(m[2], m[3], document) + m[5], text
        )

    def render(self, kind: str, name: str, document: Path) -> str:
        """A table in Markdown, with links as that document needs them."""
        if kind not in self.kinds:
            raise ValueError(
                f'Expected a table of {tuple(self.kinds)} in {document}, but got {kind!r}.'
            )
        if kind == 'paper' and name not in self.paper:
            raise ValueError(
                f"Expected the paper's table in {document} to be one of "
                f'{tuple(self.paper)}, but got {name!r}.'
            )

        def link(path: str) -> str:
            return Path(os.path.relpath(self.root / path, document.parent)).as_posix()

        text = markdown(self.kinds[kind](name, link)) + '\n'
        if kind == 'paper':
            text += ''.join(f'\n{note}\n' for note in paper_notes(self.paper[name]))
        return text

    def of_methods(self, _: str, link) -> list[tuple[str, ...]]:
        """Every method in a sentence."""
        return [
            ('method', 'in one sentence', 'configs'),
            *(
                (
                    f'[{collection["Name"]}]({link(collection["README"])})',
                    collection['Metadata']['Summary'],
                    f'[configs/{folder}]({link(f"configs/{folder}")})',
                )
                for collection, folder in self.methods
            ),
        ]

    def of_results(self, stem: str, _) -> list[tuple[str, ...]]:
        """All methods on one backbone and data set.

        Published numbers stand beside ours where a method has some of the same backbone
        and data set, and nowhere else.
        """
        own = [row for row in self.rows if row.stem == stem]
        own.sort(key=lambda row: row.metrics.get('GT-known Loc', -1))
        columns = [m for m in METRICS if any(m in row.metrics for row in own)]
        lines = [('method', *columns, 'seeds')]
        for row in own:
            cells = [row.cell(name) for name in columns] if row.was_run else []
            cells += ['not run'] * (len(columns) - len(cells))
            lines.append((row.method, *cells, row.metrics.get('Seeds', '-')))
        if any(row.published for row in own):
            beside = ['published: Top-1 / Top-5 / GT-known']
            beside += [percents(row.published) for row in own]
            lines = [(*line, cell) for line, cell in zip(lines, beside)]
        return lines

    def of_method(self, folder: str, _) -> list[tuple[str, ...]]:
        """Every config of a method: published, and ours."""
        return [
            ('config', 'published', 'source', 'ours', 'setting of ours'),
            *(
                (
                    f'`{Path(row.config).stem}`',
                    percents(row.published),
                    row.metrics.get('Source', '-'),
                    row.ours,
                    row.setting(),
                )
                for row in self.rows
                if row.folder == folder
            ),
        ]

    def of_paper(self, number: str, link) -> list[tuple[str, ...]]:
        """A table of the PNSC paper, with our numbers."""
        return paper_table(number, self.paper[number], self.rows, link)


def write_tables(root: Path, check: bool = False) -> list[str]:
    """Renders every marked table anew.

    Args:
        root: The folder of the repository.
        check: Leaves the documents as they are.

    Returns:
        Names of the documents whose tables were out of date.
    """
    tables = Tables(root)
    stale = []
    for pattern in DOCUMENTS:
        for document in sorted(root.glob(pattern)):
            text = document.read_text(encoding='utf-8')
            new = ''.join(
                # a marker in a block of code is an example
                part if part.startswith('```') else tables.fill(part, document)
                for part in FENCED.split(text)
            )
            if new != text:
                stale.append(str(document.relative_to(root)))
                if not check:
                    document.write_text(new, encoding='utf-8')
    return stale
