"""A text of a file cannot move the cursor, change the title or pass for a line of ours."""

import ast
import json
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from pathae_codec.cli import main
from pathae_codec.commands.wording import plain
from tests.architecture.source import PACKAGE, tree

EVIL = "\x1b]0;title\x07\x1b[2J\r\nfile: not this one\x9b31m\u202egnp\u2028"
"""Escapes of a terminal, line ends of several kinds, text that runs backwards."""
FORBIDDEN = [c for c in EVIL if not c.isprintable() and c != "\n"]


@pytest.fixture
def slide(slides: Path) -> Path:
    """Return a slide with that text wherever its record holds one."""
    path = slides / "slide.ome.zarr"
    group = json.loads((path / "zarr.json").read_text())
    group["attributes"]["pathae"] = planted(group["attributes"]["pathae"])
    (path / "zarr.json").write_text(json.dumps(group))
    return path


def planted(value: object, name: str = "") -> object:
    if isinstance(value, dict):
        return {key: planted(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [planted(part, name) for part in value]
    # Identities and the words that are looked at are kept, so that it opens.
    kept = name in {"decoder", "encoder", "format", "method", "root", "hashes"}
    return value if kept or not isinstance(value, str) else value + EVIL


@pytest.mark.parametrize(
    "arguments",
    [
        ["info", "SLIDE"],
        ["info", "--json", "SLIDE"],
        ["info", "--phi", "SLIDE"],
        ["info", "--phi", "--json", "SLIDE"],
        ["validate", "SLIDE"],
        ["transcode", "SLIDE", "OUT.tif"],
        ["export", "SLIDE", "OUT.tif"],
        ["convert", "SLIDE", "OUT.tif"],
        ["convert", "missing" + EVIL, "OUT.tif"],
        ["info", "missing" + EVIL],
        ["models", "add", "missing" + EVIL],
        ["verify", "SLIDE", "--against", "missing" + EVIL],
    ],
    ids=lambda arguments: " ".join(arguments[:2]).replace(EVIL, ""),
)
def test_nothing_that_a_command_prints(
    arguments: list[str], slide: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"SLIDE": str(slide), "OUT.tif": str(slide.parent / "out.tif")}
    with suppress(SystemExit):
        main([names.get(one, one) for one in arguments])
    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert [c for c in FORBIDDEN if c in text] == []
        assert not any(line.startswith("file: not this one") for line in text.split("\n"))


def test_a_file_of_such_a_name(slides: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = EVIL.replace("\x1b]0;title", "a") + ".tif"
    shutil.copyfile(slides / "slide.tif", slides / name)
    for command in (["info"], ["validate"], ["info", "--phi"]):
        main([*command, str(slides / name)])
    main(["transcode", str(slides / name), str(slides / f"out{name}")])
    said = capsys.readouterr()
    assert [c for c in FORBIDDEN if c in said.out + said.err] == []


def test_escapes_keep_what_can_be_read() -> None:
    assert plain("läuft\tµm\n") == "läuft\tµm\n"
    assert plain("a\x1b[2Jb\u202ec\ud800") == "a\\x1b[2Jb\\u202ec\\ud800"


def test_one_place_prints() -> None:
    """All other commands say what they say through it."""
    places = {
        path.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    }
    assert places == {"wording.py"}
