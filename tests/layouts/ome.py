"""OME-TIFF as Bio-Formats, QuPath and bioformats2raw write it, and DICOM."""

from pathlib import Path
from typing import Any

import tifffile

from pathae_codec.arrays import Pixels
from tests.layouts.material import MPP, Built, picture, resized

_SIZES = ((900, 700), (450, 350), (225, 175))


def _write_image(
    tiff: tifffile.TiffWriter,
    pixels: Pixels,
    levels: int,
    name: str,
    **options: Any,  # noqa: ANN401
) -> None:
    metadata = {
        "axes": "YXS",
        "Name": name,
        "PhysicalSizeX": MPP,
        "PhysicalSizeY": MPP,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeYUnit": "µm",
    }
    tiff.write(pixels, subifds=levels - 1, metadata=metadata, photometric="rgb", **options)
    for number in range(1, levels):
        size = pixels.shape[1] >> number, pixels.shape[0] >> number
        tiff.write(resized(pixels, *size), subfiletype=1, photometric="rgb", **options)


def sub_ifds(folder: Path) -> Built:
    """Write levels below the first directory, deflate, tiles of 512."""
    path = folder / "sub.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tiff:
        _write_image(tiff, picture(), 3, "slide", tile=(512, 512), compression="zlib")
    return Built(path, pixels=picture())


def big_endian_lzw(folder: Path) -> Built:
    """Write the same as big-endian BigTIFF in LZW, as bioformats2raw and raw2ometiff do."""
    path = folder / "big.ome.tif"
    with tifffile.TiffWriter(path, ome=True, bigtiff=True, byteorder=">") as tiff:
        _write_image(tiff, picture(), 2, "slide", tile=(256, 256), compression="lzw")
    return Built(path, pixels=picture())


def several_series(folder: Path) -> Built:
    """Write two slides in one file, the second of which is asked for."""
    path = folder / "series.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tiff:
        options = {"tile": (256, 256), "compression": "zlib"}
        _write_image(tiff, resized(picture(), 300, 233), 1, "first", **options)
        _write_image(tiff, picture(), 2, "second", **options)
    return Built(path, ("--series", "1"), picture())


def dicom_folder(folder: Path) -> Built:
    """Write a folder of instances, a level each, as wsidicom lays them out."""
    import pydicom

    from pathae_codec.conversion.convert import convert_slide
    from pathae_codec.conversion.settings import ConvertSettings
    from pathae_codec.export import export_slide
    from tests.layouts.vendors import aperio_jpeg

    stored, made = folder / "stored.tif", folder / "dicom.dcm"
    convert_slide(aperio_jpeg(folder).path, stored, ConvertSettings(tile=256, max_error=0))
    export_slide(stored, made)
    stored.unlink()
    for file in made.iterdir():
        # As if a scanner had written it: nothing says that it is an export of ours.
        dataset = pydicom.dcmread(file)
        dataset.DerivationDescription = "none"
        dataset.save_as(file)
    return Built(made)
