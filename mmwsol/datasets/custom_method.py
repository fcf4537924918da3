"""Which method fits a number of classes of your own images, as measured.

docs/own_images.md has the table and the protocol.
"""

DEFAULT = 'ddt'
DEFAULT_BACKBONE = dict(ddt='resnet50')
"""Others have mobilenetv2, which learns without a GPU."""
FEW_CLASSES = dict(bas=11)
"""Methods that need so many classes: with fewer their maps tend to cover the background."""
RIGHT = dict(ddt=84, cam=48, bas=35)
"""Boxes with IoU 0.5 in percent, on 3 to 10 kinds of birds, 20 images of each."""


WHY = (
    f', since it trains nothing and {RIGHT["ddt"]} % of its boxes had IoU 0.5, '
    f"{RIGHT['cam']} of CAM's (3 to 10 kinds of birds)"
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
    """Why a method is not for so few classes; empty if nothing speaks against it."""
    if classes >= FEW_CLASSES.get(method, 0):
        return ''
    return (
        f'{method} is not for {classes} classes: few are told apart by what is around the '
        f'objects, and its boxes show that. With 3 to 10 kinds of birds {RIGHT[method]} % of '
        f'them had IoU 0.5, of DDT {RIGHT["ddt"]} %'
    )
