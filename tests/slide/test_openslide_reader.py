import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.errors import SlideNotFoundError, SlideReadError, UnsupportedSlideError
from pathae_codec.slide import open_slide
from pathae_codec.slide.interface import SlideReader
from pathae_codec.slide.openslide_reader import OpenSlideReader, knows
from tests.shared_data import require_slide


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # 1001 / 250 and 702 / 175 are no integers, and differ.
    path = tmp_path_factory.mktemp("slides") / "synthetic.svs"
    write_synthetic_slide(path, width=1001, height=702, levels=2)
    return path


def assert_pieces_fit(reader: SlideReader, level: int, step: int) -> None:
    size = reader.levels[level]
    whole = reader.read_region(level, 0, 0, size.width, size.height)
    for y in range(0, size.height, step):
        for x in range(0, size.width, step):
            width, height = min(step, size.width - x), min(step, size.height - y)
            piece = reader.read_region(level, x, y, width, height)
            np.testing.assert_array_equal(piece, whole[y : y + height, x : x + width])


def test_vendor_slides_are_known_and_others_are_not(synthetic: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.tif"
    tifffile.imwrite(plain, np.zeros((64, 64, 3), np.uint8), tile=(16, 16), photometric="rgb")
    text = tmp_path / "notes.txt"
    text.write_text("no slide")
    assert knows(synthetic)
    assert not knows(plain)
    assert not knows(text)


def test_nothing_is_known_without_openslide(
    synthetic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openslide", None)
    assert not knows(synthetic)


def test_missing_slide_says_so(tmp_path: Path) -> None:
    with pytest.raises(SlideNotFoundError, match="no such file"):
        open_slide(tmp_path / "none.svs")


def test_level_with_odd_downsample_reads_exactly(synthetic: Path) -> None:
    with OpenSlideReader(synthetic) as reader, tifffile.TiffFile(synthetic) as tiff:
        assert reader.levels[1].downsample == pytest.approx((1001 / 250 + 702 / 175) / 2)
        stored = tiff.series[0].levels[1].asarray()
        np.testing.assert_array_equal(reader.read_region(1, 0, 0, 250, 175), stored)
        assert_pieces_fit(reader, 0, 333)
        assert_pieces_fit(reader, 1, 77)


def test_without_tifffile_levels_a_read_is_within_half_a_source_pixel(
    synthetic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathae_codec.slide.openslide_reader._EXACT_COMPRESSIONS", set())
    with OpenSlideReader(synthetic) as reader:
        whole = reader.read_region(1, 0, 0, 250, 175)
        far = reader.read_region(1, 200, 120, 50, 55)
    # An eighth of this level's pixel: no drift towards the lower right.
    assert np.abs(far.astype(int) - whole[120:, 200:]).mean() < 2.5


@pytest.mark.parametrize(
    "region",
    [(2, 0, 0, 1, 1), (-1, 0, 0, 1, 1), (0, -1, 0, 5, 5), (0, 1000, 0, 2, 1), (0, 0, 0, 0, 1)],
)
def test_region_outside_is_refused(synthetic: Path, region: tuple[int, ...]) -> None:
    level, x, y, width, height = region
    with OpenSlideReader(synthetic) as reader, pytest.raises(SlideReadError, match="expected"):
        reader.read_region(level, x, y, width, height)


def test_damaged_tile_is_a_read_error(synthetic: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.svs"
    content = bytearray(synthetic.read_bytes())
    with tifffile.TiffFile(synthetic) as tiff:
        page = tiff.series[0].levels[0].keyframe
        start, count = page.dataoffsets[0], page.databytecounts[0]
    content[start : start + count] = bytes(count)
    damaged.write_bytes(content)
    with OpenSlideReader(damaged) as reader, pytest.raises(SlideReadError) as caught:
        reader.read_region(0, 0, 0, 100, 100)
    assert "level 0, x 0, y 0, 100 x 100" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_slide_that_openslide_refuses_goes_to_tifffile(synthetic: Path, tmp_path: Path) -> None:
    refused = tmp_path / "refused.svs"
    content = bytearray(synthetic.read_bytes())
    with tifffile.TiffFile(synthetic) as tiff:
        place = tiff.pages[0].aspage().tags["Compression"].valueoffset
    content[place : place + 2] = (44718).to_bytes(2, "little")
    refused.write_bytes(content)
    assert knows(refused)
    with pytest.raises(UnsupportedSlideError, match=r"OpenSlide does not open it.*44718"):
        OpenSlideReader(refused)
    with pytest.raises(UnsupportedSlideError, match="neither OpenSlide nor tifffile"):
        open_slide(refused)


def test_small_region_of_cmu_has_its_facts() -> None:
    with open_slide(require_slide("CMU-1-Small-Region.svs")) as reader:
        sizes = [(level.width, level.height) for level in reader.levels]
        assert sizes == [(2220, 2967), (555, 741)]
        stated = reader.properties
        assert stated.format == "aperio"
        assert stated.mpp == (0.499, 0.499)
        assert stated.magnification == 20.0
        assert stated.icc_profile is None
        assert stated.compression == "JPEG"
        images = reader.associated_images()
        assert {name: image.shape for name, image in images.items()} == {
            "label": (463, 387, 3),
            "macro": (431, 1280, 3),
            "thumbnail": (768, 574, 3),
        }


def test_tcga_has_its_facts() -> None:
    path = require_slide("TCGA-CR-7395.svs")
    with open_slide(path) as reader, tifffile.TiffFile(path) as tiff:
        sizes = [(level.width, level.height) for level in reader.levels]
        assert sizes == [(4443, 3567), (2221, 1783)]
        stated = reader.properties
        assert stated.mpp is None
        assert stated.magnification is None
        assert stated.compression == "JPEG 2000"
        assert stated.icc_profile is not None
        assert len(stated.icc_profile) == 3144
        assert stated.icc_profile == bytes(tiff.pages[0].aspage().tags[34675].value)
        assert set(reader.associated_images()) == {"thumbnail"}


@pytest.mark.slow
def test_tcga_regions_fit_together() -> None:
    path = require_slide("TCGA-CR-7395.svs")
    with open_slide(path) as reader, tifffile.TiffFile(path) as tiff:
        stored = tiff.series[0].levels[1].asarray()
        np.testing.assert_array_equal(reader.read_region(1, 0, 0, 2221, 1783), stored)
        assert_pieces_fit(reader, 1, 512)


def test_dicom_opens_from_one_file() -> None:
    with open_slide(require_slide("CMU-1-level.dcm")) as reader:
        assert [(level.width, level.height) for level in reader.levels] == [(957, 715)]
        assert reader.properties.format == "dicom"
        assert reader.properties.compression == "JPEG"
        assert reader.properties.mpp == pytest.approx((16.783, 16.783))
        assert reader.read_region(0, 900, 700, 57, 15).shape == (15, 57, 3)
