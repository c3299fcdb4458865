"""PNG without any loss, from the standard library: pictures of a report are not coded again."""

import zlib
from struct import Struct

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = Struct(">IIBBBBB")
_WORD = Struct(">I")
_COLOURS = {3: 2, 4: 6}
"""Samples a pixel: PNG's colour type."""
_PAETH = 4
_LEVEL = 9


def encode_png(pixels: Pixels) -> bytes:
    """Return a PNG file of uint8 (H, W, 3) or (H, W, 4), the fourth being opacity."""
    height, width, samples = pixels.shape
    rows = np.empty((height, 1 + width * samples), np.uint8)
    rows[:, 0] = _PAETH
    rows[:, 1:] = (pixels - _predict(pixels)).reshape(height, -1)
    header = _HEADER.pack(width, height, 8, _COLOURS[samples], 0, 0, 0)
    return _SIGNATURE + b"".join(
        _chunk(name, data)
        for name, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(rows.tobytes(), _LEVEL)),
            (b"IEND", b""),
        )
    )


def _predict(pixels: Pixels) -> Pixels:
    """Return for each sample the neighbour that Paeth's rule takes. PNG, section 9.4."""
    padded = np.zeros((pixels.shape[0] + 1, pixels.shape[1] + 1, pixels.shape[2]), np.int16)
    padded[1:, 1:] = pixels
    left, above, corner = padded[1:, :-1], padded[:-1, 1:], padded[:-1, :-1]
    guess = left + above - corner
    off = [np.abs(guess - neighbour) for neighbour in (left, above, corner)]
    take_left = (off[0] <= off[1]) & (off[0] <= off[2])
    chosen = np.where(take_left, left, np.where(off[1] <= off[2], above, corner))
    return chosen.astype(np.uint8)


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return _WORD.pack(len(data)) + body + _WORD.pack(zlib.crc32(body))
