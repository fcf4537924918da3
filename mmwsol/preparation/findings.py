"""What a check of data prints, and whether all is well."""

from collections.abc import Sequence

SHOWN = 10


class Findings:
    """Prints what is found as it is found, and counts what must be put right."""

    def __init__(self) -> None:
        self.problems = 0

    def say(self, name: str, value: object) -> None:
        """A fact."""
        print(f'{name:24s} {value}', flush=True)

    def count(self, name: str, found: int, expected: int) -> None:
        """A number that should be another's."""
        self.problems += found != expected
        self.say(name, f'{found}' + f', expected {expected}' * (found != expected))

    def problem(self, what: str, items: Sequence[str] = ()) -> None:
        """Something to put right, with the first ten of what it concerns."""
        self.problems += 1
        self._list(f'PROBLEM: {what}', items)

    def note(self, what: str, items: Sequence[str] = ()) -> None:
        """Something to know."""
        self._list(f'note: {what}', items)

    def close(self, whole: str, broken: str) -> int:
        """The summary, and the exit code.

        Args:
            whole: What to do next.
            broken: What to do if there are problems.
        """
        if self.problems:
            print(f'\n{self.problems} problem(s). {broken}')
        else:
            print(f'\nAll is well. {whole}')
        return int(self.problems > 0)

    def _list(self, what: str, items: Sequence[str]) -> None:
        print(what, *items[:SHOWN], sep='\n    ')
        if len(items) > SHOWN:
            print(f'    and {len(items) - SHOWN} more')
