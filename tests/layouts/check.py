"""A layout converted, validated, verified, and read by plain readers."""

import io
import logging
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pathae_codec.cli import main
from pathae_codec.slide import Part, open_slide
from tests.layouts import generic, ome, vendors
from tests.layouts.material import Built
from tests.plain_readers import by_plain_reader, differences, ours

Build = Callable[[Path], Built]
LAYOUTS: dict[str, Build] = {
    "Aperio SVS, JPEG": vendors.aperio_jpeg,
    "Aperio SVS, JPEG 2000": vendors.aperio_jp2k,
    "Leica SCN": vendors.leica_scn,
    "Hamamatsu NDPI": vendors.hamamatsu_ndpi,
    "Philips TIFF": vendors.philips_tiff,
    "Ventana BIF": vendors.ventana_bif,
    "Trestle TIFF": vendors.trestle,
    "DICOM": ome.dicom_folder,
    "OME-TIFF, SubIFDs": ome.sub_ifds,
    "OME-TIFF, big-endian BigTIFF": ome.big_endian_lzw,
    "OME-TIFF, several series": ome.several_series,
    "libvips TIFF, JPEG": generic.libvips_jpeg,
    "libvips BigTIFF, WebP": generic.libvips_webp_bigtiff,
    "GDAL TIFF, sparse": generic.gdal_sparse_lzw,
    "BigTIFF, big-endian": generic.big_endian_bigtiff,
    "TIFF, planar": generic.planar_deflate,
    "TIFF, strips": generic.strips_lzw,
    "TIFF, padded levels": generic.padded_pyramid,
    "TIFF, odd ratios": generic.odd_ratios,
    "TIFF, tiles of 1024 x 64": generic.wide_tiles,
    "TIFF, grey": generic.grey,
    "TIFF, alpha": generic.with_alpha,
    "TIFF, JPEG 2000": generic.jpeg_2000,
    "TIFF, on its side": generic.sideways,
}
LOSSY = ("--quality", "50", "--tile", "256")
LOSSLESS = ("--max-error", "0", "--tile", "256")


@dataclass(frozen=True)
class Found:
    """What became of a layout.

    Attributes:
        layout: Its name.
        about: What is particular to it.
        source: Format and compression as they are read.
        levels: Width and height of each level, as they are converted.
        tiff: What is wrong with the lossy TIFF; nothing in a right one.
        zarr: What is wrong with the lossless OME-Zarr.
    """

    layout: str
    about: str
    source: str
    levels: tuple[tuple[int, int], ...]
    tiff: tuple[str, ...]
    zarr: tuple[str, ...]


def check_layout(layout: str, folder: Path, lossy: Sequence[str] = LOSSY) -> Found:
    """Build a layout in a folder and take it through convert, validate, verify and plain readers.

    Args:
        layout: Of `LAYOUTS`.
        folder: Is written to.
        lossy: Options of the conversion to TIFF.
    """
    build = LAYOUTS[layout]
    built = build(folder)
    part = Part(
        int(built.options[1]) if "--series" in built.options else None,
        cropped="--crop" in built.options,
    )
    with open_slide(built.path, part) as slide:
        properties = slide.properties
        levels = tuple((level.width, level.height) for level in slide.levels)
    tiff, zarr = folder / "converted.tif", folder / "converted.ome.zarr"
    return Found(
        layout,
        (build.__doc__ or "").removeprefix("Write ").rstrip("."),
        f"{properties.format}, {properties.compression or 'not stated'}",
        levels,
        tuple(_wrong(built, tiff, levels, lossy)),
        tuple(_wrong(built, zarr, levels, LOSSLESS)),
    )


def _wrong(
    built: Built, path: Path, levels: tuple[tuple[int, int], ...], options: Sequence[str]
) -> list[str]:
    """Convert, and return what is wrong with what was made."""
    for arguments in (
        ["convert", str(built.path), str(path), *options, *built.options],
        ["validate", "--decode", str(path)],
        ["verify", str(path), "--against", str(built.path)],
    ):
        code, said = _run(arguments)
        if code:
            return [f"{arguments[0]}: {said}"]
    expected = ours(path)
    problems = differences(by_plain_reader(path, expected), expected)
    sizes = tuple(expected[str(n)].shape[1::-1] for n in range(len(levels)))
    if sizes != levels:
        problems.append(f"levels: expected {levels}, got {sizes}")
    if options is LOSSLESS and built.pixels is not None:
        problems += differences({"0": expected["0"]}, {"0": np.asarray(built.pixels)})
    return problems


def _run(arguments: list[str]) -> tuple[int, str]:
    said = io.StringIO()
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        code = main(arguments)
    lines = [line for line in said.getvalue().splitlines() if "warning" not in line]
    return code, "; ".join(lines)
