"""The header of a tile bitstream: 16 bytes, one struct for one table of the specification.

Spec: v1, section 3.1.
"""

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from pathae_codec.bitstream.limits import (
    MAX_JPEG_SETS,
    MAX_LANES_LOG2,
    MAX_PIXEL_CHANNELS,
    MAX_QUALITY,
    MAX_TABLE_SETS,
    MAX_TILE_SIDE,
)
from pathae_codec.errors import FieldError, NotPathAEError, TruncatedError, UnsupportedVersionError

MAGIC = b"\x50\xae"
VERSION = 1
HEADER = Struct("<2sBBHHBBBBI")


class Mode(IntEnum):
    """How the payload holds the pixels. Spec: v1, section 3.2."""

    CONSTANT = 0
    LATENT = 1
    FALLBACK = 2
    EXACT = 3


class ImageCoding(IntEnum):
    """The image codec of a fallback payload. Spec: v1, section 3.5."""

    JPEG_XL = 1


class StreamCoding(IntEnum):
    """What the source's streams in an exact payload are. Spec: v1, section 3.7."""

    GREY_JPEG = 1
    YCBCR_JPEG = 2
    RGB_JPEG = 3
    JPEG_2000 = 4


@dataclass(frozen=True)
class TileHeader:
    """What a tile says of itself.

    Attributes:
        mode: How the payload holds the pixels.
        height, width: Pixels, 1 to 4096.
        channels: Samples a pixel, 1 to 4.
        quality: Rung of the model's ladder, 0 to 100; 0 in modes other than latent.
        table_set: Latent: which table set of the quality. Exact: which JPEG set. Else 0.
        coding: Latent: log2 of the lanes. Fallback: an `ImageCoding`. Exact: a `StreamCoding`.
            Constant: 0.
        payload_length: Bytes of payload that follow the header.
    """

    mode: Mode
    height: int
    width: int
    channels: int
    quality: int
    table_set: int
    coding: int
    payload_length: int


def pack_header(header: TileHeader) -> bytes:
    """Write a header, 16 bytes.

    Raises:
        FieldError: A field is out of its range.
    """
    _check_fields(header)
    return HEADER.pack(
        MAGIC,
        VERSION,
        header.mode,
        header.height,
        header.width,
        header.channels,
        header.quality,
        header.table_set,
        header.coding,
        header.payload_length,
    )


def parse_header(data: bytes) -> TileHeader:
    """Read the header at the start of `data`.

    Raises:
        TruncatedError: Fewer than 16 bytes.
        NotPathAEError: Another magic.
        UnsupportedVersionError: Another version.
        FieldError: A field is out of its range.
    """
    if data[:2] != MAGIC[: len(data)]:
        raise NotPathAEError(f"tile magic: expected {MAGIC.hex()}, got {bytes(data[:2]).hex()}")
    if len(data) < HEADER.size:
        raise TruncatedError(f"tile header: expected {HEADER.size} bytes, got {len(data)}")
    _, version, mode, *fields = HEADER.unpack_from(data)
    if version != VERSION:
        raise UnsupportedVersionError(
            f"tile version: expected {VERSION}, got {version}; a newer pathae may read it"
        )
    if mode not in Mode.__members__.values():
        raise FieldError(f"tile mode: expected one of {[m.value for m in Mode]}, got {mode}")
    header = TileHeader(Mode(mode), *fields)
    _check_fields(header)
    return header


def _check_fields(header: TileHeader) -> None:
    coding = {
        Mode.CONSTANT: range(1),
        Mode.LATENT: range(MAX_LANES_LOG2 + 1),
        Mode.FALLBACK: range(ImageCoding.JPEG_XL, ImageCoding.JPEG_XL + 1),
        Mode.EXACT: range(StreamCoding.GREY_JPEG, StreamCoding.JPEG_2000 + 1),
    }[header.mode]
    sets = {Mode.LATENT: MAX_TABLE_SETS, Mode.EXACT: MAX_JPEG_SETS}.get(header.mode, 1)
    most = 3 if header.mode is Mode.EXACT else MAX_PIXEL_CHANNELS
    allowed = {
        "height": range(1, MAX_TILE_SIDE + 1),
        "width": range(1, MAX_TILE_SIDE + 1),
        "channels": range(3 if header.mode is Mode.EXACT else 1, most + 1),
        "quality": range(MAX_QUALITY + 1 if header.mode is Mode.LATENT else 1),
        "table_set": range(sets),
        "coding": coding,
        "payload_length": range(2**32),
    }
    for name, values in allowed.items():
        if getattr(header, name) not in values:
            raise FieldError(
                f"tile {name}: expected {values[0]} to {values[-1]} in mode "
                f"{header.mode.name.lower()}, got {getattr(header, name)}"
            )
