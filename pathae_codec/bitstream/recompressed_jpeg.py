"""A JPEG <-> a JPEG XL codestream and what gives the JPEG back, bit for bit. ISO/IEC 18181-2.

The codestream holds the coefficients, the reconstruction data (the content of the box `jbrd`) the
Huffman codes and all else that is no picture. Tiles of one source share most reconstruction data.
"""

from dataclasses import dataclass
from types import ModuleType

from pathae_codec.bitstream.bits import Bits
from pathae_codec.bitstream.limits import MAX_JPEG_MARKERS
from pathae_codec.errors import BackendUnavailableError, PayloadError

_SIGNATURE, _TYPE = b"\r\n\x87\n", b"jxl \0\0\0\0jxl "
_CODESTREAM = b"\xff\x0a"
_FIRST_MARKER, _END_OF_IMAGE = 0xC0, 0xD9
_SIDES = ((1, 9), (1, 13), (1, 18), (1, 30))
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_HEADER_BYTES = 16


@dataclass(frozen=True)
class RecompressedJpeg:
    """A JPEG as JPEG XL: its codestream, and the reconstruction data."""

    codestream: bytes
    reconstruction: bytes


def recompress_jpeg(jpeg: bytes) -> RecompressedJpeg | None:
    """Return a JPEG as JPEG XL; None where it does not come back from that bit for bit.

    Raises:
        BackendUnavailableError: imagecodecs is not installed.
    """
    imagecodecs = image_library()
    try:
        boxes = list(_boxes(bytes(imagecodecs.jpegxl_encode_jpeg(jpeg, numthreads=1))))
    # JPEGs that JPEG XL does not take: arithmetic coding, 12 bits, CMYK, odd subsampling.
    except (RuntimeError, ValueError):
        return None
    found = RecompressedJpeg(
        b"".join(
            content[4:] if name == b"jxlp" else content
            for name, content in boxes
            if name in (b"jxlp", b"jxlc")
        ),
        b"".join(content for name, content in boxes if name == b"jbrd"),
    )
    try:
        return found if restore_jpeg(found) == jpeg else None
    except PayloadError:
        return None


def restore_jpeg(recompressed: RecompressedJpeg) -> bytes:
    """Return the JPEG that a codestream and its reconstruction data stand for.

    The caller has compared the sides that the codestream states with what it expects: see
    `codestream_size`.

    Raises:
        PayloadError: They do not give a JPEG.
        BackendUnavailableError: imagecodecs is not installed.
    """
    _check_markers(recompressed.reconstruction)
    boxes = {
        b"JXL ": _SIGNATURE,
        b"ftyp": _TYPE,
        b"jbrd": recompressed.reconstruction,
        b"jxlc": recompressed.codestream,
    }
    data = b"".join(
        (len(content) + 8).to_bytes(4) + name + content for name, content in boxes.items()
    )
    try:
        return bytes(image_library().jpegxl_decode_jpeg(data, numthreads=1))
    except (RuntimeError, ValueError) as error:
        raise PayloadError(f"JPEG XL: expected one that gives a JPEG back: {error}") from None


def codestream_size(codestream: bytes) -> tuple[int, int]:
    """Return height and width that a JPEG XL codestream states, without decoding it.

    Raises:
        PayloadError: It does not begin as one.
    """
    if not codestream.startswith(_CODESTREAM):
        raise PayloadError("JPEG XL: expected a codestream, got other bytes")
    bits = Bits(codestream[len(_CODESTREAM) : _HEADER_BYTES], lowest_first=True)
    try:
        small = bits.read(1)
        height = _read_side(bits, small)
        ratio = bits.read(3)
        if not ratio:
            return height, _read_side(bits, small)
    except LookupError as error:
        raise PayloadError(f"JPEG XL: {error}") from None
    over, under = _RATIOS[ratio - 1]
    return height, height * over // under


def image_library() -> ModuleType:
    """Return imagecodecs.

    Raises:
        BackendUnavailableError: It is not installed.
    """
    try:
        import imagecodecs
    except ImportError as error:
        raise BackendUnavailableError("exact tile: pip install imagecodecs") from error
    module: ModuleType = imagecodecs
    return module


def _boxes(data: bytes) -> "list[tuple[bytes, bytes]]":
    boxes, place = [], 0
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4]) or len(data) - place
        boxes.append((data[place + 4 : place + 8], data[place + 8 : place + length]))
        place += length
    return boxes


def _read_side(bits: Bits, small: int) -> int:
    if small:
        return 8 * (bits.read(5) + 1)
    offset, count = _SIDES[bits.read(2)]
    return offset + bits.read(count)


def _check_markers(reconstruction: bytes) -> None:
    """Refuse what would ask for much memory: each marker can stand for 64 KiB of a JPEG.

    The data begin with a bit that says whether the JPEG is grey; then six bits a marker, as many
    as there are up to the end of the image.
    """
    most = 1 + 6 * MAX_JPEG_MARKERS
    bits = Bits(reconstruction[: -(-most // 8)], lowest_first=True)
    try:
        bits.read(1)
        for _ in range(MAX_JPEG_MARKERS):
            if bits.read(6) + _FIRST_MARKER == _END_OF_IMAGE:
                return
    except LookupError:
        pass
    raise PayloadError(
        f"JPEG reconstruction data: expected {MAX_JPEG_MARKERS} markers at most, and an end"
    )
