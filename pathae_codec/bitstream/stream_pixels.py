"""A compressed tile of a source -> pixels, in the colours that the source means."""

from struct import unpack_from

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.bitstream.jpeg_segments import JpegFrame, jpeg_frame
from pathae_codec.bitstream.recompressed_jpeg import image_library
from pathae_codec.errors import PayloadError

_COLOURS = {
    StreamCoding.GREY_JPEG: "GRAYSCALE",
    StreamCoding.YCBCR_JPEG: "YCBCR",
    StreamCoding.RGB_JPEG: "RGB",
}
_CODESTREAM = b"\xff\x4f\xff\x51"
_SIZE = ">HHIIIIIIIIH"
_SOT, _COD, _COC = 0xFF90, 0xFF52, 0xFF53
_LEAST_EXPONENT = 4
_COMPONENT = (7, 1, 1)
"""Eight bits without a sign, not subsampled."""


def check_stream(stream: bytes, coding: StreamCoding, height: int, width: int) -> None:
    """Compare what a stream says of itself with what is expected, before anything is allocated.

    Raises:
        PayloadError: Another kind of stream, other sides, components or bits.
    """
    if coding is StreamCoding.JPEG_2000:
        found, expected = _jpeg2000_frame(stream), JpegFrame(8, height, width, 3)
    else:
        components = 1 if coding is StreamCoding.GREY_JPEG else 3
        found, expected = jpeg_frame(stream), JpegFrame(8, height, width, components)
    if found != expected:
        raise PayloadError(f"exact payload: expected a stream of {expected}, got {found}")


def decode_stream(stream: bytes, coding: StreamCoding, height: int, width: int) -> Pixels:
    """Decode a stream that `check_stream` has let through, to uint8 (height, width, 3).

    Raises:
        PayloadError: It does not decode.
        BackendUnavailableError: imagecodecs is not installed.
    """
    imagecodecs = image_library()
    try:
        if coding is StreamCoding.JPEG_2000:
            pixels: Pixels = imagecodecs.jpeg2k_decode(stream)
        else:
            grey = coding is StreamCoding.GREY_JPEG
            pixels = imagecodecs.jpeg8_decode(
                stream,
                colorspace=_COLOURS[coding],
                outcolorspace="GRAYSCALE" if grey else "RGB",
            )
    except (RuntimeError, ValueError) as error:
        raise PayloadError(f"exact payload: a stream does not decode: {error}") from None
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    if pixels.shape != (height, width, 3) or pixels.dtype != np.uint8:
        raise PayloadError(
            f"exact payload: expected uint8 {(height, width, 3)}, got {pixels.dtype} {pixels.shape}"
        )
    return pixels


def _jpeg2000_frame(stream: bytes) -> JpegFrame | None:
    """Return what the first segment of a JPEG 2000 codestream says (ISO/IEC 15444-1, A.5.1)."""
    if not stream.startswith(_CODESTREAM) or len(stream) < 4 + 38 + 9:
        return None
    _, _, right, bottom, left, top, wide, high, tile_x, tile_y, count = unpack_from(
        _SIZE, stream, 4
    )
    components = [tuple(stream[place : place + 3]) for place in (42, 45, 48)]
    # One tile of its own that is all of the picture, at the corner: what scanners write.
    one = (left, top, tile_x, tile_y) == (0, 0, 0, 0) and wide >= right and high >= bottom
    if not one or count != 3 or components != [_COMPONENT] * 3 or not _blocks_are_large(stream):
        return None
    return JpegFrame(8, bottom, right, count)


def _blocks_are_large(stream: bytes) -> bool:
    """Say whether code-blocks and precincts are few: a decoder allocates for each (A.6.1).

    Those of single components could be others, and are not taken.
    """
    place, found = 2, False
    while place + 4 <= len(stream):
        marker, length = unpack_from(">HH", stream, place)
        segment = stream[place : place + 2 + length]
        if marker == _SOT or length < 2:
            break
        if marker == _COC or (marker == _COD and len(segment) < 14):
            return False
        if marker == _COD:
            exponents = [2 + (size & 15) for size in segment[10:12]]
            if segment[4] & 1:
                # At the coarsest resolution a precinct may be a single code-block.
                exponents += [half for sides in segment[14:] for half in (sides & 15, sides >> 4)]
            found = min(exponents) >= _LEAST_EXPONENT
        place += 2 + length
    return found
