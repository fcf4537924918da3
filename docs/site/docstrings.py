"""Docstrings are written to be read in the code; the site needs them as Markdown."""

import re
from textwrap import dedent

import griffe

EXAMPLE = re.compile(r'^( *)>>> .*\n(?:\1\S.*\n|\1 +\S.*\n)*', re.MULTILINE)
TABLE = re.compile(r'^( *)(=+ )+=+\n(?:.+\n)*\1(=+ )+=+$', re.MULTILINE)
LINK = re.compile(r'`([^`<]+?)\s+<(https?://[^>]+)>`_+')
ROLE = re.compile(r':\w+:`~?([^`]+)`')


def to_markdown(text: str) -> str:
    """Examples and tables in fences, links and references as Markdown has them."""
    text = EXAMPLE.sub(
        lambda found: f'\n{found[1]}```pycon\n{found[0]}{found[1]}```\n', f'{text}\n'
    )
    text = TABLE.sub(
        lambda found: f'{found[1]}```text\n{found[0]}\n{found[1]}```', text
    )
    text = text.replace('::\n\n', ':\n\n')
    text = LINK.sub(lambda found: f'[{" ".join(found[1].split())}]({found[2]})', text)
    return dedent(ROLE.sub(r'`\1`', text)).strip()


class Markdown(griffe.Extension):
    """Rewrites every docstring once, when it is found."""

    def on_instance(self, *, obj: griffe.Object, **_) -> None:
        if obj.docstring:
            obj.docstring.value = to_markdown(obj.docstring.value)
