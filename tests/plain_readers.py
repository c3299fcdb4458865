"""What plain readers find in a file: every array by zarr, every page by tifffile; and ours."""

from pathlib import Path

import numpy as np
import tifffile
import zarr

import pathae_codec
from pathae_codec.arrays import Pixels
from pathae_codec.container import open_container
from pathae_codec.tiff.tags import COMPRESSION

Arrays = dict[str, Pixels]
"""Pixels, uint8 (H, W, 3): of levels by their number, of associated images by their name."""


def ours(path: Path) -> Arrays:
    """Return what this package reads of a PathAE file."""
    with pathae_codec.open(path) as slide:
        found = {
            str(level): slide.read_array((0, 0), level, size)
            for level, size in enumerate(slide.level_dimensions)
        }
    container = open_container(path)
    return found | {name: container.associated_image(name) for name in container.associated}


def by_zarr(path: Path) -> Arrays:
    """Return every array of an OME-Zarr that has pixels; all others are read too."""
    group = zarr.open_group(path, mode="r")
    arrays = dict(group.arrays())
    if "associated" in group:
        arrays |= dict(zarr.open_group(path, path="associated", mode="r").arrays())
    read = {name: np.asarray(array[:]) for name, array in arrays.items()}
    # The ledger is a row of bytes.
    return {name: np.moveaxis(found, 0, 2) for name, found in read.items() if found.ndim == 3}


def by_tifffile(path: Path, images: Arrays) -> Arrays:
    """Return every page of a TIFF, those below others (SubIFDs) too.

    Args:
        path: Of a PathAE TIFF, or an exported one.
        images: Associated images as they must be; one of the same size gives a page its name.
    """
    with tifffile.TiffFile(path) as tiff:
        pages = [page.aspage() for page in tiff.pages]
        pages += [below.aspage() for page in pages for below in page.pages or ()]
        coded = [page for page in pages if int(page.compression) == COMPRESSION]
        # In an export all pages are of one compression; its levels are those that it says.
        levels = coded or [level.keyframe for level in tiff.series[0].levels]
        if not coded and len(tiff.series[0].levels) == 1:
            levels = [page for page in pages if page.is_tiled]
        found = {str(number): page.asarray() for number, page in enumerate(levels)}
        for page in pages:
            if all(page.offset != level.offset for level in levels):
                pixels = page.asarray()
                found[_name(pixels, images, page)] = pixels
    return found


def differences(found: Arrays, expected: Arrays) -> list[str]:
    """Return a line for each array that is not there, not expected, or of other pixels."""
    lines = [f"{name}: not found" for name in expected.keys() - found.keys()]
    lines += [f"{name}: not expected" for name in found.keys() - expected.keys()]
    for name in expected.keys() & found.keys():
        if found[name].shape != expected[name].shape:
            lines.append(f"{name}: expected {expected[name].shape}, got {found[name].shape}")
        elif not np.array_equal(found[name], expected[name]):
            changed = int((found[name] != expected[name]).sum())
            lines.append(f"{name}: {changed} of {expected[name].size} samples differ")
    return sorted(lines)


def by_plain_reader(path: Path, expected: Arrays) -> Arrays:
    """Return what the reader of a file's kind finds in it; see `by_zarr` and `by_tifffile`."""
    if path.is_dir():
        return by_zarr(path)
    return by_tifffile(path, {name: p for name, p in expected.items() if not name.isdigit()})


def _name(pixels: Pixels, images: Arrays, page: tifffile.TiffPage) -> str:
    for name, image in images.items():
        if image.shape == pixels.shape:
            return name
    return f"page {page.index}"
