"""What was taken without a word: rungs, endings, sizes; and words that were mistyped."""

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

from pathae_codec.cli import main
from tests.field_faults.small_slide import write_converted, write_slide
from tests.interop.http_server import serve
from tests.tiny_model import NAME, draw_tissue

TINY = ["--model", NAME, "--tile", "64", "--min-psnr", "none"]


@pytest.fixture
def source(tmp_path: Path, tiny_model_folder: Path) -> Path:
    return write_slide(tmp_path / "s.tif")


def test_a_quality_between_rungs_is_told(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for quality, taken, beside in (("33", 20, 60), ("96", 60, 20)):
        out = tmp_path / f"{quality}.tif"
        assert main(["convert", str(source), str(out), *TINY, "--quality", quality]) == 0
        said = capsys.readouterr().err
        assert f"warning: quality {quality} is no rung of model {NAME}: {taken} is taken" in said
        assert f"beside it are {beside}\n" in said
    out = tmp_path / "lower.tif"
    assert main(["transcode", str(tmp_path / "96.tif"), str(out), "--quality", "25"]) == 0
    assert "quality 25 is no rung" in capsys.readouterr().err
    assert main(["convert", str(source), str(tmp_path / "60.tif"), *TINY, "--quality", "60"]) == 0
    assert "rung" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x.ome.tif", "x.OME.TIFF"])
def test_an_ome_tiff_is_not_promised(
    name: str, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(source), str(tmp_path / "c.tif"), *TINY]) == 0
    for command in (["convert", str(source), *TINY], ["transcode", str(tmp_path / "c.tif")]):
        arguments = [*command[:2], str(tmp_path / name), *command[2:]]
        capsys.readouterr()
        assert main(arguments) == 2
        assert "the ending promises an OME-TIFF" in capsys.readouterr().err
        assert not (tmp_path / name).exists()


def test_info_reads_urls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_converted(tmp_path)
    with serve(tmp_path) as server:
        assert main(["info", f"{server.url}/c.tif"]) == 0
        assert "c.tif" in capsys.readouterr().out
        assert main(["info", f"{server.url}/c.tif", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["tile"] == 64
        assert main(["info", f"{server.url}/c.tif", "--phi"]) == 2
        assert "expected a path on this machine" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["convrt", "a.svs", "b.tif"], "convert"),
        (["models", "lst"], "list"),
        (["convert", "a.svs", "b.tif", "--qualty", "30"], "--quality"),
        (["convert", "a.svs", "b.tif", "--qualty=30"], "--quality"),
        (["models", "fit-codebook", "m", "t", "--level", "3", "--scop", "x", "--rat", "1"], None),
    ],
)
def test_what_was_likely_meant(
    arguments: list[str], meant: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert f"did you mean {meant}?" in said if meant else "did you mean" not in said


def test_a_mistyped_model(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "c.tif")
    assert main(["convert", str(source), out, "--model", "he-f16c192"]) == 2
    assert "did you mean he-f16c192-3?" in capsys.readouterr().err
    assert main(["convert", str(source), out, "--model", "zzz"]) == 2
    assert "did you mean" not in capsys.readouterr().err


def test_a_model_is_removed(
    tmp_path: Path, tiny_model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "remove", "he-f16c192-3"]) == 2
    assert "is shipped with pathae" in capsys.readouterr().err
    assert main(["models", "remove", "tiny-f8c"]) == 2
    assert f"did you mean {NAME}?" in capsys.readouterr().err
    file = tiny_model_folder / "tiny.safetensors"
    (tiny_model_folder / "again.safetensors").write_bytes(file.read_bytes())
    assert main(["models", "remove", NAME]) == 2
    assert "name one by its path" in capsys.readouterr().err
    assert main(["models", "remove", str(tiny_model_folder / "again.safetensors")]) == 0
    assert "can no longer be decoded" not in capsys.readouterr().err
    assert main(["models", "remove", NAME]) == 0
    said = capsys.readouterr()
    assert str(file) in said.out
    assert "can no longer be decoded" in said.err
    assert list(tiny_model_folder.iterdir()) == []
    assert main(["models", "list"]) == 0
    assert NAME not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["c.tif", "c.ome.zarr"])
def test_a_result_larger_than_its_source(
    name: str, tmp_path: Path, tiny_model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "s.tif", tmp_path / name
    pixels = np.asarray(draw_tissue(200, 264))
    tifffile.imwrite(
        source,
        pixels,
        photometric="rgb",
        tile=(64, 64),
        compression="jpeg",
        compressionargs={"level": 30},
    )
    lossless = [*TINY[:4], "--max-error", "0"]
    assert main(["convert", str(source), str(out), *lossless]) == 0
    assert "warning: s.tif: the result is larger than the source" in capsys.readouterr().err
    before = sorted(tmp_path.iterdir())
    skipped = tmp_path / f"skipped-{name}"
    for options in ([], ["--resume"], ["--verify", "--jpeg-sidecar"]):
        command = ["convert", str(source), str(skipped), *lossless, "--skip-if-larger", *options]
        assert main(command) == 0
        assert "skipped, nothing was written: 0.0" in capsys.readouterr().out
        assert sorted(tmp_path.iterdir()) == before


def test_a_smaller_result_is_kept(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "c.tif"
    assert main(["convert", str(source), str(out), *TINY, "--skip-if-larger"]) == 0
    assert out.exists()
    assert "larger" not in capsys.readouterr().err
