"""The command line: one line for every error, exit code 2, nothing left behind."""

import argparse
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import command_line, main
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.version import SOFTWARE


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "drawn.svs"
    write_synthetic_slide(path, width=600, height=500)
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run a command that must fail; give its one line."""
    assert main([str(a) for a in arguments]) == 2
    captured = capsys.readouterr()
    (line,) = captured.err.strip().splitlines()
    assert line.startswith("pathae: error: ")
    assert not captured.out
    return line


def test_convert_says_what_it_did(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(drawn), str(tmp_path / "a.tif"), "--tile", "256"]) == 0
    captured = capsys.readouterr()
    assert "1 level, 6 tiles, quality 50" in captured.out
    assert "times" in captured.out
    assert not captured.err  # no progress bar where there is no terminal


def test_version_is_that_which_files_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{SOFTWARE}\n"
    assert f"pathae {pathae_codec.__version__}" == SOFTWARE


def test_errors_are_one_line(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    text = tmp_path / "text.svs"
    text.write_text("no slide")
    deep = tmp_path / "deep.tif"
    tifffile.imwrite(deep, np.zeros((64, 64), np.uint16))
    there = tmp_path / "there.tif"
    there.write_bytes(b"")
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"\x10" + bytes(40))
    cases: list[tuple[str, list[str | Path]]] = [
        ("no such file", [tmp_path / "missing.svs", out / "a.tif"]),
        ("slide", [text, out / "a.tif"]),
        ("slide", [deep, out / "a.tif"]),
        ("exists", [drawn, there]),
        ("expected an ending", [drawn, out / "a.png"]),
        ("there is no such folder", [drawn, out / "none" / "a.tif"]),
        ("not found", [drawn, out / "a.tif", "--model", "nobody"]),
        ("not found", [drawn, out / "a.tif", "--model", "sha256:" + "0" * 64]),
        ("No such file", [drawn, out / "a.tif", "--model", "none.safetensors"]),
        ("artifact", [drawn, out / "a.tif", "--model", broken]),
        ("quality", [drawn, out / "a.tif", "--quality", "101"]),
        ("multiple of 16", [drawn, out / "a.tif", "--tile", "100"]),
    ]
    for expected, arguments in cases:
        assert expected in refused(capsys, "convert", *arguments)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("name", ["a.tif", "a.ome.zarr"])
def test_info_reads_the_record(
    name: str, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    main(["convert", str(drawn), str(path)])
    capsys.readouterr()
    assert main(["info", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["model"]["decoder"].startswith("sha256:")
    assert record["mpp"] == [0.5, 0.5]
    assert main(["info", str(path)]) == 0
    assert "research only" in capsys.readouterr().out


def test_info_refuses_other_files(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = tmp_path / "plain.tif"
    tifffile.imwrite(plain, np.zeros((8, 8, 3), np.uint8))
    assert "expected a PathAE slide record" in refused(capsys, "info", plain)
    assert "no such file" in refused(capsys, "info", tmp_path / "none.tif")


def test_models_list_names_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    assert DEFAULT_MODEL in capsys.readouterr().out


def commands(
    parser: argparse.ArgumentParser, name: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Return the commands that do something, by name."""
    inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not inner:
        yield name.strip(), parser
    for action in inner:
        for word, part in action.choices.items():
            yield from commands(part, f"{name} {word}")


def examples() -> list[str]:
    """Return the commands of all examples, without what a shell does around them."""
    whole = command_line()
    (top,) = [a for a in whole._actions if isinstance(a, argparse._SubParsersAction)]
    tops = top.choices
    texts = [p.format_help() for p in tops.values()] + [p.format_help() for _, p in commands(whole)]
    lines = re.findall(r"^(?:example:| ) +(pathae .*)$", "\n".join(texts), re.MULTILINE)
    return sorted({re.split(r" +(?:#|>|&&|\|)", line)[0] for line in lines})


@pytest.mark.parametrize("name", [name for name, _ in commands(command_line())])
def test_every_command_has_an_example(name: str) -> None:
    assert any(example.startswith(f"pathae {name}") for example in examples())


@pytest.mark.parametrize("example", examples())
def test_examples_parse(example: str) -> None:
    assert command_line().parse_args(shlex.split(example)[1:]).command


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_shells_complete(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "transcode" in script
    if shell == "bash":
        ask = f"{script}\nCOMP_WORDS=(pathae models fi) COMP_CWORD=2\n_shtab_pathae\n"
        done = subprocess.run(
            ["bash", "-c", ask + 'echo "${COMPREPLY[@]}"'],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == ["fit-codebook", "finetune"]
