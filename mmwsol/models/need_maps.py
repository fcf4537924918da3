"""What cannot be done with a box says so."""

from mmwsol.models.heads.cam_head import CAMHead


def need_maps(head: type[CAMHead], what: str) -> None:
    """Refuses a head that predicts a box and no map.

    Args:
        head: The class of the head.
        what: What needs the maps, for the error.

    Raises:
        ValueError: There are no maps.
    """
    if head.predicts_box:
        raise ValueError(
            f'Expected a model with maps for {what}, but {head.__name__} predicts one box an '
            'image and no map.'
        )
