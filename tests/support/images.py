"""Image files made byte by byte: small ones, and some that say they are huge."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

TURNED = 6  # EXIF: to be displayed, the stored picture is turned clockwise by a quarter


def stored(kind: str, image: Image.Image | None = None, **kwargs) -> bytes:
    """An image file of a kind; noise of 32 x 24 pixels by default."""
    content = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    (image or Image.fromarray(noise)).save(content, kind, **kwargs)
    return content.getvalue()


def quarter_turned(jpeg: bytes) -> bytes:
    """A JPEG file that a viewer turns by a quarter."""
    # an APP1 segment of 34 bytes: big-endian TIFF with one entry, Orientation (274) = 6
    segment = (
        b'\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12'
        b'\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00'
    )
    return jpeg[:2] + segment + jpeg[2:]


def png(width: int, height: int, depth: int = 8) -> bytes:
    """A file of 100 bytes that says it is so large."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = struct.pack('>I', zlib.crc32(name + content))
        return struct.pack('>I', len(content)) + name + content + checksum

    header = struct.pack('>IIBBBBB', width, height, depth, 2, 0, 0, 0)
    parts = {b'IHDR': header, b'IDAT': zlib.compress(b''), b'IEND': b''}
    chunks = b''.join(chunk(name, content) for name, content in parts.items())
    return b'\x89PNG\r\n\x1a\n' + chunks


def gif(width: int, height: int) -> bytes:
    return b'GIF89a' + struct.pack('<HH', width, height) + stored('GIF')[10:]


def bmp(width: int, height: int) -> bytes:
    whole = bytearray(stored('BMP'))
    whole[18:26] = struct.pack('<ii', width, height)
    return bytes(whole)


def picture(size=(40, 30), box=(8, 6, 20, 24), color=(250, 20, 20)) -> Image.Image:
    """A box of a color on black, RGB."""
    image = Image.new('RGB', size)
    image.paste(color, box)
    return image


def turned(image: Image.Image) -> bytes:
    """JPEG of an image that is stored as it is, to be displayed turned."""
    exif = Image.Exif()
    exif[0x0112] = TURNED
    return stored('JPEG', image, exif=exif, quality=100, subsampling=0)
