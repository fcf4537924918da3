"""Tables in documents, from the metafiles."""

import re
from pathlib import Path
from typing import NamedTuple

import yaml

from mmwsol.reporting.runs import METRICS

DOCUMENTS = ('README.md', 'docs/*.md', 'configs/*/README.md')
MARKED = re.compile(
    r'(<!-- table: ([a-z]+) ?(\S*) -->\n)(.*?)(<!-- end table -->)', re.DOTALL
)
FENCED = re.compile(r'(^```.*?^```$)', re.MULTILINE | re.DOTALL)
PUBLISHED = ('Top-1', 'Top-5', 'GT-known')
# the row that stands for a method where its own backbone and data have none
REFERENCE = 'vgg16_cub'
REFERENCE_TITLE = 'published, VGG-16 on CUB: Top-1 / Top-5 / GT-known'


class Row(NamedTuple):
    """One config of a method."""

    method: str
    folder: str
    stem: str
    metrics: dict

    def cell(self, name: str) -> str:
        if name not in self.metrics:
            return '-'
        spread = self.metrics.get(f'{name} spread')
        return f'{self.metrics[name]:.1f}' + ('' if spread is None else f' ± {spread}')

    @property
    def published(self) -> str:
        """Top-1 / Top-5 / GT-known Loc, or PxAP where masks are, or that none are known."""
        values = [self.metrics.get(f'Published {name} Loc') for name in PUBLISHED]
        if not any(values):
            pixels = self.metrics.get('Published PxAP')
            return '-' if pixels is None else f'PxAP {pixels:.2f}'
        return ' / '.join('-' if v is None else f'{v:.2f}' for v in values)

    @property
    def ours(self) -> str:
        """The same of our runs."""
        if not self.was_run:
            return 'not run'
        if 'GT-known Loc' not in self.metrics:
            return f'PxAP {self.cell("PxAP")}'
        return ' / '.join(self.cell(f'{name} Loc') for name in PUBLISHED)

    @property
    def was_run(self) -> bool:
        return 'Setting' in self.metrics


class Tables:
    """The tables that documents can ask for, from all metafiles."""

    def __init__(self, root: Path) -> None:
        self.methods, self.rows = [], []
        for file in sorted(root.glob('configs/*/metafile.yml')):
            meta = yaml.safe_load(file.read_text(encoding='utf-8'))
            (collection,) = meta['Collections']
            folder = file.parent.name
            self.methods.append((collection, folder))
            for model in meta['Models']:
                (result,) = model['Results']
                stem = Path(model['Config']).stem
                self.rows.append(
                    Row(collection['Name'], folder, stem, result['Metrics'])
                )

    def fill(self, text: str, document: str) -> str:
        """The text with all its tables anew."""
        return MARKED.sub(
            lambda m: m[1] + self.render(m[2], m[3], document) + m[5], text
        )

    def render(self, kind: str, name: str, document: str) -> str:
        kinds = dict(
            methods=self.of_methods, results=self.of_results, method=self.of_method
        )
        if kind not in kinds:
            raise ValueError(
                f'Expected a table of {tuple(kinds)} in {document}, but got {kind!r}.'
            )
        head, *lines = kinds[kind](name)
        rule = ['---'] * len(head)
        return ''.join(f'| {" | ".join(cells)} |\n' for cells in (head, rule, *lines))

    def of_methods(self, _: str) -> list[tuple[str, ...]]:
        """Every method in a sentence."""
        return [
            ('method', 'in one sentence', 'configs'),
            *(
                (
                    f'[{collection["Name"]}]({collection["README"]})',
                    collection['Metadata']['Summary'],
                    f'[configs/{folder}](configs/{folder})',
                )
                for collection, folder in self.methods
            ),
        ]

    def of_results(self, stem: str) -> list[tuple[str, ...]]:
        """All methods on one backbone and data set, the published number beside."""
        own = [row for row in self.rows if row.stem == stem]
        own.sort(key=lambda row: row.metrics.get('GT-known Loc', -1))
        columns = [m for m in METRICS if any(m in row.metrics for row in own)]
        lines = [('method', *columns, 'seeds', REFERENCE_TITLE)]
        for row in own:
            cells = [row.cell(name) for name in columns] if row.was_run else []
            cells += ['not run'] * (len(columns) - len(cells))
            published = next(
                r.published
                for r in self.rows
                if r.folder == row.folder and r.stem == REFERENCE
            )
            seeds = str(row.metrics.get('Seeds', '-'))
            lines.append((row.method, *cells, seeds, published))
        return lines

    def of_method(self, folder: str) -> list[tuple[str, ...]]:
        """Every config of a method: published, and ours."""
        lines = [('config', 'published', 'source', 'ours', 'setting of ours')]
        for row in self.rows:
            if row.folder != folder:
                continue
            lines.append(
                (
                    f'`{row.stem}`',
                    row.published,
                    row.metrics.get('Source', '-'),
                    row.ours,
                    f'seeds {row.metrics["Seeds"]}; {row.metrics["Setting"]}'
                    if row.was_run
                    else '-',
                )
            )
        return lines


def write_tables(root: Path, check: bool = False) -> list[str]:
    """Renders every marked table anew.

    Args:
        root: Of the repository.
        check: Leaves the documents as they are.

    Returns:
        Names of the documents whose tables were out of date.
    """
    tables = Tables(root)
    stale = []
    for pattern in DOCUMENTS:
        for document in sorted(root.glob(pattern)):
            text = document.read_text(encoding='utf-8')
            name = str(document.relative_to(root))
            new = ''.join(
                # a marker in a block of code is an example
                part if part.startswith('```') else tables.fill(part, name)
                for part in FENCED.split(text)
            )
            if new != text:
                stale.append(name)
                if not check:
                    document.write_text(new, encoding='utf-8')
    return stale
