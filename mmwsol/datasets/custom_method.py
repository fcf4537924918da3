"""Which method fits a number of classes of your own images, as measured.

docs/own_images.md has the table and the protocol.
"""

DEFAULT = 'ddt'
DEFAULT_BACKBONE = dict(ddt='resnet50')
"""Others have mobilenetv2, which learns without a GPU."""
WHY = (
    ", since it trains nothing and 82 % of its boxes had IoU 0.5, 43 of CAM's "
    '(3 to 10 kinds of birds)'
)
MANY_CLASSES = 11
"""With fewer, methods of ``UNFIT`` are refused; it was measured on up to ten."""
UNFIT = dict(
    bas='few are told apart by what is around the objects, and bas covers that: with 4 kinds '
    "of birds 35 % of its boxes had IoU 0.5, of DDT's 80 %",
    pnsc='it trains for minutes and finds no more than DDT: with 3 to 6 kinds of birds 83 % of '
    "its boxes had IoU 0.5, of DDT's 86 %",
)


def choose(method: str | None, backbone: str | None) -> tuple[str, str, str]:
    """Method, backbone, and in one line why.

    Args:
        method: What the user asks for, or None.
        backbone: What the user asks for, or None.
    """
    why = '' if method else WHY
    method = method or DEFAULT
    backbone = backbone or DEFAULT_BACKBONE.get(method, 'mobilenetv2')
    return method, backbone, f'{method} on {backbone}{why}'


def refusal(method: str, classes: int) -> str:
    """Why a method is not for so few classes; empty if nothing speaks against it.

    >>> refusal('cam', 3), refusal('bas', 200)
    ('', '')
    """
    if classes >= MANY_CLASSES or method not in UNFIT:
        return ''
    return f'{method} is not for {classes} classes: {UNFIT[method]}'
