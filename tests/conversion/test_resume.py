"""A conversion that was stopped goes on, and ends with the same bytes."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.codec.assured import CodedTile
from pathae_codec.codec.spool import TileSpool
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import DestinationBusyError, DestinationExistsError, ResumeError
from pathae_codec.fidelity import EXACT
from pathae_codec.storage.partial import Partial
from tests.kill_and_resume import contents, kill_and_resume

SETTINGS = ConvertSettings(tile=256, resume=True)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "drawn.svs"
    write_synthetic_slide(path, width=1400, height=1100, levels=2)
    return path


def stop_after(tiles: int) -> Callable[[int, int], None]:
    def stop(done: int, total: int) -> None:
        if done >= tiles:
            raise KeyboardInterrupt

    return stop


def stopped(source: Path, destination: Path, settings: ConvertSettings = SETTINGS) -> None:
    with pytest.raises(KeyboardInterrupt):
        convert_slide(source, destination, settings, stop_after(16))


@pytest.mark.parametrize("name", ["out.tif", "out.ome.zarr"])
def test_killed_runs_go_on(name: str, drawn: Path, tmp_path: Path) -> None:
    kill_and_resume(drawn, tmp_path, name, 2)


def test_killed_runs_of_exact_tiles_go_on(drawn: Path, tmp_path: Path) -> None:
    kill_and_resume(drawn, tmp_path, "exact.ome.zarr", 2, 0, "--lossless")


@pytest.mark.parametrize("name", ["out.tif", "out.ome.zarr"])
def test_only_what_is_missing_is_encoded(name: str, drawn: Path, tmp_path: Path) -> None:
    stopped(drawn, tmp_path / name)
    seen: list[int] = []
    convert_slide(drawn, tmp_path / name, SETTINGS, lambda done, _: seen.append(done))
    assert seen[0] > 16
    convert_slide(drawn, tmp_path / f"whole-{name}", ConvertSettings(tile=256))
    assert contents(tmp_path / name) == contents(tmp_path / f"whole-{name}")


def test_a_leftover_is_told_about(drawn: Path, tmp_path: Path) -> None:
    stopped(drawn, tmp_path / "out.tif")
    with pytest.raises(DestinationExistsError, match=r"unfinished.*--quality.*--restart"):
        convert_slide(drawn, tmp_path / "out.tif", ConvertSettings(tile=256, quality=20))
    convert_slide(drawn, tmp_path / "out.tif", ConvertSettings(tile=256, overwrite=True))
    assert [path.name for path in tmp_path.iterdir()] == ["out.tif"]


def test_other_settings_and_another_source_are_refused(drawn: Path, tmp_path: Path) -> None:
    out, source = tmp_path / "out.tif", tmp_path / "mine.svs"
    source.write_bytes(drawn.read_bytes())
    stopped(source, out)
    with pytest.raises(ResumeError, match="--quality"):
        convert_slide(source, out, ConvertSettings(tile=256, resume=True, quality=20))
    os.utime(source, ns=(1, 1))
    with pytest.raises(ResumeError, match="the source changed"):
        convert_slide(source, out, SETTINGS)


def test_two_conversions_do_not_mix(drawn: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tif"
    with Partial(out).locked(), pytest.raises(DestinationBusyError, match="another process"):
        convert_slide(drawn, out, SETTINGS)


@pytest.mark.parametrize("name", ["out.tif", "out.ome.zarr"])
def test_stopped_before_the_rename_and_after_it(name: str, drawn: Path, tmp_path: Path) -> None:
    """The moments too short to be killed in: an old destination steps aside, the new one comes."""
    out = tmp_path / name
    convert_slide(drawn, out, ConvertSettings(tile=256))
    expected = contents(out)
    overwrite = ConvertSettings(tile=256, resume=True, overwrite=True)
    stopped(drawn, out, overwrite)
    partial = Partial(out)
    out.rename(partial.folder / "replaced")
    convert_slide(drawn, out, overwrite)
    assert contents(out) == expected
    with partial.locked():
        (partial.folder / "finished").write_bytes(b"")
    assert convert_slide(drawn, out, SETTINGS).tally is None
    assert contents(out) == expected
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_torn_spool_is_cut_to_whole_records(tmp_path: Path) -> None:
    path = tmp_path / "tiles"
    tiles = [
        CodedTile(encode_constant(np.full((8, 8, 3), n, np.uint8)) or b"", EXACT, blanked=n == 2)
        for n in range(4)
    ]
    with TileSpool(path, lambda done: done) as spool:
        spool.append(tiles)
    whole = path.read_bytes()
    size = len(whole) // 4
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with TileSpool(path, lambda done: done) as spool:
            assert len(spool.entries) == length // size
    path.write_bytes(whole[: 2 * size] + b"\x00" + whole[2 * size + 1 :])
    with TileSpool(path, lambda done: done) as spool:
        assert len(spool.entries) == 2
        spool.append(tiles[2:])
        assert [spool.read(n) for n in range(4)] == [tile.data for tile in tiles]
        assert [entry.blanked for entry in spool.entries] == [False, False, True, False]
    assert path.read_bytes() == whole
