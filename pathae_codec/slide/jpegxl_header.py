"""Whether a JPEG XL lost anything, by its header. ISO/IEC 18181-1, annexes A, D and F.

Nothing is lost where the samples are coded by the modular mode and not turned into XYB: that is
what encoders give without a distance.
"""

from pathae_codec.bitstream.bits import Bits

_CODESTREAM, _CONTAINER = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
_READ = 512
_ALPHA, _SPOT, _CFA = 0, 2, 5
_GRAY, _XYB, _CUSTOM = 1, 2, 2
_MODULAR = 1
_SIDE = ((1, 9), (1, 13), (1, 18), (1, 30))
_ENUM = ((0, 0), (1, 0), (2, 4), (18, 6))
_CUSTOM_XY = ((0, 19), (524_288, 19), (1_048_576, 20), (2_097_152, 21))


def is_lossless_jpegxl(data: bytes) -> bool:
    """Say whether a JPEG XL, in its container or bare, is certain to have lost nothing."""
    stream = _codestream(data)
    try:
        return stream is not None and _is_modular(Bits(stream[2:_READ], lowest_first=True))
    except LookupError:
        return False


def _codestream(data: bytes) -> bytes | None:
    if data.startswith(_CODESTREAM):
        return data
    place = len(_CONTAINER) if data.startswith(_CONTAINER) else len(data)
    while place + 8 <= len(data):
        length, name = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        start = place + 8
        if length == 1:
            length, start = int.from_bytes(data[start : start + 8]), start + 8
        if name in (b"jxlc", b"jxlp"):
            start += 4 if name == b"jxlp" else 0
            return data[start:] if data[start : start + 2] == _CODESTREAM else None
        if length < 8:
            return None
        place += length
    return None


def _is_modular(bits: Bits) -> bool:
    """Read up to the mode of the first frame; what is not expected of a tile is a LookupError."""
    _read_size(bits)
    if bits.read(1):
        return False  # All is as by default, XYB too.
    further = bits.read(1)
    if further:
        _read_further(bits)
    _read_depth(bits)
    bits.read(1)
    for _ in range(_choose(bits, (0, 0), (1, 0), (2, 4), (1, 12))):
        _read_channel(bits)
    if bits.read(1):
        return False  # XYB.
    _read_colours(bits)
    if further and not bits.read(1):
        bits.read(16 + 16 + 1 + 16)
    if bits.read(2):
        raise LookupError("extensions")
    if not bits.read(1):
        raise LookupError("transforms of its own")
    bits.align()
    if bits.read(1):
        return False  # A frame as by default: VarDCT.
    bits.read(2)
    return bits.read(1) == _MODULAR


def _read_further(bits: Bits) -> None:
    bits.read(3)
    if bits.read(1):
        _read_size(bits)
    if bits.read(1) or bits.read(1):
        raise LookupError("a preview or an animation")


def _choose(bits: Bits, *distributions: tuple[int, int]) -> int:
    """Read a number: two bits choose an offset and how many bits are added."""
    offset, count = distributions[bits.read(2)]
    return offset + bits.read(count)


def _read_size(bits: Bits) -> None:
    small = bits.read(1)

    def read_side() -> None:
        if small:
            bits.read(5)
        else:
            _choose(bits, *_SIDE)

    read_side()
    if not bits.read(3):
        # No ratio of the sides: the width follows the height.
        read_side()


def _read_depth(bits: Bits) -> None:
    if bits.read(1):
        _choose(bits, (32, 0), (16, 0), (24, 0), (1, 6))
        bits.read(4)
    else:
        _choose(bits, (8, 0), (10, 0), (12, 0), (1, 6))


def _read_channel(bits: Bits) -> None:
    if bits.read(1):
        return
    kind = _choose(bits, *_ENUM)
    _read_depth(bits)
    _choose(bits, (0, 0), (3, 0), (4, 0), (1, 3))
    bits.read(8 * _choose(bits, (0, 0), (0, 4), (16, 5), (48, 10)))
    if kind == _ALPHA:
        bits.read(1)
    elif kind in (_SPOT, _CFA):
        raise LookupError("a channel of another kind")


def _read_colours(bits: Bits) -> None:
    if bits.read(1):
        return
    if bits.read(1):
        raise LookupError("an ICC profile")
    space = _choose(bits, *_ENUM)
    if space == _XYB:
        raise LookupError("XYB")
    if _choose(bits, *_ENUM) == _CUSTOM:
        _read_points(bits, 1)
    if space != _GRAY and _choose(bits, *_ENUM) == _CUSTOM:
        _read_points(bits, 3)
    if bits.read(1):
        bits.read(24)
    else:
        _choose(bits, *_ENUM)
    _choose(bits, *_ENUM)


def _read_points(bits: Bits, count: int) -> None:
    for _ in range(2 * count):
        _choose(bits, *_CUSTOM_XY)
