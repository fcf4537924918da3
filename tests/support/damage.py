"""Seeded damage to files, what may become of a damaged file, and files that attack."""

import hashlib
import random
import re
import signal
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SECONDS = 10
NUMBERS = b'nan inf -inf -1 0 0.5 1e999 1_0 0x10 "3" null [1] -7.5 1e300'.split()
NUMBERS += [b'', '\u0661'.encode(), b'9' * 30, b'9' * 5000]
NUMBER = re.compile(rb'\d+(\.\d+)?')
WORDS = b'../ /etc/passwd .. " \' < , {} [ &a *a &x; %s \\'.split()
WORDS += [b' ', b'\x00', b'\xff', b'\r', b'\n', b'\xef\xbb\xbf', '\u2028'.encode()]
WORDS += [b'!!python/object/apply:os.abort []', b'a' * 5000]
DEEP = 100_000
GROWING = b'<!DOCTYPE a [<!ENTITY x "%s"><!ENTITY z "%s">]>' % (
    b'y' * 1000,
    b'&x;' * 99,
)
NESTED = [opening * DEEP for opening in (b'[', b'{"a":', b'<a>')] + [GROWING]

Way = Callable[[bytes, random.Random], bytes]


class Attack:
    """Creates a file when unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = str(target)

    def __reduce__(self) -> tuple:
        return (open, (self.target, 'w'))


def flip(content: bytes, chance: random.Random) -> bytes:
    if not content:
        return content
    damaged = bytearray(content)
    damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def place(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


def truncate(content: bytes, chance: random.Random) -> bytes:
    return content[: place(content, chance)]


def cut(content: bytes, chance: random.Random) -> bytes:
    start = place(content, chance)
    return content[:start] + content[start + chance.randrange(20) :]


def insert(content: bytes, chance: random.Random, words: Sequence = WORDS) -> bytes:
    start = place(content, chance)
    return content[:start] + chance.choice(words) + content[start:]


def nest(content: bytes, chance: random.Random) -> bytes:
    """Something deep or growing where something flat was."""
    return insert(content, chance, NESTED)


def change_number(content: bytes, chance: random.Random) -> bytes:
    found = [*NUMBER.finditer(content)]
    if not found:
        return content
    one = chance.choice(found)
    return content[: one.start()] + chance.choice(NUMBERS) + content[one.end() :]


def change_lines(content: bytes, chance: random.Random) -> bytes:
    """Repeats, removes or exchanges."""
    lines = content.split(b'\n')
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    way = chance.randrange(3)
    if way == 0:
        lines.insert(b, lines[a])
    elif way == 1:
        del lines[a]
    else:
        lines[a], lines[b] = lines[b], lines[a]
    return b'\n'.join(lines)


def swap_columns(content: bytes, chance: random.Random) -> bytes:
    """Exchanges two words of a line."""
    lines = content.split(b'\n')
    number = chance.randrange(len(lines))
    words = re.split(rb'([,\s]+)', lines[number])
    a, b = (chance.choice(range(0, len(words), 2)) for _ in range(2))
    words[a], words[b] = words[b], words[a]
    lines[number] = b''.join(words)
    return b'\n'.join(lines)


def other_encoding(content: bytes, chance: random.Random) -> bytes:
    ways = (
        lambda: b'\xef\xbb\xbf' + content,
        lambda: content.replace(b'\n', b'\r\n'),
        lambda: content + 'é'.encode('latin-1'),
        lambda: content.decode('latin-1').encode('utf-16'),
    )
    return ways[chance.randrange(4)]()


TEXT: tuple[Way, ...] = (
    *(flip, truncate, cut, insert, change_number, change_number),
    *(change_lines, swap_columns, other_encoding, nest),
)
BINARY: tuple[Way, ...] = (flip, flip, truncate, cut, insert)


@contextmanager
def time_limit(seconds: float = SECONDS) -> Iterator[None]:
    def stop(*_) -> None:
        raise TimeoutError(f'longer than {seconds} s')

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def refusal(error: BaseException, root: Path) -> str:
    """The message of an error, which must be one sentence that names a file below a root."""
    text = str(error)
    # of the errors that Python's readers raise by themselves, none is a plain ValueError
    assert type(error) is ValueError or (
        isinstance(error, OSError) and not isinstance(error, TimeoutError)
    ), repr(error)
    assert str(root) in text, repr(error)
    assert '\n' not in text, repr(error)
    assert len(text) < 12_000, len(text)
    return text


def strike(
    files: Sequence[Path],
    use: Callable[[], object],
    root: Path,
    count: int,
    ways: Sequence[Way] = TEXT,
    some_taken: bool = True,
) -> None:
    """Damages one file at a time, once or twice, and uses what is there.

    Args:
        files: The files, damaged in turn.
        use: Reads them; raises an AssertionError where something is taken that is not in
            the files.
        root: Folder of the files, which every refusal names.
        count: The number of damaged copies.
        ways: The kinds of damage.
        some_taken: Whether some damaged copies can be read; some are always refused.
    """
    chance = random.Random(0)
    with time_limit():
        use()  # whole, as they are
    taken = refused = 0
    for number in range(count):
        file = files[number % len(files)]
        whole = damaged = file.read_bytes()
        for _ in range(chance.choice((1, 1, 2))):
            damaged = chance.choice(ways)(damaged, chance)
        file.write_bytes(damaged)
        try:
            with time_limit():
                use()
            taken += 1
        except (ValueError, OSError) as error:
            refusal(error, root)
            refused += 1
        finally:
            file.write_bytes(whole)
    assert refused > 0
    assert taken > 0 or not some_taken


def seal(file: Path) -> None:
    """Adds the comment that checkpoints had once: a checksum of the file."""
    content = file.read_bytes()[:-2]
    comment = f'sha256:{hashlib.sha256(content).hexdigest()}'.encode()
    file.write_bytes(content + struct.pack('<H', len(comment)) + comment)
    assert zipfile.ZipFile(file).comment == comment
