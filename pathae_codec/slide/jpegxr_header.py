"""Whether a JPEG XR lost anything, by its header. ITU-T T.832, clause 8.3 and 8.4.

Nothing is lost where all bands are there, no bits are trimmed, the arithmetic is not scaled and
every quantization parameter stands for a step of 1.
"""

from pathae_codec.bitstream.bits import Bits

_SIGNATURE = b"WMPHOTO\0"
_READ = 256
_BITS_1, _BITS_8 = 0, 1
_GRAY, _YUV420, _YUV422, _YUV444 = 0, 1, 2, 3
_EXACT_STEP = 1
"""Quantization parameters up to this one stand for a step of 1, where arithmetic is not scaled."""


def is_lossless_jpegxr(data: bytes) -> bool:
    """Say whether a JPEG XR, in its container or bare, is certain to have lost nothing."""
    start = data.find(_SIGNATURE)
    if start < 0:
        return False
    start += len(_SIGNATURE)
    try:
        return _is_exact(Bits(data[start : start + _READ], lowest_first=False))
    except LookupError:
        return False


def _is_exact(bits: Bits) -> bool:
    bits.read(4 + 1 + 3)
    tiled = bits.read(1)
    bits.read(1 + 3 + 1 + 2)
    short, _, windowed, trimmed = (bits.read(1) for _ in range(4))
    bits.read(1 + 1 + 1 + 1)
    bits.read(4)
    depth = bits.read(4)
    side = 16 if short else 32
    bits.read(2 * side)
    if tiled:
        columns, rows = bits.read(12), bits.read(12)
        bits.read((columns + rows) * (8 if short else 16))
    if windowed:
        bits.read(4 * 6)
    return not trimmed and depth in (_BITS_1, _BITS_8) and _is_exact_plane(bits)


def _is_exact_plane(bits: Bits) -> bool:
    colours, scaled, bands = bits.read(3), bits.read(1), bits.read(4)
    if colours in (_YUV420, _YUV422) or scaled or bands:
        return False
    components = {_GRAY: 1, _YUV444: 3}.get(colours)
    if colours == _YUV444:
        bits.read(4 + 4)
    elif components is None:
        components = 1 + bits.read(4)
        bits.read(4)
    # The three bands: DC, and behind a reserved bit each LP and HP.
    for reserved in (0, 1, 1):
        bits.read(reserved)
        if not bits.read(1):
            return False  # A step for each tile: none of ours to follow.
        if any(step > _EXACT_STEP for step in _steps(bits, components or 1)):
            return False
    return True


def _steps(bits: Bits, components: int) -> list[int]:
    """Read the quantization parameters of a band."""
    mode = bits.read(2) if components > 1 else 0
    count = {0: 1, 1: 2}.get(mode, components)
    return [bits.read(8) for _ in range(count)]
