"""Which image of a folder a file of annotations means, whatever paths it writes."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote

FORMS = (
    'An image is named by its path below the folder of the data, or by an ending of it that no '
    'other image has, or by a longer path that ends so'
)


class ImageNames:
    """Finds images by their paths, by endings of these, and by longer paths.

    Slashes are Windows's or not; an address may stand in front or be quoted as in
    ``/data/local-files/?d=cat/tom%20cat.jpg``; capitals count only where they have to.

    Args:
        paths: The paths of all images, with forward slashes.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = {_plain(path): path for path in paths}
        self.by_name: defaultdict[str, list[str]] = defaultdict(list)
        for plain in self.paths:
            self.by_name[_last(plain).casefold()].append(plain)
        self.folder = ''
        """The folder in the file that no image has, where names of files alone were compared."""

    def find_all(self, names: Mapping[str, str]) -> dict[str, str]:
        """The path of the image that each name means; those without are left out.

        Args:
            names: The place in the file where each name stands, for errors.

        Raises:
            ValueError: A name may be one image or another, or two images are one.
        """
        found = {name: self._find(name, place) for name, place in names.items()}
        if names and not any(found.values()):
            found |= self._find_in_one_folder(names)
        meant: dict[str, str] = {}
        for name, plain in found.items():
            if plain is None:
                continue
            other = meant.setdefault(plain, name)
            if not (_same(name, other) or _same(other, name)):
                raise ValueError(
                    f'Expected one image for each name, but {other[:80]!r} in '
                    f'{names[other]} and {name[:80]!r} in {names[name]} would both be '
                    f'{self.paths[plain]!r}.'
                )
        return {name: self.paths[plain] for name, plain in found.items() if plain}

    def _find(self, name: str, place: str) -> str | None:
        for form in _forms(name):
            if form in self.paths:
                return form
            same = self.by_name[_last(form).casefold()]
            shorter = [path for path in same if _ends(path, form)]
            shorter = shorter or [path for path in same if _ends_alike(path, form)]
            if len(shorter) > 1:
                raise ValueError(
                    f'Expected a path that only one image has in {place}, but {name[:80]!r} '
                    f'may be {shorter[0]!r} or {shorter[1]!r}.'
                )
            longer = [path for path in same if _ends(form, path)]
            longer = longer or [path for path in same if _ends_alike(form, path)]
            if shorter or longer:
                return shorter[0] if shorter else max(longer, key=len)
        return None

    def _find_in_one_folder(self, names: Mapping[str, str]) -> dict[str, str | None]:
        """Images of a file that has them all in one folder, such as ``images/tom.jpg``.

        Only the name of the file is compared, so it is done for all or for none: where a
        folder is one of the data's own, the file is about other images.
        """
        forms = {name: [*_forms(name)][-1] for name in names}
        folders = {form.rpartition('/')[0] for form in forms.values()}
        own = {part.casefold() for path in self.paths for part in path.split('/')[:-1]}
        folder = folders.pop()
        if folders or own & {part.casefold() for part in folder.split('/')}:
            return {}
        same = {
            name: self.by_name[_last(form).casefold()] for name, form in forms.items()
        }
        if any(len(paths) != 1 for paths in same.values()):
            return {}
        self.folder = folder
        return {name: paths[0] for name, paths in same.items()}


def _forms(name: str) -> Iterator[str]:
    """What a name may stand for, as it is written first."""
    yield _plain(name)
    text = name.partition('?d=')[2] or name
    if '://' in text:  # what follows an address's path is no part of it
        text = text.partition('://')[2].partition('?')[0].partition('#')[0]
    if text != name:
        yield _plain(text)
    if unquote(text) != text:
        yield _plain(unquote(text))


def _plain(path: str) -> str:
    """A path that is the same for Windows's slashes and for both ways to write an accent."""
    path = unicodedata.normalize('NFC', path.strip().replace('\\', '/'))
    return PurePosixPath(path).as_posix()


def _last(path: str) -> str:
    return path.rpartition('/')[2]


def _ends(path: str, ending: str) -> bool:
    return f'/{path}'.endswith(f'/{ending}')


def _ends_alike(path: str, ending: str) -> bool:
    return _ends(path.casefold(), ending.casefold())


def _same(name: str, other: str) -> bool:
    """Whether a name is another one or an ending of it, in any form."""
    return any(
        _ends_alike(form, other_form)
        for form in _forms(name)
        for other_form in _forms(other)
    )
