"""A checksum inside each checkpoint, by which a damaged one is known.

torch reads a checkpoint with flipped bits as if it were whole. The checksum is the comment of
the zip archive that a checkpoint is, which torch and other readers pass over.
"""

import hashlib
import struct
from pathlib import Path

MARK = b'sha256:'
SEAL_SIZE = 2 + len(MARK) + 64  # length of the comment, and the comment
ARCHIVE_END = b'PK\x05\x06'
END_SIZE = 22  # of an archive without a comment
CHUNK = 1 << 22


def seal_of(content: bytes) -> bytes:
    """What takes the place of an archive's last two bytes, the length of its comment.

    Args:
        content: Of a file. One that is no archive, or has a comment, stays as it is.
    """
    end = content[-END_SIZE:]
    if not end.startswith(ARCHIVE_END) or content[-2:] != b'\0\0':
        return content[-2:]
    comment = MARK + hashlib.sha256(memoryview(content)[:-2]).hexdigest().encode()
    return struct.pack('<H', len(comment)) + comment


def broken_seal(file: Path) -> str | None:
    """What the checksum says against a file, or None; None too where there is no checksum."""
    size = file.stat().st_size
    if size == 0:
        return 'it is empty'
    with file.open('rb') as stream:
        stream.seek(max(0, size - SEAL_SIZE))
        _, mark, expected = stream.read().rpartition(MARK)
        if not mark:
            return None
        stream.seek(0)
        digest, left = hashlib.sha256(), size - len(expected) - len(MARK) - 2
        while left > 0:
            chunk = stream.read(min(CHUNK, left))
            digest.update(chunk)
            left -= len(chunk)
    if expected != digest.hexdigest().encode():
        return 'its checksum does not fit its content'
    return None
