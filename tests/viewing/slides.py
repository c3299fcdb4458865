"""Slides to look at: files with and without their decoder, and one that is no PathAE file."""

import os
import shutil
from pathlib import Path

import tifffile

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.model.artifact_file import save_artifact
from tests.fixtures.make_fixtures import FOLDER
from tests.tiny_model import tiny_realism_model

EMBEDDED = ("slide.tif", "slide.ome.zarr", "slide-0.4.ome.zarr")
TILE = 256


def fixture(name: str) -> Path:
    """Return a file of a released version: 400 x 320 pixels, two levels, tiles of 128."""
    return FOLDER / "0.1.0" / name


def write_source(folder: Path) -> Path:
    path = folder / "source.svs"
    write_synthetic_slide(path, width=700, height=520, levels=2)
    return path


def write_default(source: Path, folder: Path) -> Path:
    """Convert with the model of the package, which the file names and does not embed."""
    path = folder / "default.tif"
    convert_slide(source, path, ConvertSettings(quality=50, tile=TILE))
    return path


def write_exact(source: Path, folder: Path) -> Path:
    """Convert to exact tiles: the streams of the source."""
    path = folder / "exact.tif"
    convert_slide(source, path, ConvertSettings(lossless=True))
    return path


def write_realism(source: Path, folder: Path) -> Path:
    """Convert with a model of two faces, embedded."""
    model, path = folder / "realism.safetensors", folder / "realism.tif"
    model.write_bytes(save_artifact(tiny_realism_model()))
    settings = ConvertSettings(
        quality=60, model=os.fspath(model), tile=128, embed_model=True, min_psnr=0
    )
    convert_slide(source, path, settings)
    return path


def write_damaged(sound: Path, path: Path) -> None:
    """Copy a TIFF with a bit of the one tile of its coarsest level flipped."""
    shutil.copyfile(sound, path)
    with tifffile.TiffFile(path) as tiff:
        offset = tiff.pages[-1].dataoffsets[-1]
    content = bytearray(path.read_bytes())
    content[offset + 40] ^= 1
    path.write_bytes(content)
