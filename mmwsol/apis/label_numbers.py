"""Classes as a user names them."""

from collections.abc import Sequence


def label_numbers(
    labels: Sequence[int | str] | int | str,
    count: int,
    classes: Sequence[str] | None,
    num_classes: int,
) -> list[int]:
    """Class numbers of ``count`` images.

    Args:
        labels: A number or name for all images, or one for each.
        count: Of images.
        classes: Names, where they are known.
        num_classes: ``K``.

    Raises:
        ValueError: No such class, or not one for each image.

    >>> label_numbers('wren', 2, ['finch', 'wren'], 2)
    [1, 1]
    """
    one = isinstance(labels, (int, str))
    numbers = [_number(x, classes, num_classes) for x in ([labels] if one else labels)]
    if one:
        return numbers * count
    if len(numbers) != count:
        raise ValueError(
            f'Expected a label for each of {count} images, but got {len(numbers)}.'
        )
    return numbers


def _number(label: int | str, classes: Sequence[str] | None, num_classes: int) -> int:
    if isinstance(label, str):
        if label not in (classes or ()):
            raise ValueError(
                'Expected `labels` to be among the classes, such as '
                f'{list(classes or ())[:3]}, but got {label!r}.'
            )
        return list(classes).index(label)
    if not 0 <= label < num_classes:
        raise ValueError(
            f'Expected `labels` from 0 to {num_classes - 1}, but got {label}.'
        )
    return int(label)
