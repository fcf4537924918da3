"""Tables as Markdown has them."""

from collections.abc import Iterable, Sequence


def markdown(rows: Iterable[Sequence[object]]) -> str:
    """A table whose first row is its head.

    >>> print(markdown([('method', 'GT-known'), ('CAM', 58.0)]))
    | method | GT-known |
    | --- | --- |
    | CAM | 58.0 |
    """
    head, *others = rows
    lines = (head, ['---'] * len(head), *others)
    return '\n'.join(f'| {" | ".join(map(str, line))} |' for line in lines)
