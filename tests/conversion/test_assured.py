"""Every tile of a converted slide holds the floor, by a check that knows nothing of the encoder."""

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

import pathae_codec  # noqa: F401 - registers with tifffile
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import RegionFileError, SettingError
from tests.mixed_slide import TILE, draw_mixed_slide


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mixed") / "mixed.tif"
    tifffile.imwrite(path, draw_mixed_slide(), photometric="rgb", tile=(TILE, TILE))
    return path


def tile_errors(source: Path, converted: Path, level: int = 0) -> NDArray[np.float64]:
    """Return the PSNR in dB and the largest error of each tile: (tiles, 2)."""
    original = tifffile.imread(source).astype(float)
    decoded = tifffile.imread(converted, series=0, level=level).astype(float)
    assert original.shape == decoded.shape
    found = []
    for y in range(0, original.shape[0], TILE):
        for x in range(0, original.shape[1], TILE):
            off = (original - decoded)[y : y + TILE, x : x + TILE]
            mean = (off**2).mean()
            found.append((10 * np.log10(255**2 / mean) if mean else np.inf, np.abs(off).max()))
    return np.array(found)


@pytest.mark.parametrize("floor", [{}, {"min_psnr": 32.0}, {"min_psnr": 40.0, "max_error": 30}])
def test_every_tile_holds_the_floor(floor: dict[str, float], mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tif"
    summary = convert_slide(mixed, out, ConvertSettings(tile=TILE, **floor))  # type: ignore[arg-type]
    errors = tile_errors(mixed, out)
    assert errors[:, 0].min() >= floor.get("min_psnr", 25)
    assert errors[:, 1].max() <= floor.get("max_error", 255)
    tally = summary.tally
    assert tally is not None
    assert tally.worst_psnr is not None
    assert tally.worst_error is not None
    worst, decibels = tally.worst_psnr, tally.worst_psnr.psnr
    # The levels on top count too; the source has none to compare them with here.
    assert floor.get("min_psnr", 25) <= decibels <= errors[:, 0].min() + 1e-6
    assert errors[:, 1].max() <= tally.worst_error.max_error <= floor.get("max_error", 255)
    if worst.level == 0:
        # It is stated rounded down.
        found = errors[5 * worst.row + worst.column, 0]
        assert found == pytest.approx(decibels, abs=1e-3)
    assert sum(tally.modes.values()) == summary.tiles
    assert tally.modes["constant"] == 1
    assert tally.modes["lossy"] + tally.modes["lossless"] >= 2  # the text and the noise
    stored = open_container(out).record.as_json()["tiles"]
    assert stored["modes"] == tally.modes
    assert stored["min_psnr"] == floor.get("min_psnr", 25)
    assert stored["worst_psnr"]["psnr"] == decibels


def test_no_error_at_all_is_lossless(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tif"
    summary = convert_slide(mixed, out, ConvertSettings(tile=TILE, max_error=0))
    assert (tifffile.imread(out, series=0) == tifffile.imread(mixed)).all()
    assert summary.tally is not None
    assert not summary.tally.is_lossy


def test_no_floor_leaves_every_tile_to_the_network(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tif"
    summary = convert_slide(mixed, out, ConvertSettings(tile=TILE, min_psnr=0))
    assert summary.tally is not None
    assert summary.tally.modes["lossy"] == summary.tally.modes["lossless"] == 0
    assert summary.tally.worst_psnr is None
    assert tile_errors(mixed, out)[:, 0].min() < 20  # the noise


@pytest.mark.parametrize("wrong", [{"min_psnr": -1.0}, {"max_error": 256}, {"max_error": -1}])
def test_wrong_floors_are_refused(wrong: dict[str, float], mixed: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="expected 0"):
        convert_slide(mixed, tmp_path / "a.tif", ConvertSettings(**wrong))  # type: ignore[arg-type]


def test_regions_are_kept_exactly(mixed: Path, tmp_path: Path) -> None:
    """A triangle in tiles (1, 3), (2, 3) and (2, 4) whose box also covers (1, 4)."""
    points = [[800, 300], [800, 600], [1100, 600], [800, 300]]
    geometry = {"type": "Polygon", "coordinates": [points]}
    feature = {"type": "Feature", "properties": {"objectType": "annotation"}, "geometry": geometry}
    regions, out = tmp_path / "regions.geojson", tmp_path / "out.tif"
    regions.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    summary = convert_slide(mixed, out, ConvertSettings(tile=TILE, keep_region=regions))
    exact = {divmod(n, 5) for n, (_, error) in enumerate(tile_errors(mixed, out)) if error == 0}
    assert {(1, 3), (2, 3), (2, 4)} <= exact
    assert (1, 4) not in exact
    assert summary.tally is not None
    # The slide has a level on top, of one tile at least: kept there as well.
    assert summary.tally.kept >= 3 + len(summary.levels) - 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "expected GeoJSON"),
        ("[]", "found none"),
        ('{"type": "Point", "coordinates": [1, 2]}', "expected Polygon or MultiPolygon, got 'Poi"),
        ('{"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}', "three points"),
        ('{"type": "Polygon", "coordinates": [[["a", 2], [3, 4], [5, 6]]]}', "could not convert"),
        ('{"type": "Polygon"}', "coordinates"),
    ],
)
def test_wrong_region_files_are_refused(
    text: str, message: str, mixed: Path, tmp_path: Path
) -> None:
    regions = tmp_path / "regions.geojson"
    regions.write_text(text)
    with pytest.raises(RegionFileError, match=message):
        convert_slide(mixed, tmp_path / "a.tif", ConvertSettings(keep_region=regions))
    assert not (tmp_path / "a.tif").exists()
