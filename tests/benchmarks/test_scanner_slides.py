"""Slides as scanners make them: which tiles are taken, and what the table says of them."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

pytest.importorskip("torch", reason="judges are networks of torch")
pytest.importorskip("scipy", reason="monotone interpolation is scipy's")

from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.codec_speed import Speed, measure_speeds, nearest_setting
from benchmarks.judges.codecs import peer_settings
from benchmarks.judges.measure import Row
from benchmarks.scanner_slides import compare_table, is_glass, scanner_tiles
from tests.bench_data import draw_nuclei
from tests.shared_data import require_slide

SIDE = 64


@pytest.fixture(scope="module")
def slide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a slide of 5 x 4 whole tiles of 64 and a ragged edge, the right column glass."""
    pixels, _ = draw_nuclei(5 * SIDE + 24, 80, 3)
    pixels = pixels[: 4 * SIDE + 24]
    pixels[:, 4 * SIDE :] = 240
    path = tmp_path_factory.mktemp("slides") / "drawn.tif"
    tifffile.imwrite(path, pixels, tile=(32, 32), photometric="rgb", compression="deflate")
    return path


def test_tiles_lie_in_the_grid_and_glass_is_left_out(slide: Path) -> None:
    found = scanner_tiles(slide, SIDE, 1.0)
    assert found.pixels.shape == (16, SIDE, SIDE, 3)
    assert (found.tissue, found.glass) == (16, 4)
    whole = tifffile.imread(slide)
    np.testing.assert_array_equal(found.pixels[0], whole[:SIDE, :SIDE])
    np.testing.assert_array_equal(found.pixels[5], whole[SIDE : 2 * SIDE, SIDE : 2 * SIDE])


def test_some_tiles_are_drawn_the_same_each_time(slide: Path) -> None:
    some = scanner_tiles(slide, SIDE, 5 * SIDE**2 / 1e6)
    again = scanner_tiles(slide, SIDE, 5 * SIDE**2 / 1e6)
    assert len(some.pixels) == 5
    assert "5 of 16 tiles of 64" in some.words
    np.testing.assert_array_equal(some.pixels, again.pixels)


def test_the_grid_of_jpeg_begins_at_0_in_tiles_of_a_scanner() -> None:
    """Steps into pixel 8, 16, ... cross a border of blocks of the slide's own JPEG."""
    path = require_slide("CMU-1-Small-Region.svs")
    found = scanner_tiles(path, 256, 0.3)
    steps = np.abs(np.diff(found.pixels.astype(float), axis=2)).mean((0, 1, 3))
    by_phase = [steps[phase::8].mean() for phase in range(8)]
    assert int(np.argmax(by_phase)) == 7
    assert by_phase[7] > 1.05 * np.median(by_phase)


def test_the_command_compares_on_a_slide(
    slide: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from benchmarks import scanner_slides as command
    from benchmarks.judges.panel import contrastive_judge

    judges = ([contrastive_judge()], ["VGG-16: not here"])
    monkeypatch.setattr(command, "available_judges", lambda: judges)
    asked = ["--sides", "64,128", "--megapixels", "0.01", "--rounds", "1"]
    asked += ["--qualities", "0,40,80", "--peers", "JPEG 4:2:0,AVIF s6 psnr"]
    places = ["--cache", str(tmp_path / "rows.json")]
    monkeypatch.setattr("sys.argv", ["scanner_slides", str(slide), *asked, *places])
    command.main()
    printed = capsys.readouterr()
    assert "left out: VGG-16: not here" in printed.err
    assert "### drawn: 2 of 16 tiles of 64 with tissue, seed 0; 4 of glass left out" in printed.out
    assert "tiles of 128 with tissue" in printed.out
    lines = [line for line in printed.out.splitlines() if line.startswith("| JPEG 4:2:0 |")]
    assert len(lines) == 2
    cells = [cell.strip() for cell in lines[0].strip("|").split("|")]
    assert all(float(speed) > 0 for speed in cells[1:3])
    assert all("%" in cell or "no overlap" in cell for cell in cells[3:])


def test_glass_is_bright_all_over() -> None:
    tile = np.full((SIDE, SIDE, 3), 235, np.uint8)
    assert is_glass(tile)
    tile[: SIDE // 8] = (180, 90, 160)
    assert not is_glass(tile)


def test_the_nearest_setting_is_taken() -> None:
    tiles = draw_nuclei(128, 40, 1)[0][None]
    (wanted,) = peer_settings("JPEG 4:2:0", (35,))
    size = len(wanted.encode(tiles)[0])
    assert nearest_setting("JPEG 4:2:0", tiles, 1.02 * size).setting == "35"


def test_a_codec_that_computes_longer_is_slower() -> None:
    def working(turns: int) -> CodecSetting:
        def encode(tiles: NDArray[np.uint8]) -> list[bytes]:
            for _ in range(turns):
                np.sort(tiles, axis=None)
            return [b""]

        return CodecSetting(f"{turns}", "", "", encode, lambda data: [])

    tiles = np.random.default_rng(0).integers(0, 255, (1, 256, 256, 3), np.uint8)
    quick, slow = measure_speeds([working(2), working(20)], tiles, rounds=2)
    assert 4 < quick.encode / slow.encode < 25


def test_a_peer_without_judges_is_compared_by_psnr_alone() -> None:
    def rows(codec: str, factor: float, *, judged: bool) -> list[Row]:
        return [
            Row(codec, f"{rate}", factor * rate, psnr, {"VGG": value} if judged else {})
            for rate, psnr, value in ((1, 30, 0.9), (2, 33, 0.95), (4, 36, 0.975))
        ]

    table = compare_table(
        rows("ours", 1, judged=True),
        {"AVIF": rows("AVIF", 2, judged=True), "AVIF psnr": rows("AVIF psnr", 1.25, judged=False)},
        ["VGG"],
        [Speed(2, 4), Speed(1, 40), Speed(0.1, 45)],
    )
    assert table.splitlines()[2:] == [
        "| ours | 2.00 | 4.0 |  |  |",
        "| AVIF | 1.00 | 40.0 | -50 % (100) | -50 % (100) |",
        "| AVIF psnr | 0.10 | 45.0 | -20 % (100) |  |",
    ]
