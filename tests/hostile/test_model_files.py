"""Files in a folder of models: a bad one is passed over, a name never passes for an identity."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pathae_codec.cli import main
from pathae_codec.errors import ModelNotFoundError
from pathae_codec.model import library
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import save_artifact
from tests.tiny_model import tiny_model


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of models: the only one."""
    monkeypatch.setattr(library, "SHIPPED", tmp_path / "none")
    monkeypatch.setenv("PATHAE_MODELS", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    library.load_model_file.cache_clear()
    library._peek.cache_clear()
    return tmp_path


def put(folder: Path, name: str, model: ModelArtifact) -> Path:
    path = folder / f"{name}.safetensors"
    path.write_bytes(save_artifact(model))
    return path


def damage(path: Path) -> None:
    """Change a weight: the record still reads well."""
    data = bytearray(path.read_bytes())
    data[-3] ^= 0x40
    path.write_bytes(data)


def test_a_bad_file_does_not_stop_the_list(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a-bad.safetensors").write_bytes(b"junk")
    put(folder, "b-good", tiny_model())
    damage(put(folder, "c-damaged", replace(tiny_model(3), name="damaged")))
    put(folder, "d-good", replace(tiny_model(4), name="last"))
    assert main(["models", "list"]) == 0
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == ["tiny-f8c4", "last"]
    assert [Path(found).name for found in re.findall(r"model (\S+): cannot be used", said.err)] == [
        "a-bad.safetensors",
        "c-damaged.safetensors",
    ]


def test_a_name_never_passes_for_an_identity(folder: Path) -> None:
    wanted = tiny_model()
    put(folder, "a-named-so", replace(tiny_model(3), name=wanted.decoder_id))
    with pytest.raises(ModelNotFoundError):
        library.find_model(wanted.decoder_id)
    right = put(folder, "b-right", wanted)
    assert library.find_model_path(wanted.decoder_id) == right
    assert library.find_model_path(wanted.encoder_id) == right
    assert library.find_model_path(wanted.name) == right


def test_an_identity_is_that_of_the_weights(folder: Path) -> None:
    """A file that only says so, or whose weights were changed, is passed over."""
    wanted = tiny_model()
    # What a container stores: it names the encoder and does not hold it.
    put(folder, "a-says-so", replace(wanted, analysis=None))
    damage(put(folder, "b-damaged", wanted))
    with pytest.raises(ModelNotFoundError):
        library.find_model(wanted.encoder_id)
    right = put(folder, "c-right", wanted)
    assert library.find_model_path(wanted.encoder_id) == right


def test_a_damaged_decoder_hides_no_sound_one(folder: Path) -> None:
    wanted = tiny_model()
    damage(put(folder, "a-damaged", wanted))
    right = put(folder, "b-right", wanted)
    assert library.find_decoder_file(wanted.decoder_id, wanted.name, []) == right
