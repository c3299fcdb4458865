from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from benchmarks.synthetic_slide import draw_tissue, shrink
from pathae_codec.arrays import Pixels
from pathae_codec.errors import SlideReadError, UnsupportedSlideError
from pathae_codec.slide.tifffile_reader import TifffileReader

PICTURE = draw_tissue(300, 420, 1)


def write(path: Path, pixels: np.ndarray[Any, Any] = PICTURE, **options: object) -> Path:
    merged: dict[str, Any] = {"photometric": "rgb", "tile": (64, 64), **options}
    tifffile.imwrite(path, pixels, **merged)
    return path


def read_whole(path: Path) -> Pixels:
    with TifffileReader(path) as reader:
        return reader.read_region(0, 0, 0, reader.levels[0].width, reader.levels[0].height)


@pytest.mark.parametrize(("sub", "ome"), [(True, True), (True, False), (False, False)])
def test_pyramids_have_their_levels(tmp_path: Path, sub: bool, ome: bool) -> None:
    path, small = tmp_path / "pyramid.ome.tif", shrink(PICTURE, 2)
    with tifffile.TiffWriter(path, ome=ome) as tiff:
        options: dict[str, Any] = {"tile": (64, 64), "photometric": "rgb", "compression": "zstd"}
        size = {"PhysicalSizeX": 250.0, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.26}
        metadata = {"axes": "YXS", **size} if ome else None
        tiff.write(PICTURE, subifds=1 if sub else 0, metadata=metadata, **options)
        tiff.write(small, subfiletype=1, metadata=None, **options)
    with TifffileReader(path) as reader:
        assert [(level.width, level.height) for level in reader.levels] == [(420, 300), (210, 150)]
        assert reader.levels[1].downsample == 2.0
        np.testing.assert_array_equal(
            reader.read_region(1, 30, 20, 150, 100), small[20:120, 30:180]
        )
        stated = reader.properties
        assert stated.format == ("ome-tiff" if ome else "tiff")
        assert stated.mpp == (pytest.approx((0.25, 0.26)) if ome else None)
        assert stated.compression == "zstd"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tile": None},
        {"tile": None, "rowsperstrip": 7},
        {"tile": None, "rowsperstrip": 7, "compression": "zlib", "predictor": True},
        {"tile": None, "compression": "lzw"},
        {"bigtiff": True, "byteorder": ">", "compression": "zstd"},
    ],
)
def test_layouts_read_the_same(tmp_path: Path, options: dict[str, Any]) -> None:
    path = write(tmp_path / "a.tif", **options)
    np.testing.assert_array_equal(read_whole(path), PICTURE)
    with TifffileReader(path) as reader:
        piece = reader.read_region(0, 130, 60, 101, 77)
    np.testing.assert_array_equal(piece, PICTURE[60:137, 130:231])


@pytest.mark.parametrize("tile", [(64, 64), None])
def test_planar_reads_as_interleaved(tmp_path: Path, tile: tuple[int, int] | None) -> None:
    planes = np.ascontiguousarray(np.moveaxis(PICTURE, -1, 0))
    path = write(tmp_path / "a.tif", planes, planarconfig="separate", tile=tile)
    np.testing.assert_array_equal(read_whole(path), PICTURE)


@pytest.mark.parametrize("kind", ["minisblack", "miniswhite"])
def test_gray_is_repeated(tmp_path: Path, kind: str) -> None:
    gray = np.ascontiguousarray(PICTURE[..., 1])
    shown = 255 - gray if kind == "miniswhite" else gray
    pixels = read_whole(write(tmp_path / "a.tif", gray, photometric=kind))
    np.testing.assert_array_equal(pixels, np.stack([shown] * 3, axis=-1))


@pytest.mark.parametrize("kind", ["unassalpha", "assocalpha", "unspecified"])
def test_alpha_becomes_white(tmp_path: Path, kind: str) -> None:
    samples = np.zeros((64, 64, 4), np.uint8)
    samples[:, 32:] = (100, 50, 0, 128)
    pixels = read_whole(write(tmp_path / "a.tif", samples, extrasamples=[kind]))
    expected = {
        "unassalpha": [(255, 255, 255), (177, 152, 127)],
        "assocalpha": [(255, 255, 255), (227, 177, 127)],
        "unspecified": [(0, 0, 0), (100, 50, 0)],
    }[kind]
    assert [tuple(pixels[0, 0]), tuple(pixels[0, 63])] == expected


def test_icc_profile_and_named_images_are_kept(tmp_path: Path) -> None:
    path, profile = tmp_path / "a.tif", bytes(range(200))
    with tifffile.TiffWriter(path, ome=True) as tiff:
        options: dict[str, Any] = {"photometric": "rgb", "tile": (64, 64)}
        tiff.write(PICTURE[:64, :80], metadata={"axes": "YXS", "Name": "Label image"}, **options)
        tiff.write(PICTURE, metadata={"axes": "YXS"}, iccprofile=profile, **options)
    with TifffileReader(path) as reader:
        assert reader.levels[0].width == 420
        assert reader.properties.icc_profile == profile
        images = reader.associated_images()
    assert list(images) == ["label"]
    np.testing.assert_array_equal(images["label"], PICTURE[:64, :80])


@pytest.mark.parametrize(
    ("pixels", "options", "found"),
    [
        (np.zeros((64, 64, 3), np.uint16), {}, "uint16"),
        (np.zeros((5, 64, 64), np.uint8), {"photometric": "minisblack"}, "(5, 64, 64)"),
        (
            np.zeros((3, 64, 64), np.uint8),
            {"photometric": "minisblack", "ome": True},
            "(3, 64, 64)",
        ),
        (np.zeros((64, 64, 4), np.uint8), {"photometric": "separated"}, "SEPARATED"),
        (np.zeros((64, 64, 3), np.uint8), {"photometric": "ycbcr"}, "YCBCR"),
    ],
)
def test_other_pixels_are_refused(
    tmp_path: Path, pixels: np.ndarray[Any, Any], options: dict[str, Any], found: str
) -> None:
    with pytest.raises(UnsupportedSlideError) as caught:
        TifffileReader(write(tmp_path / "a.tif", pixels, **options))
    assert found in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"II", b"II*\0", b"plain text\n" * 50, bytes(4000)])
def test_no_tiff_is_unsupported(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(UnsupportedSlideError, match=r"a\.tif: tifffile does not open it \(.+\)$"):
        TifffileReader(path)


@pytest.mark.parametrize("options", [{}, {"tile": None}, {"compression": "zlib"}])
def test_truncated_is_unsupported(tmp_path: Path, options: dict[str, Any]) -> None:
    content = write(tmp_path / "whole.tif", **options).read_bytes()
    path = tmp_path / "cut.tif"
    for length in [*range(4, 400, 9), *range(400, len(content), len(content) // 20)]:
        path.write_bytes(content[:length])
        with pytest.raises(UnsupportedSlideError) as caught:
            TifffileReader(path)
        assert "\n" not in str(caught.value)


def test_damaged_tile_is_a_read_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", compression="jpeg")
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        start, count = tiff.pages[0].dataoffsets[0], tiff.pages[0].databytecounts[0]
    content[start : start + count] = bytes(count)
    path.write_bytes(content)
    with TifffileReader(path) as reader:
        with pytest.raises(SlideReadError, match="level 0, x 0, y 0, 70 x 70 pixels") as caught:
            reader.read_region(0, 0, 0, 70, 70)
        assert "\n" not in str(caught.value)
        assert reader.read_region(0, 64, 64, 70, 70).shape == (70, 70, 3)


def test_left_out_tiles_are_white(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tiles = iter([b"", bytes(64 * 64 * 3)])
    options: dict[str, Any] = {"shape": (64, 128, 3), "dtype": np.uint8, "tile": (64, 64)}
    tifffile.imwrite(path, tiles, photometric="rgb", **options)
    pixels = read_whole(path)
    assert (pixels[:, :64] == 255).all()
    assert (pixels[:, 64:] == 0).all()


def test_threads_read_what_one_reads(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", compression="zlib", tile=(32, 32))
    with TifffileReader(path) as reader, ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda y: reader.read_region(0, 0, y, 420, 3), range(0, 300, 3)))
    np.testing.assert_array_equal(np.concatenate(rows), PICTURE)


def test_cache_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathae_codec.slide.tiff_level.CACHE_BYTES", 5 * 64 * 64 * 3)
    path = write(tmp_path / "a.tif", compression="zlib")
    with TifffileReader(path) as reader:
        for _ in range(2):
            np.testing.assert_array_equal(reader.read_region(0, 0, 0, 420, 300), PICTURE)
        kept = reader._parts[0]._cache._chunks.values()
        assert sum(chunk.nbytes for chunk in kept) <= 5 * 64 * 64 * 3


def test_one_huge_compressed_piece_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathae_codec.slide.tiff_level.LARGEST_CHUNK_BYTES", 300_000)
    path = write(tmp_path / "a.tif", tile=None, rowsperstrip=300, compression="zlib")
    with pytest.raises(UnsupportedSlideError, match=r"pieces of 420 x 300 pixels.*with tiles"):
        TifffileReader(path)
