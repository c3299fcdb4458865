"""A small slide, converted by the tiny model: what the tests of machines and habits work on."""

from pathlib import Path

import numpy as np
import tifffile

from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.model.artifact_file import save_artifact
from tests.tiny_model import draw_tissue, tiny_model

TILE = 64


def write_slide(path: Path, height: int = 200, width: int = 264) -> Path:
    """Write a plain tiled TIFF of tissue and return its path."""
    pixels = np.asarray(draw_tissue(height, width))
    tifffile.imwrite(path, pixels, photometric="rgb", tile=(TILE, TILE))
    return path


def write_model(folder: Path) -> Path:
    """Write the tiny model and return its path."""
    path = folder / "tiny.safetensors"
    path.write_bytes(save_artifact(tiny_model()))
    return path


def settings(model: Path, **options: object) -> ConvertSettings:
    """Return settings that convert the small slide within a second."""
    asked = {"tile": TILE, "embed_model": True, "min_psnr": 0.0, **options}
    return ConvertSettings(model=str(model), **asked)  # type: ignore[arg-type]


def write_converted(folder: Path, name: str = "c.tif") -> Path:
    """Write slide, model and the converted slide into a folder; return the last."""
    convert_slide(write_slide(folder / "s.tif"), folder / name, settings(write_model(folder)))
    return folder / name
