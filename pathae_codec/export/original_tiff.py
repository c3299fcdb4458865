"""A tiled TIFF of the source's own compressed tiles, byte for byte, laid out as any other export.

Tables that the source shares between its tiles are shared here too.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.bitstream.jpeg_segments import chroma_sampling
from pathae_codec.export.originals import OriginalLevel
from pathae_codec.export.pyramid import Progress, Pyramid, counted
from pathae_codec.export.settings import Coding
from pathae_codec.export.tiff import lay_out
from pathae_codec.geometry import Level
from pathae_codec.tiff.aperio import resolution

if TYPE_CHECKING:
    from tifffile import TiffWriter

_JPEG, _JPEG_2000 = 7, 33005
_COLOURS = {StreamCoding.GREY_JPEG: "minisblack", StreamCoding.YCBCR_JPEG: "ycbcr"}


def write_original_tiff(
    path: Path, pyramid: Pyramid, coding: Coding, progress: Progress | None = None
) -> None:
    """Write a pyramidal TIFF of a pyramid's originals; arguments are those of `write_tiff`."""
    originals = pyramid.originals
    total, done = sum(one.count for one in originals), 0

    def write_one(writer: "TiffWriter", level: Level, **options: object) -> None:
        nonlocal done
        (original,) = (one for one in originals if one.level is level)
        streams = counted(original.streams(), done, total, progress)
        _write_level(writer, pyramid, original, streams, **options)
        done += original.count

    word = "J2K" if originals[0].layout.coding is StreamCoding.JPEG_2000 else "JPEG"
    lay_out(path, pyramid, coding, word, write_one)


def _write_level(
    writer: "TiffWriter",
    pyramid: Pyramid,
    original: OriginalLevel,
    streams: Iterator[bytes | None],
    **options: object,
) -> None:
    level, layout = original.level, original.layout
    colours = _COLOURS.get(layout.coding, "rgb")
    leading = _first(streams)
    first = next(filter(None, leading), b"")
    arguments: dict[str, Any] = resolution(pyramid.mpp, level) | options
    if layout.coding is not StreamCoding.JPEG_2000:
        # Without being told the colours of a JPEG, tifffile states YCbCr.
        arguments |= {
            "jpegtables": layout.tables or None,
            "compressionargs": {"outcolorspace": colours},
            "subsampling": chroma_sampling(first) if colours == "ycbcr" else None,
        }
    grey = layout.coding is StreamCoding.GREY_JPEG
    writer.write(
        (stream or b"" for stream in chain(leading, streams)),
        shape=(level.height, level.width) if grey else (level.height, level.width, 3),
        dtype="uint8",
        tile=(original.height, original.width),
        compression=_JPEG_2000 if layout.coding is StreamCoding.JPEG_2000 else _JPEG,
        photometric=colours,
        metadata=None,
        software=False,
        iccprofile=pyramid.icc_profile,
        **arguments,
    )


def _first(streams: Iterator[bytes | None]) -> list[bytes | None]:
    """Take streams up to the first one that is there: its frame header says how chroma lies."""
    taken: list[bytes | None] = []
    for stream in streams:
        taken.append(stream)
        if stream is not None:
            break
    return taken
