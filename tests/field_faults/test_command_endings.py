"""One line for every failure, on consoles of any encoding; closed pipes; threads; escapes."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tifffile

from pathae_codec.backends.choice import thread_count
from pathae_codec.cli import main
from tests.field_faults.small_slide import write_converted


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_converted(tmp_path_factory.mktemp("endings"), "größe-Ж.tif")


def pathae(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pathae_codec.cli", *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env=os.environ | environment,
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_consoles_without_unicode(encoding: str, converted: Path) -> None:
    run = pathae("info", converted, PYTHONIOENCODING=encoding)
    assert run.returncode == 0, run.stderr
    assert "\\u0416" in run.stdout


def test_closed_pipes(converted: Path) -> None:
    script = '"$0" -m pathae_codec.cli info "$1" --json | head -n 1'
    run = subprocess.run(
        ["sh", "-c", script, sys.executable, str(converted)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.strip() == "{"
    assert not run.stderr


def test_escape_sequences_of_a_source_are_shown_as_text(
    converted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "s.tif"
    pixels = tifffile.imread(converted.parent / "s.tif")
    text = "note \x1b]0;title\x07\x1b[2J of Quixano"
    tifffile.imwrite(source, pixels, photometric="rgb", tile=(64, 64), description=text)
    assert main(["info", "--phi", str(source)]) == 0
    said = capsys.readouterr().out
    assert "Quixano" in said
    assert "\x1b" not in said
    assert "\x07" not in said


def test_an_unforeseen_error_is_one_line(
    converted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("something\nof two lines")

    monkeypatch.setattr("pathae_codec.container.open_container", fail)
    assert main(["info", str(converted)]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "RuntimeError: something of two lines" in line
    assert main(["info", str(converted), "--traceback"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_missing_torch_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("pathae_codec.pretrained")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "config.json").write_text("{}")
    assert main(["models", "add", str(tmp_path / "vae"), "--name", "x"]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("pathae: error: ")


def test_more_threads_than_processors(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    there = len(os.sched_getaffinity(0))
    monkeypatch.setenv("PATHAE_THREADS", "999")
    with caplog.at_level(logging.WARNING):
        assert thread_count() == there
    assert "999" in caplog.text
    assert thread_count(998) == there
    assert thread_count(1) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "s3://bucket/a.ome.zarr"],
        ["verify", "http://host/a.tif", "--against", "s.svs"],
        ["convert", "http://host/s.svs", "a.tif"],
        ["convert", "s.svs", "http://host/a.tif"],
        ["transcode", "a.tif", "s3://bucket/a.ome.zarr"],
    ],
)
def test_a_url_where_only_a_path_will_do_is_named_whole(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As a path it loses a slash, and there is no such file."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    url = next(text for text in arguments if "://" in text)
    assert f"expected a path on this machine, got the URL {url!r}" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["convert", "--help"], ["--version"]])
def test_help_that_nobody_reads(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "pathae_codec", *arguments]
    # Without a buffer argparse itself swallows what the pipe answers.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=kept)
    assert run.stdout is not None
    run.stdout.close()
    _, said = run.communicate(timeout=120)
    assert (run.returncode, said) == (141, b"")
