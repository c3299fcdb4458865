"""Tiled JPEG slides of every kind that scanners and converters write, with drawn tissue."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import tifffile
from PIL import Image

from benchmarks.synthetic_tissue import draw_tissue
from pathae_codec.arrays import Pixels

_TABLES, _SOF, _SOS, _ADOBE = (0xDB, 0xC4), 0xC0, 0xDA, 0xEE
_ROWS, _COLUMNS = 700, 900


@dataclass(frozen=True)
class Kind:
    """How the tiles of a slide are coded.

    Attributes:
        photometric: As the TIFF states it.
        options: Of `imagecodecs.jpeg8_encode`.
        pillow: Of Pillow's encoder, in place of the other.
        apart: The tables are stored once for all tiles.
        tile: Side.
    """

    photometric: str = "ycbcr"
    options: tuple[tuple[str, Any], ...] = ()
    pillow: tuple[tuple[str, Any], ...] = ()
    apart: bool = False
    tile: int = 256


KINDS = {
    "420": Kind(options=(("subsampling", "420"),)),
    "422": Kind(options=(("subsampling", "422"),)),
    "444": Kind(options=(("subsampling", "444"),)),
    "rgb": Kind("rgb", (("outcolorspace", "RGB"),), apart=True),
    "grey": Kind("minisblack"),
    "restarts": Kind(pillow=(("restart_marker_rows", 1),)),
    "optimized": Kind(options=(("optimize", True),)),
    "progressive": Kind(pillow=(("progressive", True),)),
    "apart": Kind(options=(("subsampling", "420"),), apart=True),
    "240": Kind("rgb", (("outcolorspace", "RGB"),), apart=True, tile=240),
    "512": Kind(options=(("subsampling", "444"),), tile=512),
}


def write_jpeg_slide(
    path: Path, kind: Kind, *, levels: int = 2, missing: int | None = None
) -> None:
    """Write a TIFF of some levels, each half as large per side as the one before.

    Args:
        path: Of the TIFF.
        kind: Of its tiles.
        levels: How many.
        missing: Number of a tile of level 0 that has no bytes.
    """
    drawn = draw_tissue(_ROWS, _COLUMNS, 5)
    with tifffile.TiffWriter(path) as writer:
        for level in range(levels):
            pixels = drawn[:: 2**level, :: 2**level]
            coded = [_split(tile) if kind.apart else (None, tile) for tile in _tiles(pixels, kind)]
            streams = [stream for _, stream in coded]
            if missing is not None and level == 0:
                streams[missing] = b""
            writer.write(
                iter(streams),
                shape=pixels.shape if kind.photometric != "minisblack" else pixels.shape[:2],
                dtype="uint8",
                tile=(kind.tile, kind.tile),
                compression="jpeg",
                photometric=kind.photometric,
                jpegtables=coded[0][0],
                # Or it would state YCbCr.
                compressionargs={"outcolorspace": kind.photometric},
                subsampling=(2, 2) if dict(kind.options).get("subsampling") == "420" else None,
                subfiletype=1 if level else 0,
                metadata=None,
                resolution=(20000, 20000),
                resolutionunit="CENTIMETER",
            )


def stored_streams(path: Path) -> list[list[bytes]]:
    """Return the compressed tiles of each level, read by tifffile alone."""
    with tifffile.TiffFile(path) as tiff:
        found = []
        for part in tiff.series[0].levels:
            page = part.keyframe
            found.append([])
            for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
                tiff.filehandle.seek(offset)
                found[-1].append(tiff.filehandle.read(count))
        return found


def _tiles(pixels: Pixels, kind: Kind) -> Iterator[bytes]:
    side = kind.tile
    for top in range(0, pixels.shape[0], side):
        for left in range(0, pixels.shape[1], side):
            tile = pixels[top : top + side, left : left + side]
            margins = ((0, side - tile.shape[0]), (0, side - tile.shape[1]), (0, 0))
            yield _encode(np.pad(tile, margins, "edge"), kind)


def _encode(tile: Pixels, kind: Kind) -> bytes:
    if kind.pillow:
        stream = BytesIO()
        Image.fromarray(tile).save(stream, "JPEG", quality=70, **dict(kind.pillow))
        return stream.getvalue()
    if kind.photometric == "minisblack":
        return bytes(imagecodecs.jpeg8_encode(np.ascontiguousarray(tile[..., 1]), 70))
    options = {"outcolorspace": "YCBCR", **dict(kind.options)}
    return bytes(imagecodecs.jpeg8_encode(tile, 70, colorspace="RGB", **options))


def _split(jpeg: bytes) -> tuple[bytes, bytes]:
    """Return the tables of a JPEG, SOI to EOI, and the stream without them and Adobe's marker."""
    tables, rest, place = b"", b"", 2
    while (marker := jpeg[place + 1]) != _SOS:
        end = place + 2 + int.from_bytes(jpeg[place + 2 : place + 4])
        if marker in _TABLES:
            tables += jpeg[place:end]
        elif marker != _ADOBE:
            rest += jpeg[place:end]
        place = end
    return b"\xff\xd8" + tables + b"\xff\xd9", b"\xff\xd8" + rest + jpeg[place:]
