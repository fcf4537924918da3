"""Writing a figure, the same bytes every time."""

from pathlib import Path

from matplotlib.figure import Figure

# what matplotlib adds of its own would change with the day and the version
_FORMATS = {
    '.png': dict(metadata=dict(Software=None)),
    '.jpg': dict(pil_kwargs=dict(quality=88, subsampling=0)),
    '.pdf': dict(metadata=dict(CreationDate=None, Creator=None, Producer=None)),
}


def save_figure(figure: Figure, file: Path) -> None:
    """Writes a figure at its own resolution; the file's ending says how.

    Raises:
        ValueError: The ending is of another format.
    """
    check_figure_file(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    options = _FORMATS[file.suffix.lower()]
    figure.savefig(file, dpi=figure.dpi, **options)


def check_figure_file(file: Path) -> None:
    """Refuses a file whose ending says no format that figures are written in."""
    if file.suffix.lower() not in _FORMATS:
        raise ValueError(
            f'Expected a picture file that ends with one of {tuple(_FORMATS)}, but got '
            f'{str(file)!r}.'
        )
