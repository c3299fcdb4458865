"""Layouts of programs: libvips, GDAL, QuPath, Bio-Formats, ImageJ, cameras."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from tests.layouts.material import MPP, Built, padded, picture, resized

_REDUCED = 1
_SIZES = ((900, 700), (450, 350), (225, 175))
_RGB: dict[str, Any] = {"photometric": "rgb", "metadata": None, "software": False}
_PER_CM = (1e4 / MPP, 1e4 / MPP)


def _pyramid(
    path: Path,
    options: dict[str, Any],
    sizes: tuple[tuple[int, int], ...] = _SIZES,
    **file: Any,  # noqa: ANN401
) -> Built:
    """Write levels one behind the other, the smaller ones marked as reduced."""
    with tifffile.TiffWriter(path, **file) as tiff:
        for number, size in enumerate(sizes):
            reduced = {"subfiletype": _REDUCED} if number else {}
            resolution = (_PER_CM[0] * size[0] / sizes[0][0], _PER_CM[1] * size[1] / sizes[0][1])
            tiff.write(
                resized(picture(), *size),
                resolution=resolution,
                resolutionunit="CENTIMETER",
                **_RGB | options | reduced,
            )
    lossy = options.get("compression") in ("jpeg", "webp")
    return Built(path, pixels=None if lossy else picture())


def libvips_jpeg(folder: Path) -> Built:
    """Write what `vips tiffsave --tile --pyramid --compression jpeg` writes."""
    jpeg = {"compression": "jpeg", "compressionargs": {"level": 85}, "subsampling": (2, 2)}
    return _pyramid(folder / "vips.tif", {"tile": (256, 256), **jpeg})


def libvips_webp_bigtiff(folder: Path) -> Built:
    """Write WebP tiles of 512 in a BigTIFF."""
    options = {"tile": (512, 512), "compression": "webp", "compressionargs": {"level": 90}}
    return _pyramid(folder / "webp.tif", options, bigtiff=True)


def gdal_sparse_lzw(folder: Path) -> Built:
    """Write tiles without bytes where there is nothing, as GDAL's SPARSE_OK does."""
    built = _pyramid(
        folder / "sparse.tif",
        {"tile": (128, 128), "compression": "lzw", "predictor": True},
        sizes=((900, 700), (450, 350)),
    )
    with tifffile.TiffFile(built.path) as tiff:
        places = [
            (page.tags["TileOffsets"].valueoffset, page.tags["TileByteCounts"].valueoffset)
            for page in tiff.pages
        ]
        widths = [page.tags["TileByteCounts"].dtype for page in tiff.pages]
        columns = -(-900 // 128)
    empty = [row * columns + columns - 1 for row in range(6)]
    with built.path.open("r+b") as file:
        for number in empty:
            for place, size in zip(places[0], (4, 2 if int(widths[0]) == 3 else 4), strict=True):
                file.seek(place + number * size)
                file.write(bytes(size))
    pixels = picture().copy()
    pixels[: 6 * 128, (columns - 1) * 128 :] = 255
    return replace(built, pixels=pixels)


def big_endian_bigtiff(folder: Path) -> Built:
    """Write a big-endian BigTIFF in deflate."""
    options = {"tile": (256, 256), "compression": "zlib", "predictor": True}
    return _pyramid(folder / "big.tif", options, bigtiff=True, byteorder=">")


def planar_deflate(folder: Path) -> Built:
    """Write a plane a colour, each in tiles of its own."""
    path = folder / "planar.tif"
    planes = np.ascontiguousarray(np.moveaxis(picture(), 2, 0))
    options = {"tile": (128, 128), "compression": "zlib", "planarconfig": "separate"}
    tifffile.imwrite(path, planes, **_RGB | options)
    return Built(path, pixels=picture())


def strips_lzw(folder: Path) -> Built:
    """Write strips of 37 rows, as cameras and ImageJ write them."""
    path = folder / "strips.tif"
    options = {"rowsperstrip": 37, "compression": "lzw", "predictor": True}
    tifffile.imwrite(path, picture(), **_RGB | options)
    return Built(path, pixels=picture())


def padded_pyramid(folder: Path) -> Built:
    """Write levels of whole tiles, whose edges are filled up: their ratios are not 2."""
    path, tile = folder / "padded.tif", 256
    with tifffile.TiffWriter(path) as tiff:
        for number, size in enumerate(_SIZES):
            reduced = {"subfiletype": _REDUCED} if number else {}
            level = padded(resized(picture(), *size), tile)
            tiff.write(level, tile=(tile, tile), compression="zlib", **_RGB | reduced)
    return Built(path, pixels=padded(picture(), tile))


def odd_ratios(folder: Path) -> Built:
    """Write levels at 1/2.6, 1/3 more, and one rounded up."""
    options = {"tile": (192, 192), "compression": "zlib"}
    return _pyramid(folder / "odd.tif", options, sizes=((900, 700), (347, 270), (116, 91)))


def wide_tiles(folder: Path) -> Built:
    """Write tiles that are no squares, 1024 x 64, in 4:2:2."""
    jpeg = {"compression": "jpeg", "compressionargs": {"level": 90}, "subsampling": (2, 1)}
    return _pyramid(folder / "wide.tif", {"tile": (64, 1024), **jpeg}, sizes=_SIZES[:2])


def grey(folder: Path) -> Built:
    """Write one channel of 8 bits."""
    path = folder / "grey.tif"
    luma = picture()[..., 1].copy()
    tifffile.imwrite(
        path, luma, photometric="minisblack", tile=(256, 256), compression="zlib", metadata=None
    )
    return Built(path, pixels=np.repeat(luma[..., None], 3, axis=2))


def with_alpha(folder: Path) -> Built:
    """Write a fourth channel that is opaque, in Zstandard."""
    path = folder / "rgba.tif"
    alpha = np.full((*picture().shape[:2], 1), 255, np.uint8)
    options = {"tile": (256, 256), "compression": "zstd", "extrasamples": ["unassalpha"]}
    tifffile.imwrite(path, np.concatenate([picture(), alpha], axis=2), **_RGB | options)
    return Built(path, pixels=picture())


def jpeg_2000(folder: Path) -> Built:
    """Write JPEG 2000 tiles of 512 under TIFF's own number, losslessly."""
    return _pyramid(folder / "jp2k.tif", {"tile": (512, 512), "compression": "jpeg2000"})


def sideways(folder: Path) -> Built:
    """Write a picture that lies on its side, as its Orientation says."""
    path = folder / "sideways.tif"
    options = {"tile": (128, 128), "extratags": [(274, 3, 1, 6, True)]}
    tifffile.imwrite(path, np.ascontiguousarray(np.rot90(picture())), **_RGB | options)
    return Built(path, pixels=picture())
