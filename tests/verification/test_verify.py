"""`pathae verify`: what holds passes, what does not is named, with the figures that others find."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.fidelity import Floor
from pathae_codec.verification.figures import State, count_exact, count_state, distribution
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.page import draw_report
from pathae_codec.verification.sample import Sample
from pathae_codec.verification.verify import verify_file
from tests.independent_check import tile_errors
from tests.mixed_slide import TILE, draw_mixed_slide
from tests.shared_data import require_slide

NAMES = ("mixed.tif", "mixed.ome.zarr")


@pytest.fixture(scope="module")
def made(mixed_folder: Path) -> Path:
    return mixed_folder


@pytest.fixture(scope="module")
def verified(made: Path) -> dict[str, Verification]:
    return {name: verify_file(made / name, made / "source.tif") for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_tile_is_at_32_db_by_an_independent_check(name: str, made: Path) -> None:
    found = list(tile_errors(made / "source.tif", made / name, TILE))
    assert len(found) == 15 + 2
    assert min(psnr for _, psnr, _ in found) >= 32


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_those_of_the_independent_check(
    name: str, made: Path, verified: dict[str, Verification]
) -> None:
    found = verified[name]
    assert found.problems == ()
    assert found.compared == found.tiles == 17
    for (level, row, column), psnr, error in tile_errors(made / "source.tif", made / name, TILE):
        figures = found.levels[level]
        assert figures.psnr[row, column] == pytest.approx(psnr, abs=1e-4)
        assert figures.max_error[row, column] == error
    worst = found.worst[0]
    assert worst.figures.fidelity.psnr == pytest.approx(distribution(found.levels, "psnr").least)
    assert [w.figures.fidelity.psnr for w in found.worst] == sorted(
        w.figures.fidelity.psnr for w in found.worst
    )


def test_both_containers_give_the_same_report(verified: dict[str, Verification]) -> None:
    tiff, stored = (verified[name] for name in NAMES)
    for a, b in zip(tiff.levels, stored.levels, strict=True):
        np.testing.assert_array_equal(a.psnr, b.psnr)
        np.testing.assert_array_equal(a.coding, b.coding)
    assert tiff.seams == stored.seams
    assert tiff.metadata == stored.metadata


def test_the_command_and_the_report_name_the_modes(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"
    arguments = ["verify", made / "mixed.tif", "--against", made / "source.tif"]
    assert main([str(a) for a in [*arguments, "--report", report]]) == 0
    printed, page = capsys.readouterr(), report.read_text("utf-8")
    assert not printed.err
    assert "passes; 17 of 17 tiles compared" in printed.out
    assert "floor: 32 dB or more, as the file states: held by every tile" in printed.out
    assert list(tmp_path.iterdir()) == [report]
    modes = open_container(made / "mixed.tif").record.as_json()["tiles"]["modes"]
    assert modes["latent"] > 0
    assert modes["lossy"] + modes["lossless"] > 0
    named = {
        "latent, quality": modes["latent"],
        "one colour": modes["constant"],
        "lossy JPEG XL": modes["lossy"],
        "lossless JPEG XL": modes["lossless"],
    }
    for words, count in named.items():
        assert (words in printed.out) == (words in page) == (count > 0), words


def set_floor(made: Path, folder: Path, **stated: object) -> Path:
    """Return a copy of the OME-Zarr whose record states something else of its tiles."""
    path = folder / "stated.ome.zarr"
    shutil.copytree(made / "mixed.ome.zarr", path)
    metadata = json.loads((path / "zarr.json").read_text())
    record = metadata["attributes"]["pathae"]
    record["tiles"] |= stated
    history = record["lossy_history"][-1]["parameters"]
    history |= {name: value for name, value in stated.items() if name in history}
    (path / "zarr.json").write_text(json.dumps(metadata))
    return path


def test_each_tile_below_a_stated_floor_is_named(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = set_floor(made, tmp_path, min_psnr=38.0)
    report = tmp_path / "r.html"
    arguments = ["verify", path, "--against", made / "source.tif", "--report", report]
    assert main([str(a) for a in arguments]) == 3
    printed = capsys.readouterr()
    below = [
        (place, psnr)
        for place, psnr, _ in tile_errors(made / "source.tif", path, TILE)
        if psnr < 38
    ]
    assert below
    lines = printed.err.splitlines()
    assert len(lines) == len(below)
    for line, ((level, row, column), psnr) in zip(lines, below, strict=True):
        assert f"level {level}, row {row}, column {column}: {psnr:.2f} dB" in line
        assert line.endswith("the file states 38 dB or more")
    assert "does not pass" in printed.out
    assert "This file does not pass" in report.read_text("utf-8")


def test_a_false_count_of_modes_is_told(made: Path, tmp_path: Path) -> None:
    modes = {"constant": 1, "latent": 16, "lossy": 0, "lossless": 0}
    found = verify_file(set_floor(made, tmp_path, modes=modes, kept=99), made / "source.tif")
    assert any("states 16 latent" in problem for problem in found.problems)
    assert any("states 99 kept" in problem for problem in found.problems)


def test_another_slide_is_told(made: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.svs"
    write_synthetic_slide(other, width=600, height=500)
    found = verify_file(made / "mixed.tif", other)
    assert found.compared == 0
    for name in ("levels", "level 0", "microns per pixel", "objective power"):
        assert any(problem.startswith(f"{name}: the source has") for problem in found.problems)
    assert "This file does not pass" in draw_report(found)


def test_exchanged_tiles_are_told(made: Path, tmp_path: Path) -> None:
    """Every checksum is right: the hashes of the ledger tell, and neither tile is compared."""
    path = tmp_path / "exchanged.tif"
    shutil.copy(made / "mixed.tif", path)
    with tifffile.TiffFile(path, mode="r+b") as tiff:
        page = tiff.pages.first
        for name in ("TileOffsets", "TileByteCounts"):
            values = list(page.tags[name].value)
            values[8], values[13] = values[13], values[8]
            page.tags[name].overwrite(values)
    found = verify_file(path, made / "source.tif")
    assert len(found.structure.problems) == 2
    for problem, row in zip(found.structure.problems, (1, 2), strict=True):
        assert problem.startswith(f"level 0, row {row}, column 3: tile hash: expected")
    assert found.below == ()
    assert found.compared == found.tiles - 2


def test_a_damaged_tile_is_told_once_and_the_others_are_compared(
    made: Path, tmp_path: Path
) -> None:
    path = tmp_path / "damaged.tif"
    with tifffile.TiffFile(made / "mixed.tif") as tiff:
        offset = tiff.pages.first.dataoffsets[4]
    data = bytearray((made / "mixed.tif").read_bytes())
    data[offset + 40] ^= 1
    path.write_bytes(data)
    found = verify_file(path, made / "source.tif")
    (problem,) = found.problems
    assert "level 0, row 0, column 4: tile crc" in problem
    assert found.compared == found.tiles - 1
    assert found.levels[0].state[0, 4] == State.NOT_COMPARED
    assert "damaged" in draw_report(found)


def test_a_cut_file_has_a_report_too(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.tif"
    data = (made / "mixed.tif").read_bytes()
    path.write_bytes(data[: len(data) // 2])
    found = verify_file(path, made / "source.tif")
    assert len(found.problems) == 1
    assert "The file does not open" in draw_report(found)


@pytest.fixture(scope="module")
def broken(made: Path) -> Path:
    """Return a source one tile of which does not decode, and the same source whole."""
    pixels = draw_mixed_slide()[:512, :512]
    tifffile.imwrite(
        made / "whole.tif", pixels, photometric="rgb", tile=(TILE, TILE), compression="zlib"
    )
    with tifffile.TiffFile(made / "whole.tif") as tiff:
        offset = tiff.pages.first.dataoffsets[1]
    data = bytearray((made / "whole.tif").read_bytes())
    data[offset + 2 : offset + 60] = bytes(58)
    (made / "broken.tif").write_bytes(data)
    return made / "broken.tif"


def test_blanked_tiles_are_listed_and_are_no_failure(broken: Path, tmp_path: Path) -> None:
    path, whole = tmp_path / "blanked.tif", broken.with_name("whole.tif")
    convert_slide(broken, path, ConvertSettings(tile=TILE, on_bad_tile="blank"))
    for source, unlike in ((broken, 0), (whole, 1)):
        found = verify_file(path, source)
        assert found.problems == ()
        (place,) = found.blanked
        assert (place.index.row, place.index.column) == (0, 1)
        assert count_state(found.levels, State.BLANKED) == unlike
        page = draw_report(found)
        assert "This file passes, with 1 tile blanked." in page
        assert "blanked: level 0, row 0, column 1" in page


def test_a_lossless_file_is_exact(broken: Path, tmp_path: Path) -> None:
    source, path = broken.with_name("whole.tif"), tmp_path / "exact.ome.zarr"
    convert_slide(source, path, ConvertSettings(tile=TILE, max_error=0, ngff="0.4"))
    found = verify_file(path, source)
    assert found.problems == ()
    assert count_exact(found.levels) == found.tiles == 4
    assert distribution(found.levels, "psnr").values.size == 0
    assert found.worst == ()
    page = draw_report(found)
    assert "no error at all" in page
    assert "The worst tiles" not in page


def test_a_source_that_gives_no_pixels_is_told(broken: Path, tmp_path: Path) -> None:
    path = tmp_path / "whole.ome.zarr"
    convert_slide(broken.with_name("whole.tif"), path, ConvertSettings(tile=TILE))
    found = verify_file(path, broken)
    (problem,) = found.problems
    assert problem.startswith("level 0, row 0, column 1: the source does not give all pixels")


def test_a_sample_says_that_it_is_one(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["verify", made / "mixed.tif", "--against", made / "source.tif"]
    arguments += ["--sample", 6, "--seed", 3, "--report", tmp_path / "r.html"]
    assert main([str(a) for a in arguments]) == 0
    assert "6 of 17 tiles compared (drawn with seed 3)" in capsys.readouterr().out
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "6 of 17 tiles, drawn at random," in page
    assert "fewer than 50 % of all tiles" in page


def test_the_source_stays_as_it_is(made: Path) -> None:
    before = (made / "source.tif").read_bytes()
    verify_file(made / "mixed.tif", made / "source.tif", sample=Sample(2))
    assert (made / "source.tif").read_bytes() == before


def test_convert_verifies_at_once(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, report = tmp_path / "a.tif", tmp_path / "a.html"
    arguments = ["convert", str(made / "whole.tif"), str(out), "--tile", str(TILE)]
    assert main([*arguments, "--verify", "--report", str(report)]) == 0
    assert "passes; 4 of 4 tiles compared" in capsys.readouterr().out
    assert report.exists()

    lie = property(lambda tally: Floor(min_psnr=90.0))
    monkeypatch.setattr("pathae_codec.record.tally.Tally.floor", lie)
    assert main([*arguments, "--verify", "--overwrite"]) == 3
    assert "the file states 90 dB or more" in capsys.readouterr().err
    assert out.exists()


def test_a_real_slide_passes(tmp_path: Path) -> None:
    source = require_slide("CMU-1-level.dcm")
    convert_slide(source, tmp_path / "out.tif", ConvertSettings(tile=TILE))
    found = verify_file(tmp_path / "out.tif", source, sample=Sample(8))
    assert found.problems == ()
    assert found.compared == 8
    assert {line.name for line in found.metadata} >= {"level 0", "microns per pixel"}
