"""Seeded damage to files, and what may become of a damaged file."""

import random
import re
import signal
from contextlib import contextmanager

SECONDS = 10
NUMBERS = (
    b'nan',
    b'inf',
    b'-inf',
    b'-1',
    b'0',
    b'0.5',
    b'1e999',
    b'9' * 30,
    b'9' * 5000,
)
NUMBERS += (
    b'',
    b'1_0',
    b'0x10',
    b'"3"',
    b'null',
    b'[1]',
    '\u0661'.encode(),
    b'-7.5',
    b'1e300',
)
NUMBER = re.compile(rb'\d+(\.\d+)?')
WORDS = (b'../', b'/etc/passwd', b'..', b'"', b"'", b'<', b',', b' ', b'\x00', b'\xff')
WORDS += (
    b'\xef\xbb\xbf',
    b'\r',
    b'\n',
    b'{}',
    b'[',
    b'!!python/object/apply:os.abort []',
)
WORDS += ('\u2028'.encode(), b'&a', b'*a', b'&x;', b'%s', b'\\', b'a' * 5000)
DEEP = 100_000
OPENINGS = (b'[', b'{"a":', b'<a>')
BOMB = (
    b'<!DOCTYPE a [<!ENTITY x "'
    + b'y' * 1000
    + b'"><!ENTITY z "'
    + b'&x;' * 99
    + b'">]>'
)


def flip(content, chance):
    if not content:
        return content
    damaged = bytearray(content)
    damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def truncate(content, chance):
    return content[: chance.randrange(len(content) + 1)]


def cut(content, chance):
    start = chance.randrange(len(content) + 1)
    return content[:start] + content[start + chance.randrange(20) :]


def insert(content, chance):
    place = chance.randrange(len(content) + 1)
    return content[:place] + chance.choice(WORDS) + content[place:]


def change_number(content, chance):
    found = [*NUMBER.finditer(content)]
    if not found:
        return content
    one = chance.choice(found)
    return content[: one.start()] + chance.choice(NUMBERS) + content[one.end() :]


def change_lines(content, chance):
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


def swap_columns(content, chance):
    """Exchanges two words of a line."""
    lines = content.split(b'\n')
    place = chance.randrange(len(lines))
    words = re.split(rb'([,\s]+)', lines[place])
    own = range(0, len(words), 2)
    a, b = chance.choice(own), chance.choice(own)
    words[a], words[b] = words[b], words[a]
    lines[place] = b''.join(words)
    return b'\n'.join(lines)


def other_encoding(content, chance):
    way = chance.randrange(4)
    if way == 0:
        return b'\xef\xbb\xbf' + content
    if way == 1:
        return content.replace(b'\n', b'\r\n')
    if way == 2:
        return content + 'é'.encode('latin-1')
    return content.decode('latin-1').encode('utf-16')


def nest(content, chance):
    """Something deep or growing where something flat was."""
    place = chance.randrange(len(content) + 1)
    more = chance.choice([opening * DEEP for opening in OPENINGS] + [BOMB])
    return content[:place] + more + content[place:]


TEXT = (flip, truncate, cut, insert, change_number, change_number, change_lines)
TEXT += (swap_columns, other_encoding, nest)
BINARY = (flip, flip, truncate, cut, insert)


def mutate(content, chance, ways=TEXT):
    """One damage, sometimes two."""
    for _ in range(chance.choice((1, 1, 2))):
        content = chance.choice(ways)(content, chance)
    return content


@contextmanager
def time_limit(seconds=SECONDS):
    def stop(*_):
        raise TimeoutError(f'longer than {seconds} s')

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def refusal(error, root):
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


def strike(files, use, root, count, ways=TEXT, seed=0):
    """Damages one file at a time and uses what is there; how many were taken and refused.

    ``use`` raises an AssertionError where something is taken that is not in the files.
    """
    chance = random.Random(seed)
    with time_limit():
        use()  # whole, as they are
    taken = refused = 0
    for number in range(count):
        file = files[number % len(files)]
        whole = file.read_bytes()
        file.write_bytes(mutate(whole, chance, ways))
        try:
            with time_limit():
                use()
            taken += 1
        except (ValueError, OSError) as error:
            refusal(error, root)
            refused += 1
        finally:
            file.write_bytes(whole)
    assert taken + refused == count
    assert refused > 0
    return taken, refused
