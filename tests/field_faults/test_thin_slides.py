"""Thin slides: a level is where its sizes say, or there is none; our own checks take our files."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from pathae_codec.cli import main
from tests.field_faults.exact_conversion import convert

pytestmark = pytest.mark.usefixtures("tiny_model_folder")
SIZES = [(31, 1200), (15, 1100), (23, 2000), (2000, 23), (9000, 23), (1, 3000), (4500, 135)]


def write_edge(path: Path, width: int, height: int, levels: int = 1) -> int:
    """Write a slide that is dark up to seven eighths of its longer side; return where that is."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    edge = max(width, height) * 7 // 8
    pixels[:edge, :edge] = 40
    options = {"photometric": "rgb", "compression": "zlib", "tile": (64, 64)}
    with tifffile.TiffWriter(path) as tiff:
        for level in range(levels):
            step = 4**level
            high, wide = max(1, height // step), max(1, width // step)
            part = pixels[: high * step : step, : wide * step : step]
            tiff.write(np.ascontiguousarray(part), subfiletype=int(level > 0), **options)
    return edge


@pytest.mark.parametrize("name", ["c.tif", "c.ome.zarr"])
@pytest.mark.parametrize("levels", [1, 3])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_an_edge_is_at_the_same_place_on_every_level(
    tmp_path: Path, width: int, height: int, levels: int, name: str
) -> None:
    source, out = tmp_path / "a.tif", tmp_path / name
    edge = write_edge(source, width, height, levels)
    convert(source, out, "--min-psnr", "none", "--verify")
    assert main(["validate", "--decode", str(out)]) == 0
    slide = pathae_codec.open(out)
    for level, size in enumerate(slide.level_dimensions):
        pixels = np.asarray(slide.read_region((0, 0), level, size))[..., :3]
        dark = pixels.reshape(-1, 3)[:, 0] < 150 if 1 in size else pixels[0, :, 0] < 150
        if height > width and 1 not in size:
            dark = pixels[:, 0, 0] < 150
        place = int(dark.sum()) * slide.level_downsamples[level]
        assert abs(place - edge) <= 3 * slide.level_downsamples[level]


def test_slides_of_usual_aspect_keep_all_levels(tmp_path: Path) -> None:
    source, out = tmp_path / "a.tif", tmp_path / "c.tif"
    write_edge(source, 1201, 703, levels=3)
    convert(source, out)
    assert pathae_codec.open(out).level_dimensions == ((1201, 703), (300, 175), (75, 43))


def test_what_is_left_out_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.tif"
    write_edge(source, 2000, 23, levels=3)
    convert(source, tmp_path / "c.tif")
    assert "levels of 500 x 5, 125 x 1 pixels were left out" in capsys.readouterr().err
