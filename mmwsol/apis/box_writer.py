"""The files of boxes that a command line writes."""

from collections.abc import Sequence
from pathlib import Path

from mmwsol.apis.box_selection import BoxSelection
from mmwsol.io.formats import BoxCollection, BoxFormat


class BoxWriter:
    """Takes results, keeps their good boxes, and writes them in one format or several.

    Args:
        found: Where the boxes are collected.
        selection: Which boxes are kept.
        outputs: The formats, the most important first, and the file or folder of each.
    """

    def __init__(
        self,
        found: BoxCollection,
        selection: BoxSelection,
        outputs: Sequence[tuple[BoxFormat, Path]],
    ) -> None:
        self.found = found
        self.selection = selection
        self.outputs = outputs
        self.problems: list[str] = []
        """Sentences about files that could not be written."""
        for form, place in outputs:
            form.check(place)

    @property
    def places(self) -> str:
        """The files and folders, for a message."""
        return ', '.join(str(place) for _, place in self.outputs)

    def add(self, result: dict, label: int | None = None) -> dict:
        """Takes a result, and gives it back with the boxes that are kept.

        Args:
            result: A result of :meth:`LocInferencer.stream`.
            label: The class that the boxes are said to be of; by default that of the result.
        """
        kept = self.selection.of(result, label)
        self.found.add(kept, label)
        return kept

    def name(self, image: str | int) -> str:
        """The name of an image's file in what is written."""
        return self.found.name(image)

    def write(self) -> None:
        """Writes all that was taken; what cannot be written is in :attr:`problems`."""
        for form, place in self.outputs:
            self.problems += form.write(self.found, place)
