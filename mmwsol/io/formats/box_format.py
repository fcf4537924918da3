"""What every format of boxes does."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from mmwsol.io.formats.box_collection import BoxCollection


class BoxFormat(ABC):
    """Writes boxes as some other program reads them."""

    name: ClassVar[str]
    """What the command line calls it."""

    @abstractmethod
    def check(self, place: Path) -> None:
        """Makes sure that it can be written: before the work, not after it.

        Args:
            place: The file or folder to write.

        Raises:
            OSError: It cannot.
            ValueError: Something of the user's is there that would be mixed with it.
        """

    @abstractmethod
    def write(self, found: BoxCollection, place: Path) -> list[str]:
        """Writes the boxes; what was there of an earlier run is replaced.

        Args:
            found: The boxes.
            place: The file or folder to write.

        Returns:
            A sentence for each file that could not be written.
        """
