"""Names of files, which are bytes on most systems and need not be text that can be shown, and
names that a user has almost right.
"""


def printable(text: object) -> str:
    r"""Text that every terminal, log and drawing takes, on one line.

    Bytes of a name that are no UTF-8, which Python has as lone surrogates, line ends and what
    controls a terminal are written as escapes.

    Args:
        text: A name, or anything that has one in it.

    >>> printable('Mu\udcf1oz\n.jpg')
    'Mu\\udcf1oz\\n.jpg'
    """
    return ''.join(
        one if one.isprintable() else one.encode('unicode_escape').decode()
        for one in str(text)
    )
