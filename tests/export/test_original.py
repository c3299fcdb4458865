"""`export --original`: the source's own compressed tiles, in TIFF and DICOM."""

from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile

from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import SettingError, UnsupportedSlideError
from pathae_codec.export import ExportSettings, export_slide
from pathae_codec.slide import open_slide
from pathae_codec.slide.source_streams import open_streams
from tests.jpeg_slides import KINDS, stored_streams, write_jpeg_slide
from tests.shared_data import require_slide

LOSSLESS = ConvertSettings(lossless=True, overwrite=True)
ORIGINAL = ExportSettings(original=True, overwrite=True)


def frames(path: Path) -> list[bytes | None]:
    """Return the frames of level 0 of a DICOM slide."""
    with open_slide(path) as slide, open_streams(path, slide) as streams:
        level = streams.levels[0]
        return [level.read(number) for number in range(level.rows * level.columns)]


@pytest.mark.parametrize("name", ["420", "rgb", "grey", "progressive", "240"])
def test_a_tiff_of_the_very_tiles(name: str, tmp_path: Path) -> None:
    source, stored, out = (tmp_path / n for n in ("source.tif", "stored.ome.zarr", "out.tif"))
    write_jpeg_slide(source, KINDS[name])
    convert_slide(source, stored, LOSSLESS)
    summary = export_slide(stored, out, ORIGINAL)
    assert stored_streams(out) == stored_streams(source)
    assert summary.tiles == sum(map(len, stored_streams(source)))
    assert summary.notices == ()
    with tifffile.TiffFile(out) as ours, tifffile.TiffFile(source) as theirs:
        for found, expected in zip(ours.series[0].levels, theirs.series[0].levels, strict=True):
            page, stated = found.keyframe, expected.keyframe
            assert page.photometric == stated.photometric
            assert page.jpegtables == stated.jpegtables
            assert np.array_equal(found.asarray(), expected.asarray())
        assert ours.pages[0].description.startswith("Aperio")
    with openslide.OpenSlide(out) as slide:
        assert slide.properties["openslide.vendor"] == "aperio"
        assert slide.level_count == 2


def test_a_scanner_slide_comes_back(tmp_path: Path) -> None:
    source = require_slide("CMU-1-Small-Region.svs")
    stored, out = tmp_path / "stored.tif", tmp_path / "out.svs"
    convert_slide(source, stored, LOSSLESS)
    summary = export_slide(stored, out, ORIGINAL)
    assert stored_streams(out) == stored_streams(source)
    (notice,) = summary.notices
    assert notice == "level 1 was left out: it was made when the slide was converted"
    with openslide.OpenSlide(out) as ours, openslide.OpenSlide(source) as theirs:
        assert ours.level_dimensions == theirs.level_dimensions
        for key in ("mpp-x", "mpp-y", "objective-power"):
            assert ours.properties[f"openslide.{key}"] == theirs.properties[f"openslide.{key}"]
        regions = [slide.read_region((0, 0), 0, slide.dimensions) for slide in (ours, theirs)]
        assert np.array_equal(*map(np.asarray, regions))


def test_a_dicom_slide_comes_back(tmp_path: Path) -> None:
    pydicom = pytest.importorskip("pydicom")
    pytest.importorskip("wsidicom")
    source = require_slide("CMU-1-level.dcm")
    stored, out = tmp_path / "stored.tif", tmp_path / "out.dcm"
    summary = convert_slide(source, stored, LOSSLESS)
    assert summary.tally is not None
    assert summary.tally.modes["exact"] == summary.tiles
    export_slide(stored, out, ORIGINAL)
    assert frames(out) == frames(source)
    (file,) = out.iterdir()
    ours, theirs = (pydicom.dcmread(path, stop_before_pixels=True) for path in (file, source))
    assert ours.file_meta.TransferSyntaxUID == theirs.file_meta.TransferSyntaxUID
    assert ours.PhotometricInterpretation == theirs.PhotometricInterpretation
    with openslide.OpenSlide(file) as slide, openslide.OpenSlide(source) as other:
        regions = [one.read_region((0, 0), 0, one.dimensions) for one in (slide, other)]
        assert np.array_equal(*map(np.asarray, regions))


def test_tables_are_put_into_frames(tmp_path: Path) -> None:
    """What a TIFF keeps apart, each frame of DICOM has."""
    pytest.importorskip("wsidicom")
    source, stored, out = (tmp_path / n for n in ("source.tif", "stored.tif", "out.dcm"))
    write_jpeg_slide(source, KINDS["apart"], levels=1)
    convert_slide(source, stored, LOSSLESS)
    export_slide(stored, out, ORIGINAL)
    with tifffile.TiffFile(source) as tiff:
        tables = tiff.pages[0].jpegtables
        expected = tiff.pages[0].asarray()
    for frame, stream in zip(frames(out), stored_streams(source)[0], strict=True):
        assert (frame or b"").rstrip(b"\0") == stream[:2] + tables[2:-2] + stream[2:]
    with openslide.OpenSlide(next(out.iterdir())) as slide:
        found = np.asarray(slide.read_region((0, 0), 0, slide.dimensions))[..., :3]
    assert np.array_equal(found, expected)


def test_without_exact_tiles_it_is_refused(tmp_path: Path) -> None:
    source, stored, out = (tmp_path / n for n in ("source.tif", "stored.tif", "out.tif"))
    write_jpeg_slide(source, KINDS["420"], levels=1)
    convert_slide(source, stored, ConvertSettings(min_psnr=0))
    with pytest.raises(SettingError, match=r"originals of stored\.tif: .* found 0 of 4; pathae"):
        export_slide(stored, out, ORIGINAL)
    assert not out.exists()
    for settings, message in [
        (ExportSettings(original=True, codec="jpeg"), "no --codec"),
        (ExportSettings(original=True, format="ome-zarr"), "expected one of"),
    ]:
        with pytest.raises(SettingError, match=message):
            export_slide(stored, out, settings)


def test_a_mixture_is_refused_with_a_count(tmp_path: Path) -> None:
    """Regions that are kept are exact tiles, the others are not."""
    pytest.importorskip("shapely")
    source, stored, regions = (tmp_path / n for n in ("source.tif", "stored.tif", "r.geojson"))
    write_jpeg_slide(source, KINDS["444"], levels=1)
    regions.write_text(
        '{"type": "Polygon", "coordinates": [[[10, 10], [90, 10], [90, 90], [10, 90], [10, 10]]]}'
    )
    summary = convert_slide(
        source, stored, ConvertSettings(keep_region=regions, tile=256, min_psnr=0)
    )
    assert summary.tally is not None
    assert summary.tally.modes["exact"] == summary.tally.kept == 1
    assert summary.tally.modes["latent"] == summary.tiles - 1
    assert not any("streams" in notice for notice in summary.notices)
    with pytest.raises(SettingError, match="found 11 of 12 that hold pixels"):
        export_slide(stored, tmp_path / "out.tif", ORIGINAL)


def test_dicom_refuses_what_it_has_no_syntax_for(tmp_path: Path) -> None:
    pytest.importorskip("wsidicom")
    source, stored = tmp_path / "source.tif", tmp_path / "stored.tif"
    write_jpeg_slide(source, KINDS["progressive"], levels=1)
    convert_slide(source, stored, LOSSLESS)
    assert open_container(stored).record.tiles is not None
    with pytest.raises(UnsupportedSlideError, match="found one that is progressive"):
        export_slide(stored, tmp_path / "out.dcm", ORIGINAL)


def test_a_tile_that_the_source_lacks_stays_away(tmp_path: Path) -> None:
    source, stored, out = (tmp_path / n for n in ("source.tif", "stored.tif", "out.tif"))
    write_jpeg_slide(source, KINDS["444"], levels=1, missing=1)
    convert_slide(source, stored, LOSSLESS)
    export_slide(stored, out, ORIGINAL)
    assert stored_streams(out) == stored_streams(source)
