"""Real slides, end to end: shapes, sizes, resolution, colour profile."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
import tiffslide
import zarr

import pathae_codec  # noqa: F401 - registers with tifffile
from pathae_codec.arrays import Pixels
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.fidelity import psnr
from pathae_codec.privacy.icc_profile import neutral_profile
from pathae_codec.slide import open_slide
from tests.shared_data import require_slide

if TYPE_CHECKING:
    from collections.abc import Callable


def read_zarr(path: Path, level: int) -> Pixels:
    return np.moveaxis(np.asarray(zarr.open_group(path, mode="r")[str(level)]), 0, -1)


CONTAINERS = ["out.ome.zarr", "out.tif"]


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("slide", ["CMU-1-Small-Region.svs", "TCGA-CR-7395.svs"])
def test_real_slides_shrink_and_keep_their_shape(slide: str, name: str, tmp_path: Path) -> None:
    source = require_slide(slide)
    summary = convert_slide(source, tmp_path / name)
    assert summary.destination_bytes < summary.source_bytes
    expected = {
        "CMU-1-Small-Region.svs": [(2967, 2220), (741, 555)],
        "TCGA-CR-7395.svs": [(3567, 4443), (1783, 2221)],
    }[slide]
    read: dict[str, Callable[[int], Pixels]] = {
        "out.ome.zarr": lambda level: read_zarr(tmp_path / name, level),
        "out.tif": lambda level: tifffile.imread(tmp_path / name, series=0, level=level),
    }
    with open_slide(source) as original:
        for level, shape in enumerate(expected):
            pixels = read[name](level)
            assert pixels.shape == (*shape, 3)
            region = original.read_region(level, 0, 0, shape[1], shape[0])
            assert psnr(region, pixels) > 26


def test_cmu_keeps_its_resolution(tmp_path: Path) -> None:
    source = require_slide("CMU-1-Small-Region.svs")
    for name in CONTAINERS:
        convert_slide(source, tmp_path / name)
    slide = tiffslide.TiffSlide(tmp_path / "out.tif")
    assert slide.properties["tiffslide.mpp-x"] == pytest.approx(0.499)
    (multiscale,) = zarr.open_group(tmp_path / "out.ome.zarr", mode="r").attrs["ome"]["multiscales"]  # type: ignore[index,call-overload]
    assert multiscale["datasets"][0]["coordinateTransformations"][0]["scale"][1:] == [0.499] * 2


def test_tcga_keeps_its_profile_and_its_silence(tmp_path: Path) -> None:
    source = require_slide("TCGA-CR-7395.svs")
    for name in CONTAINERS:
        summary = convert_slide(source, tmp_path / name)
        assert any("microns per pixel" in notice for notice in summary.notices)
    with tifffile.TiffFile(source) as tiff:
        profile = tiff.pages.first.tags[34675].value
    assert len(profile) == 3144
    neutral = neutral_profile(profile)
    with tifffile.TiffFile(tmp_path / "out.tif") as tiff:
        assert tiff.pages.first.tags[34675].value == neutral
    attributes = zarr.open_group(tmp_path / "out.ome.zarr", mode="r").attrs
    record, ome = attributes["pathae"], attributes["ome"]
    assert base64.b64decode(record["icc_profile"]) == neutral  # type: ignore[index,call-overload,arg-type]
    assert record["mpp"] is None  # type: ignore[index,call-overload]
    assert "unit" not in ome["multiscales"][0]["axes"][1]  # type: ignore[index,call-overload]
    assert tiffslide.TiffSlide(tmp_path / "out.tif").properties["tiffslide.mpp-x"] is None


def test_dicom_converts(tmp_path: Path) -> None:
    source = require_slide("CMU-1-level.dcm")
    convert_slide(source, tmp_path / "out.ome.zarr", ConvertSettings(tile=256))
    assert read_zarr(tmp_path / "out.ome.zarr", 0).shape == (715, 957, 3)
