"""Seams, worst parts, pictures and colours of a verification, by plain arithmetic."""

import base64
import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pathae_codec.geometry import Level, TileIndex, tile_grid
from pathae_codec.record.tally import TilePlace
from pathae_codec.storage.stored_files import compared_size, stored_bytes, stored_digest
from pathae_codec.verification.figures import LevelFigures, State, distribution, measure
from pathae_codec.verification.report.colours import EXACT, colour_map
from pathae_codec.verification.report.pictures import png_url
from pathae_codec.verification.seams import SPACING, SeamMeter
from pathae_codec.verification.worst import WorstTiles

TILE = 64


def noise(height: int, width: int, seed: int, spread: int = 256) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, spread, (height, width, 3), np.uint8)


def plain_steps(image: np.ndarray, lines: list[int]) -> float:
    """Sum the steps across the lines left of these columns."""
    wide = image.astype(int)
    return float(sum(np.abs(wide[:, n] - wide[:, n - 1]).mean(1).sum() for n in lines))


def test_seams_are_those_of_the_whole_picture() -> None:
    source, decoded = noise(200, 300, 1), noise(200, 300, 2, 128)
    meter = SeamMeter()
    for index in tile_grid(Level(0, 300, 200, 1.0), TILE):
        part = (
            slice(index.row * TILE, index.row * TILE + TILE),
            slice(index.column * TILE, index.column * TILE + TILE),
        )
        meter.add(index, source[part], decoded[part])
    sums = {}
    for kind, start in (("border", TILE), ("inside", SPACING)):
        for name, image in (("ours", decoded), ("theirs", source)):
            sums[kind, name] = sum(
                plain_steps(view, list(range(start, view.shape[1], TILE)))
                for view in (image, image.swapaxes(0, 1))
            )
    steps = meter.steps()
    assert meter.borders == 4 * 4 + 3 * 5
    assert steps is not None
    assert steps.border == pytest.approx(sums["border", "ours"] / sums["border", "theirs"])
    assert steps.inside == pytest.approx(sums["inside", "ours"] / sums["inside", "theirs"])


def test_tiles_that_do_not_meet_have_no_seam() -> None:
    meter = SeamMeter()
    for place in ((0, 0), (0, 2), (1, 1), (3, 2), (9, 9)):
        meter.add(TileIndex(*place), noise(TILE, TILE, 1), noise(TILE, TILE, 2))
    assert meter.borders == 0
    assert meter.steps() is None


def test_seams_hold_one_row_of_edges() -> None:
    meter = SeamMeter()
    for index in tile_grid(Level(0, 5 * TILE, 40 * TILE, 1.0), TILE):
        meter.add(index, noise(TILE, TILE, 1), noise(TILE, TILE, 2))
        assert len(meter._bottom) <= 2 * 5
    assert meter.borders == 40 * 4 + 39 * 5


@pytest.mark.parametrize("size", [(300, 400), (64, 64), (700, 3)])
def test_the_part_shown_holds_the_largest_error(size: tuple[int, int]) -> None:
    source = noise(*size, 3)
    decoded = source.copy()
    row, column = size[0] * 3 // 4, size[1] // 2
    decoded[row, column] ^= 255
    worst = WorstTiles()
    place = TilePlace(0, 2, 1)
    worst.show(place, (1000, 2000), measure(source, decoded), source, decoded)
    (tile,) = worst.ranked()
    assert (tile.original != tile.decoded).any()
    assert tile.original.shape == (min(256, size[0]), min(256, size[1]), 3)
    top, left = tile.y - 2000, tile.x - 1000
    height, width = tile.original.shape[:2]
    np.testing.assert_array_equal(tile.original, source[top : top + height, left : left + width])


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_the_worst_are_ranked(errors: list[int]) -> None:
    worst, source = WorstTiles(5), np.full((16, 16, 3), 100, np.uint8)
    for number, error in enumerate(errors):
        decoded = source + np.uint8(error)
        place = TilePlace(0, 0, number)
        worst.show(place, (0, 0), measure(source, decoded), source, decoded)
    expected = sorted((error for error in errors if error), reverse=True)[:5]
    assert [tile.figures.fidelity.max_error for tile in worst.ranked()] == expected


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 4), (40, 33, 3)])
def test_png_is_without_loss(shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, shape, np.uint8)
    pixels[: shape[0] // 2] //= 16
    kind, data = png_url(pixels).split(",")
    assert kind == "data:image/png;base64"
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert image.mode == {3: "RGB", 4: "RGBA"}[shape[2]]
    np.testing.assert_array_equal(np.asarray(image), pixels)


def test_the_map_tells_exact_from_near_and_from_nothing() -> None:
    psnr = np.array([[20.0, 45.0, np.inf, np.nan, -5.0, 80.0]], np.float32)
    colours = colour_map(psnr)
    assert (colours[0, 2] == EXACT).all()
    assert (colours[0, 3] == 0).all()
    assert (colours[0, 4] == colours[0, 0]).all()
    assert (colours[0, 5] == colours[0, 1]).all()
    assert colours[0, 0, 0] > colours[0, 0, 2]  # far is orange
    assert colours[0, 1, 2] > colours[0, 1, 0]  # near is blue


def test_distributions_leave_out_exact_and_blanked_tiles() -> None:
    figures = LevelFigures(Level(0, 4 * TILE, TILE, 1.0), TILE)
    source = noise(TILE, TILE, 5, 200)
    for column, (off, state) in enumerate(
        [(0, State.COMPARED), (1, State.COMPARED), (10, State.BLANKED), (3, State.COMPARED)]
    ):
        figures.note(TileIndex(0, column), measure(source, source + np.uint8(off)), state)
    errors = distribution((figures,), "max_error")
    assert errors.values.tolist() == [1, 3]
    assert (errors.least, errors.mean, errors.most, errors.quantile(0.01)) == (1, 2, 3, 1)


def test_digests_are_those_of_sha256sum(tmp_path: Path) -> None:
    folder = tmp_path / "a.zarr"
    (folder / "0").mkdir(parents=True)
    (folder / "zarr.json").write_bytes(b"{}")
    (folder / "0" / "c").write_bytes(b"tile")
    digests = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("0/c", "zarr.json")
    }
    assert stored_digest(folder / "zarr.json") == digests["zarr.json"]
    lines = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
    assert stored_digest(folder) == hashlib.sha256(lines.encode()).hexdigest()
    assert stored_bytes(folder) == 6


def test_sizes_are_compared_either_way() -> None:
    assert compared_size(400, 100) == "4.00 times smaller"
    assert compared_size(100, 290) == "2.90 times larger"
