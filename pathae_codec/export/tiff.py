"""Pyramidal TIFF in a standard compression, which OpenSlide opens.

OpenSlide takes microns per pixel from an Aperio description, one value for both axes, and the
magnification and associated images too; from a plain ("generic") tiled TIFF it takes microns per
pixel of each axis from the resolution tags, and nothing else. So a slide is laid out as Aperio's
unless its two values differ: a wrong one would be worse than a missing magnification. The
resolution tags are there in both.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathae_codec.arrays import Pixels
from pathae_codec.export.pyramid import Progress, Pyramid, counted, history_text
from pathae_codec.export.settings import Coding
from pathae_codec.geometry import Level, grid_shape
from pathae_codec.record.lossy_history import History
from pathae_codec.tiff.aperio import describe_level, needs_bigtiff, resolution, write_associated

if TYPE_CHECKING:
    from tifffile import TiffWriter

TIFF_NAMES = {"jpeg": "JPEG", "jpegxl": "JPEG XL", "deflate": "Deflate"}
_REDUCED = 1


def write_tiff(
    path: Path, pyramid: Pyramid, coding: Coding, progress: Progress | None = None
) -> None:
    """Write a pyramidal TIFF: level 0, thumbnail, other levels, label, macro."""
    tiles = level_tiles(pyramid, progress)

    def write_one(writer: "TiffWriter", level: Level, **options: object) -> None:
        read = next(read for found, read in tiles if found is level)
        write_level(writer, pyramid, level, read, coding, **options)

    lay_out(path, pyramid, coding, TIFF_NAMES[coding.codec], write_one)


def lay_out(
    path: Path, pyramid: Pyramid, coding: Coding, word: str, write_one: Callable[..., None]
) -> None:
    """Write a TIFF's directories in their order: level 0, thumbnail, other levels, label, macro.

    Args:
        path: Of the TIFF.
        pyramid: What the tags are taken from.
        coding: What it adds to the lossy history.
        word: For the compression, in Aperio's description.
        write_one: Writes a level: takes the writer, the level, and arguments of its `write`.
    """
    from tifffile import TiffWriter

    aperio = is_aperio(pyramid)
    with TiffWriter(path, bigtiff=needs_bigtiff(pyramid.levels)) as writer:
        for level in pyramid.levels:
            # Aperio's levels are no reduced images; those of a plain TIFF must be.
            reduced = 0 if aperio or level.index == 0 else _REDUCED
            history = coding.after(pyramid.lossy_history)
            described = _describe(pyramid, level, word, history) if aperio else _history(history)
            write_one(writer, level, subfiletype=reduced, description=described)
            if aperio and level.index == 0:
                write_associated(writer, pyramid.associated, "thumbnail", pyramid.icc_profile)
        if aperio:
            for name in ("label", "macro"):
                write_associated(writer, pyramid.associated, name, pyramid.icc_profile)


def is_aperio(pyramid: Pyramid) -> bool:
    """Say whether the layout is Aperio's: one value of microns per pixel, or none."""
    return pyramid.mpp is None or pyramid.mpp[0] == pyramid.mpp[1]


def level_tiles(
    pyramid: Pyramid, progress: Progress | None
) -> Iterator[tuple[Level, Iterator[Pixels]]]:
    """Return each level with its tiles; the tiles report their progress."""
    done = 0
    for level in pyramid.levels:
        yield level, counted(pyramid.tiles(level), done, pyramid.total, progress)
        rows, columns = grid_shape(level, pyramid.tile)
        done += rows * columns


def write_level(
    writer: "TiffWriter",
    pyramid: Pyramid,
    level: Level,
    tiles: Iterator[Pixels],
    coding: Coding,
    **options: object,
) -> None:
    """Write a level, a tile at a time.

    Args:
        writer: Of the file.
        pyramid: What the tags are taken from.
        level: Of it.
        tiles: uint8 (tile, tile, 3), row by row.
        coding: JPEG is written in YCbCr, 4:2:0, each tile with its own tables: OpenSlide and
            libtiff read that.
        options: Further arguments of `TiffWriter.write`.
    """
    compression: dict[str, Any]
    match coding.codec:
        case "jpeg":
            # tifffile makes YCbCr of RGB.
            compression = {
                "compression": "jpeg",
                "photometric": "rgb",
                "subsampling": (2, 2),
                "compressionargs": {"level": coding.quality, "outcolorspace": "ycbcr"},
            }
        case "jpegxl":
            compression = {
                "compression": "jpegxl",
                "photometric": "rgb",
                "compressionargs": {"level": coding.quality},
            }
        case _:
            compression = {"compression": "zlib", "photometric": "rgb", "predictor": True}
    arguments: dict[str, Any] = compression | resolution(pyramid.mpp, level) | options
    writer.write(
        tiles,
        shape=(level.height, level.width, 3),
        dtype="uint8",
        tile=(pyramid.tile, pyramid.tile),
        metadata=None,
        software=False,
        iccprofile=pyramid.icc_profile,
        **arguments,
    )


def _describe(pyramid: Pyramid, level: Level, word: str, history: History) -> str:
    text = describe_level(
        pyramid.levels, level, pyramid.tile, word, pyramid.mpp, pyramid.magnification
    )
    return f"{text}|Lossy history = {history_text(history)}" if history else text


def _history(history: History) -> str | None:
    """Return the description of a plain TIFF: the lossy steps, if there are any."""
    return f"Exported from PathAE|Lossy history = {history_text(history)}" if history else None
