"""No file of ours, and no text about it, holds a command that fetches a package by our name.

There is no such package, and a stranger could take the name.
"""

import re
from pathlib import Path

import pytest

from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.conversion import new_record
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.model.library import SHIPPED, how_to_get
from tests.field_faults.small_slide import write_slide

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(r"pip install [^\n.]*\bpathae\b")
TEXTS = ("README.md", "CHANGELOG.md", "plugins/**/*.md", "format_spec/**/*.md", "**/*.toml")


@pytest.mark.parametrize("name", ["a.tif", "a.ome.zarr"])
def test_a_file_names_format_decoder_and_address(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, plain, addressed = write_slide(tmp_path / "s.tif"), tmp_path / name, tmp_path / "b.tif"
    settings = ConvertSettings(tile=64, max_error=0, embed_model=True)
    convert_slide(source, plain, settings)
    reader = open_container(plain)
    record = reader.record.as_json()
    assert (record["format"], record["version"]) == ("pathae", 1)
    assert record["model"]["decoder"].startswith("sha256:")
    assert "address" not in record
    said = f"{record} {load_artifact(reader.parameters).card}"
    assert "pip" not in said
    assert main(["validate", str(plain)]) == 0
    monkeypatch.setattr(new_record, "ADDRESS", "https://example.org/pathae")
    convert_slide(source, addressed, settings)
    assert open_container(addressed).record.sound().address == "https://example.org/pathae"


def test_shipped_models_name_none() -> None:
    for path in SHIPPED.glob("*.safetensors"):
        assert not COMMAND.search(path.read_bytes().decode("latin-1")), path


def test_a_card_of_before_becomes_no_command() -> None:
    assert "pip" not in how_to_get("he-f8c32", ["pip install pathae"])


def test_texts_and_messages_name_none() -> None:
    code = [path for part in ("pathae_codec", "plugins") for path in (ROOT / part).rglob("*.py")]
    texts = [path for pattern in TEXTS for path in ROOT.glob(pattern) if ".venv" not in str(path)]
    of_before = ROOT / "pathae_codec/model/library.py"
    found = [
        str(path)
        for path in {*code, *texts} - {of_before}
        if COMMAND.search(path.read_text("utf-8"))
    ]
    assert found == []
