"""The site has no page for a link that leaves docs/, such as to a config: its text stays."""

import re

OUTSIDE = re.compile(r'\[([^\]]+)\]\((?:\.\./)+(?:README\.md|configs/|\w+\.md)[^)]*\)')


def on_page_markdown(markdown: str, page, **_) -> str:
    """Called by MkDocs for every page of docs/ itself; deeper ones have no such links."""
    return markdown if '/' in page.file.src_uri else OUTSIDE.sub(r'\1', markdown)
