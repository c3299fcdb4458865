"""Bytes of whole slides, all levels, with and without the tiles that are glass.

PathAE's are files of `convert_slide` with its defaults: the floor, the thumbnail and all metadata
are in them. Those of other codecs are the bitstreams of the same tiles of the same levels alone,
without the container that would hold them: a little smaller than any file could be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.material import Material
from benchmarks.data import SLIDE_ENDINGS
from pathae_codec.arrays import Pixels
from pathae_codec.conversion.convert import convert_slide, stored_bytes
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import SettingError
from pathae_codec.fidelity import psnr
from pathae_codec.geometry import Level, pad_to_tile, tile_grid
from pathae_codec.slide import open_slide
from pathae_codec.slide.interface import SlideReader

REVISION = 1


@dataclass(frozen=True)
class Settings:
    """Side of tiles; what glass is; which codecs are asked.

    Attributes:
        codecs: `CODEC SETTING`; all where it is empty.
        glass: A pixel is glass when its darkest sample is this or more.
        share: A tile is glass when this share of its pixels is.
    """

    tile: int = 512
    codecs: tuple[str, ...] = ()
    glass: int = 220
    share: float = 0.95


def measure(
    codec: CodecSetting, seed: int, settings: Settings, material: Material
) -> dict[str, Any]:
    """Measure every slide: bytes of the source, of all, and of tissue tiles alone."""
    del seed
    assert material.data.slides is not None
    paths = sorted(p for p in material.data.slides.iterdir() if p.suffix.lower() in SLIDE_ENDINGS)
    if not paths:
        raise SettingError(f"bench slides {material.data.slides}: expected slides, found none")
    measure_one = _as_file if codec.model else _as_tiles
    return {"slides": {path.name: measure_one(path, codec, settings) for path in paths}}


def _as_tiles(path: Path, codec: CodecSetting, settings: Settings) -> dict[str, Any]:
    sizes, glass, fidelity = [], [], []
    with open_slide(path) as slide:
        for level, pixels in _tiles(slide, settings.tile):
            padded = pad_to_tile(pixels, settings.tile)[None]
            data = codec.encode(padded)
            sizes.append(len(data[0]))
            glass.append(_is_glass(pixels, settings))
            if level.index == 0:
                decoded = codec.decode(data)[0][: pixels.shape[0], : pixels.shape[1]]
                fidelity.append((psnr(pixels, decoded), pixels[..., 0].size))
    return _summary(path, sum(sizes), sizes, glass, fidelity)


def _as_file(path: Path, codec: CodecSetting, settings: Settings) -> dict[str, Any]:
    import tifffile

    assert codec.model is not None
    assert codec.quality is not None
    with TemporaryDirectory() as folder:
        made = Path(folder) / "slide.tif"
        convert_slide(
            path,
            made,
            ConvertSettings(
                quality=codec.quality, model=codec.model, tile=settings.tile, threads=1
            ),
        )
        sizes: list[int] = []
        glass, fidelity = [], []
        with tifffile.TiffFile(made) as file, open_slide(path) as slide:
            for level in file.series[0].levels:
                sizes += level.keyframe.databytecounts
            shown = file.series[0].levels[0].asarray()
            for level, pixels in _tiles(slide, settings.tile):
                glass.append(_is_glass(pixels, settings))
                if level.index == 0:
                    place = len(glass) - 1
                    columns = -(-level.width // settings.tile)
                    top, left = (settings.tile * n for n in divmod(place, columns))
                    height, width = pixels.shape[:2]
                    decoded = shown[top : top + height, left : left + width]
                    fidelity.append((psnr(pixels, decoded), pixels[..., 0].size))
        return _summary(path, stored_bytes(made), sizes, glass, fidelity)


def _tiles(slide: SlideReader, side: int) -> Iterator[tuple[Level, Pixels]]:
    for level in slide.levels:
        for index in tile_grid(level, side):
            x, y = index.column * side, index.row * side
            width, height = min(side, level.width - x), min(side, level.height - y)
            yield level, slide.read_region(level.index, x, y, width, height)


def _is_glass(pixels: Pixels, settings: Settings) -> bool:
    return bool((pixels.min(-1) >= settings.glass).mean() >= settings.share)


def _summary(
    path: Path,
    total: int,
    sizes: list[int],
    glass: list[bool],
    fidelity: list[tuple[float, int]],
) -> dict[str, Any]:
    """Return the sizes; PSNR is that of level 0 as a whole."""
    if len(sizes) != len(glass):
        raise SettingError(
            f"bench slide {path}: expected {len(glass)} tiles in the file, got {len(sizes)}"
        )
    squares = sum(10 ** (-decibels / 10) * pixels for decibels, pixels in fidelity)
    pixels = sum(pixels for _, pixels in fidelity)
    return {
        "source_bytes": stored_bytes(path),
        "bytes": int(total),
        "tiles": len(sizes),
        "glass_tiles": int(np.sum(glass)),
        "tile_bytes": int(np.sum(sizes)),
        "tissue_bytes": int(np.sum(np.array(sizes)[~np.array(glass)])),
        "psnr": float(-10 * np.log10(squares / pixels)) if squares else 100.0,
    }
