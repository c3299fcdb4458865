"""What `pathae verify` refuses before it looks at a tile."""

from pathlib import Path

import pytest

from pathae_codec.cli import main


@pytest.fixture(scope="module")
def made(mixed_folder: Path) -> Path:
    return mixed_folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seed", "1"], "expected --sample beside it"),
        (["--sample", "0"], "expected 1 tile or more"),
        (["--report", "source.tif"], "expected an ending of .html or .htm"),
        (["--report", "none/r.html"], "there is no such folder"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: list[str],
    message: str,
    made: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(made)
    assert main(["verify", "mixed.tif", "--against", "source.tif", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_files_that_are_not_there_are_refused(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for pair in (("none.tif", "source.tif"), ("mixed.tif", "none.svs")):
        file, source = (str(made / name) for name in pair)
        assert main(["verify", file, "--against", source]) == 2
        assert "no such file" in capsys.readouterr().err
    source, other = str(made / "source.tif"), str(made / "mixed.tif")
    assert main(["verify", source, "--against", other]) == 2
    assert "expected a PathAE slide record" in capsys.readouterr().err
    assert main(["verify", other, "--against", other]) == 2
    assert "expected the slide that the file was made from" in capsys.readouterr().err
