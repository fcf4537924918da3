"""Named ways to decide whether a map finds its object."""

from dataclasses import dataclass, replace
from typing import Any

CHOICES = dict(
    box=('largest', 'all', 'tight'),
    measure=('polygon', 'pixels'),
    iou=('pixels', 'continuous'),
    average=('image', 'class'),
)


@dataclass(frozen=True)
class Protocol:
    """The rules from a map and true boxes to a hit, in which published evaluations differ.

    The defaults are wsolevaluation's. The view of the image and the crops for the class
    score belong to a protocol too, and are the test pipeline's; docs/protocols.md has the
    table.

    Args:
        threshold: The choice of the threshold for GT-known, Top-1 and Top-5 Loc: `'oracle'`,
            the best on the evaluated images themselves, as papers report; `'fixed=0.2'`, or
            any number in [0, 1); `'from_split=FILE'`, the best on another split, from the
            JSON file that ``tools/test.py --out`` or ``tools/eval_maps.py --out`` wrote for
            it.
        percentile: The percentile of a map's pixels that this threshold is a share of; 100
            is the maximum. MaxBoxAccV2's thresholds are always shares of the maximum.
        box: The boxes that GT-known, Top-1 and Top-5 Loc judge: that of the `'largest'`
            component, those of `'all'` contours, holes included, or the `'tight'` one around
            all pixels above the threshold. MaxBoxAccV2 always judges all.
        measure: The measure of the largest component: the area of its contour's `'polygon'`
            or its number of `'pixels'`.
        iou: Whether corners are whole `'pixels'` (sides x1 - x0 + 1) or sides are
            `'continuous'` (x1 - x0).
        clip: Whether a box's exclusive end is clipped to the last column and row.
        strict: Whether a hit needs IoU > delta rather than >=.
        truncate: Whether true boxes are cut to whole pixels of the map.
        exact_threshold: Whether a fixed threshold is compared with the map itself rather
            than with its 8-bit grey levels.
        average: The mean over images (`'image'`), or over the classes' means (`'class'`).
    """

    threshold: str = 'oracle'
    percentile: float = 100.0
    box: str = 'largest'
    measure: str = 'polygon'
    iou: str = 'pixels'
    clip: bool = True
    strict: bool = False
    truncate: bool = True
    exact_threshold: bool = False
    average: str = 'image'

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(
                    f'Expected `{name}` of a protocol to be one of {allowed}, but got {value!r}.'
                )
        parse_threshold(self.threshold)
        if isinstance(self.percentile, str) or not 0 < self.percentile <= 100:
            raise ValueError(
                'Expected `percentile` of a protocol to be a number above 0 and at most 100, '
                f'but got {self.percentile!r}.'
            )


def parse_threshold(threshold: str) -> tuple[str, float | str | None]:
    """The way a threshold is chosen, and the number or file that goes with it.

    >>> parse_threshold('fixed=0.2'), parse_threshold('oracle')
    (('fixed', 0.2), ('oracle', None))
    """
    kind, _, value = str(threshold).partition('=')
    if kind == 'oracle' and not value:
        return kind, None
    if kind == 'from_split' and value:
        return kind, value
    try:
        number = float(value) if kind == 'fixed' else float('nan')
    except ValueError:
        number = float('nan')
    if 0 <= number < 1:
        return kind, number
    raise ValueError(
        "Expected `threshold` to be 'oracle', 'fixed=T' with T in [0, 1), or "
        f"'from_split=FILE', but got {threshold!r}."
    )


_COMPONENT = Protocol(
    measure='pixels', clip=False, truncate=False, exact_threshold=True
)
PROTOCOLS = dict(
    wsolevaluation=Protocol(),
    bas=replace(_COMPONENT, threshold='fixed=0.15', strict=True, average='class'),
    paper=_COMPONENT,
)
"""Presets: the published evaluator; BAS's (CVPR 2022); the PNSC paper's, as far as it says."""


def get_protocol(name: str, **options: Any) -> Protocol:
    """A preset, with options changed.

    >>> get_protocol('bas').average, get_protocol('bas', average='image').average
    ('class', 'image')
    """
    if name not in PROTOCOLS:
        raise ValueError(
            f'Expected `protocol` to be one of {tuple(PROTOCOLS)}, but got {name!r}.'
        )
    unknown = sorted(options.keys() - Protocol.__dataclass_fields__.keys())
    if unknown:
        raise ValueError(
            f'Expected options of a protocol to be among {tuple(Protocol.__dataclass_fields__)}, '
            f'but got {unknown[0]!r}.'
        )
    return replace(PROTOCOLS[name], **options)
