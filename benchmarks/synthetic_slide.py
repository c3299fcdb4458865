"""Draws a small synthetic H&E-like slide and writes it as Aperio's scanners write theirs."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.synthetic_tissue import draw_tissue
from pathae_codec.arrays import Pixels

__all__ = ["draw_tissue", "write_synthetic_slide"]


TILE = 256
MPP, MAGNIFICATION = 0.5, 20
_FACTOR = 4
_LIBRARY = "Aperio Image Library v11.2.1"
_THUMBNAIL_SIDE = 512


def write_synthetic_slide(
    path: Path, width: int = 3000, height: int = 2200, levels: int = 1, seed: int = 0
) -> None:
    """Write a tiled JPEG SVS with thumbnail, label and macro, at 0.5 microns per pixel and 20x.

    Args:
        path: Is overwritten.
        width: Of level 0, in pixels.
        height: Of level 0, in pixels.
        levels: 1 to 3, each a quarter of the one before per side.
        seed: Draws another slide.

    Raises:
        ValueError: `levels` is none of 1, 2 and 3.
    """
    import tifffile

    if levels not in (1, 2, 3):
        raise ValueError(f"levels: expected 1, 2 or 3, got {levels}")
    pyramid = [draw_tissue(height, width, seed)]
    for _ in range(levels - 1):
        pyramid.append(shrink(pyramid[-1], _FACTOR))
    thumbnail = shrink(pyramid[0], max(1, -(-max(width, height) // _THUMBNAIL_SIDE)))
    with tifffile.TiffWriter(path) as tiff:
        _write_level(tiff, pyramid[0], (height, width))
        # OpenSlide takes the second directory for the thumbnail.
        _write_image(tiff, thumbnail, "", 0)
        for level in pyramid[1:]:
            _write_level(tiff, level, (height, width))
        _write_image(tiff, _draw_label(seed), "label", 1)
        _write_image(tiff, _draw_macro(thumbnail), "macro", 9)


def shrink(pixels: Pixels, factor: int) -> Pixels:
    """Return the means of `factor` x `factor` boxes, uint8 (h // factor, w // factor, 3)."""
    height, width = pixels.shape[0] // factor, pixels.shape[1] // factor
    boxes = pixels[: height * factor, : width * factor]
    boxes = boxes.reshape(height, factor, width, factor, 3)
    means: Pixels = np.rint(boxes.mean(axis=(1, 3), dtype=np.float32)).astype(np.uint8)
    return means


def _write_level(tiff: Any, pixels: Pixels, full: tuple[int, int]) -> None:  # noqa: ANN401
    height, width = pixels.shape[:2]
    scaled = "" if (height, width) == full else f" -> {width}x{height}"
    tiff.write(
        pixels,
        tile=(TILE, TILE),
        description=(
            f"{_LIBRARY}\r\n{full[1]}x{full[0]} [0,0 {full[1]}x{full[0]}] ({TILE}x{TILE}){scaled} "
            f"JPEG/RGB Q=80|AppMag = {MAGNIFICATION}|MPP = {MPP}"
        ),
        **_jpeg(80),
    )


def _write_image(tiff: Any, pixels: Pixels, name: str, kind: int) -> None:  # noqa: ANN401
    height, width = pixels.shape[:2]
    description = f"{_LIBRARY}\r\n{name} {width}x{height}"
    tiff.write(pixels, rowsperstrip=16, subfiletype=kind, description=description, **_jpeg(85))


def _jpeg(quality: int) -> dict[str, Any]:
    return {
        "photometric": "rgb",
        "compression": "jpeg",
        "compressionargs": {"level": quality},
        "metadata": None,
        "software": False,
    }


def _draw_label(seed: int) -> Pixels:
    """Draw a white label with a bar code: what the seed is, in black bars."""
    label = np.full((400, 400, 3), 250, np.uint8)
    bars = np.random.default_rng(seed).integers(0, 2, 90).repeat(4)
    label[60:200, 20:380][:, bars == 1] = 20
    return label


def _draw_macro(thumbnail: Pixels) -> Pixels:
    """Draw the whole glass: label to the left, the section to the right of it."""
    height, width = thumbnail.shape[:2]
    macro = np.full((height + 80, width + 360, 3), 235, np.uint8)
    macro[:, :300] = (205, 215, 230)
    macro[40 : 40 + height, 320 : 320 + width] = thumbnail
    return macro
