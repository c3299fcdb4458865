"""`convert --lossless`: the source's own streams, and every pixel as its reader gives it."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from pathae_codec.bitstream.exact import original_streams
from pathae_codec.bitstream.header import Mode, parse_header
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import SettingError
from pathae_codec.geometry import TileIndex, tile_grid
from pathae_codec.model.artifact_file import load_artifact, save_artifact
from tests.jpeg_slides import KINDS, Kind, stored_streams, write_jpeg_slide
from tests.kill_and_resume import contents
from tests.shared_data import require_slide
from tests.tiny_model import tiny_model

LOSSLESS = ConvertSettings(lossless=True)
CONTAINERS = ["out.tif", "out.ome.zarr"]


def restored_streams(path: Path, level: int, grid: tuple[int, int]) -> list[bytes]:
    """Return the streams that the exact tiles of a level give back, in the source's order."""
    reader = open_container(path)
    sets = load_artifact(reader.parameters).jpeg_sets
    found: dict[tuple[int, int], bytes] = {}
    for index in tile_grid(reader.levels[level], reader.tile):
        header, payload = unpack_tile(reader.tile_bytes(level, index) or b"")
        assert header.mode is Mode.EXACT
        original = original_streams(header, payload, sets)
        rows, columns = original.grid
        for number, stream in enumerate(original.streams):
            row, column = divmod(number, columns)
            if stream is not None:
                found[index.row * rows + row, index.column * columns + column] = stream
    assert len(found) == grid[0] * grid[1]
    return [found[key] for key in sorted(found)]


def level_pixels(path: Path, level: int) -> np.ndarray:
    with pathae_codec.open(path) as slide:
        size = slide.level_dimensions[level]
        return np.asarray(slide.read_region((0, 0), level, size))[..., :3]


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_of_jpeg_comes_back(kind: Kind, name: str, tmp_path: Path) -> None:
    source, out = tmp_path / "source.tif", tmp_path / name
    write_jpeg_slide(source, kind)
    summary = convert_slide(source, out, LOSSLESS)
    assert summary.tally is not None
    assert summary.tally.modes["exact"] == summary.tiles
    assert not any("streams" in notice for notice in summary.notices)
    with tifffile.TiffFile(source) as tiff:
        pictures = [part.asarray() for part in tiff.series[0].levels]
    for level, streams in enumerate(stored_streams(source)):
        size = pictures[level].shape
        grid = -(-size[0] // kind.tile), -(-size[1] // kind.tile)
        assert restored_streams(out, level, grid) == streams
        picture = pictures[level] if len(size) == 3 else np.repeat(pictures[level][..., None], 3, 2)
        assert np.array_equal(level_pixels(out, level), picture)
    assert open_container(out).record.lossy_history[-1].method == "JPEG"


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_scanner_slide_in_three_quarters_of_its_bytes(name: str, tmp_path: Path) -> None:
    """The tiles of level 0 take at most 0.76 of the source's; its pixels are those of OpenSlide."""
    import openslide

    source, out = require_slide("CMU-1-Small-Region.svs"), tmp_path / name
    summary = convert_slide(source, out, LOSSLESS)
    (streams,) = stored_streams(source)
    assert restored_streams(out, 0, (13, 10)) == streams
    reader = open_container(out)
    tiles = [reader.tile_bytes(0, index) or b"" for index in tile_grid(reader.levels[0], 480)]
    assert sum(map(len, tiles)) <= 0.76 * sum(map(len, streams))
    with openslide.OpenSlide(source) as slide:
        expected = np.asarray(slide.read_region((0, 0), 0, slide.dimensions))[..., :3]
    assert np.array_equal(level_pixels(out, 0), expected)
    assert np.array_equal(tifffile.imread(source, series=0, level=0), expected)
    # As hosts read it that know nothing of ours but the plugins.
    if out.suffix == ".tif":
        assert np.array_equal(tifffile.imread(out, series=0, level=0), expected)
    else:
        import zarr

        level = zarr.open(out, mode="r")["0"]
        assert np.array_equal(
            np.moveaxis(level[:, 300:556, 500:756], 0, 2), expected[300:556, 500:756]
        )
    assert summary.tally is not None
    assert summary.tally.modes["exact"] == 35
    assert not summary.tally.is_lossy
    (made,) = (notice for notice in summary.notices if notice.startswith("level 1"))
    assert "4 tiles hold its pixels" in made
    assert "it was made here" in made
    assert [step.method for step in reader.record.lossy_history] == ["JPEG", "JPEG"]


def test_jpeg_2000_streams_are_kept_as_they_are(tmp_path: Path) -> None:
    source, out = require_slide("TCGA-CR-7395.svs"), tmp_path / "out.tif"
    summary = convert_slide(source, out, LOSSLESS)
    assert summary.tally is not None
    # Four tiles of one colour take fewer bytes as pixels.
    assert summary.tally.modes["exact"] == summary.tiles - 4
    reader, found = open_container(out), []
    for level in reader.levels:
        for index in tile_grid(level, reader.tile):
            header, payload = unpack_tile(reader.tile_bytes(level.index, index) or b"")
            if header.mode is Mode.EXACT:
                found += filter(None, original_streams(header, payload, ()).streams)
    stored = [stream for streams in stored_streams(source) for stream in streams]
    assert set(found) <= set(stored)
    assert len(found) > 0.95 * len(stored)


def test_texts_in_streams_come_along_only_if_asked_for(tmp_path: Path) -> None:
    """Covers R-6.2-streams: a comment could name a patient."""
    source, out = tmp_path / "source.tif", tmp_path / "out.tif"
    write_jpeg_slide(source, Kind(pillow=(("comment", b"Mustermann"),)), levels=1)
    summary = convert_slide(source, out, LOSSLESS)
    assert summary.tally is not None
    assert summary.tally.modes["lossless"] == summary.tiles
    assert any("--keep-metadata keeps" in notice for notice in summary.notices)
    assert b"Mustermann" not in out.read_bytes()
    kept = ConvertSettings(lossless=True, keep_metadata=True, overwrite=True)
    summary = convert_slide(source, out, kept)
    assert summary.tally is not None
    assert summary.tally.modes["exact"] == summary.tiles


def test_a_tile_that_is_left_out_of_the_source_is_no_stream(tmp_path: Path) -> None:
    source, out = tmp_path / "source.tif", tmp_path / "out.tif"
    write_jpeg_slide(source, KINDS["444"], levels=1, missing=1)
    convert_slide(source, out, ConvertSettings(lossless=True, tile=256))
    reader = open_container(out)
    modes = [parse_header(reader.tile_bytes(0, TileIndex(0, n)) or b"").mode for n in range(2)]
    assert modes == [Mode.EXACT, Mode.EXACT]
    with tifffile.TiffFile(source) as tiff:
        expected = tiff.asarray()
    expected[:256, 256:512] = 255
    assert np.array_equal(level_pixels(out, 0), expected)


def test_the_grid_follows_the_source(tmp_path: Path) -> None:
    source, out = tmp_path / "source.tif", tmp_path / "out.tif"
    write_jpeg_slide(source, KINDS["240"], levels=1)
    with pytest.raises(
        SettingError, match=r"expected 240, 480, 720, .* of 240 x 240 make, got 512"
    ):
        convert_slide(source, out, ConvertSettings(lossless=True, tile=512))
    assert convert_slide(source, out, LOSSLESS).tally is not None
    assert open_container(out).tile == 480


def test_what_cannot_be_exact_is_lossless_and_said(tmp_path: Path) -> None:
    """Strips, odd sides, and tiles that are no JPEG."""
    from tests.jpeg_slides import draw_tissue

    source, out = tmp_path / "source.tif", tmp_path / "out.tif"
    drawn = draw_tissue(300, 400, 1)
    for options, reason in [
        ({"compression": "jpeg", "rowsperstrip": 64}, "stored in strips"),
        ({"compression": "zlib", "tile": (64, 64)}, "neither JPEG nor JPEG 2000"),
        ({"compression": "jpeg", "tile": (48, 80)}, "exact"),
    ]:
        tifffile.imwrite(source, drawn, photometric="rgb", **options)
        summary = convert_slide(source, out, ConvertSettings(lossless=True, overwrite=True))
        assert summary.tally is not None
        if reason == "exact":
            assert summary.tally.modes["exact"] == summary.tiles
        else:
            assert any(reason in notice for notice in summary.notices)
            assert summary.tally.modes["lossless"] == summary.tiles
        assert np.array_equal(level_pixels(out, 0), tifffile.imread(source))


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_stopped_conversion_goes_on_to_the_same_bytes(name: str, tmp_path: Path) -> None:
    """The sets of a file are found before its first tile: a later run finds the same ones."""
    source, model = tmp_path / "source.tif", tmp_path / "tiny.safetensors"
    write_jpeg_slide(source, KINDS["apart"])
    model.write_bytes(save_artifact(tiny_model()))
    settings = ConvertSettings(lossless=True, tile=256, model=str(model))
    convert_slide(source, tmp_path / f"whole-{name}", settings)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_slide(source, tmp_path / name, settings, stop)
    seen: list[int] = []
    convert_slide(source, tmp_path / name, settings, lambda done, total: seen.append(done))
    assert seen == [16]
    assert contents(tmp_path / name) == contents(tmp_path / f"whole-{name}")


def test_lossless_takes_no_floor_beside_it(tmp_path: Path) -> None:
    source = tmp_path / "source.tif"
    write_jpeg_slide(source, KINDS["420"], levels=1)
    with pytest.raises(SettingError, match="expected no --min-psnr"):
        convert_slide(source, tmp_path / "out.tif", ConvertSettings(lossless=True, min_psnr=30))
