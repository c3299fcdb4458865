"""`pathae info`: encoder, decoder, others that fit, licences, what to type for a missing one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from pathae_codec.cli import main
from pathae_codec.commands import EXIT_LACKING
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import ModelNotFoundError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.identity import transform_id
from pathae_codec.model.library import how_to_get, write_model_file
from tests.tiny_model import draw_tissue, tiny_model


def other_decoder(name: str, seed: int) -> ModelArtifact:
    model, synthesis = tiny_model(), tiny_model(seed).synthesis
    assert synthesis is not None
    identity = transform_id(model.factor, model.latent_channels, synthesis)
    return replace(model, name=name, synthesis=synthesis, decoder_id=identity)


@pytest.fixture
def stored(tmp_path: Path, tiny_model_folder: Path) -> Path:
    tifffile.imwrite(tmp_path / "drawn.tif", draw_tissue(128, 128), tile=(64, 64))
    path = tmp_path / "a.ome.zarr"
    settings = ConvertSettings(tile=64, model="tiny-f8c4", min_psnr=0)
    convert_slide(tmp_path / "drawn.tif", path, settings)
    return path


def described(path: Path, capsys: pytest.CaptureFixture[str], code: int = 0) -> dict[str, str]:
    capsys.readouterr()
    assert main(["info", str(path)]) == code
    lines = capsys.readouterr().out.splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def test_both_identities_and_both_licences(
    stored: Path, tiny_model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, model = described(stored, capsys), tiny_model()
    assert said["levels"] == "128 x 128 pixels"
    assert said["encoder"] == model.encoder_id
    assert said["decoder"].startswith(f"{model.decoder_id}, here: tiny-f8c4, ")
    assert said["licence of weights"] == "CC0-1.0"
    assert said["licence of pathae"] == "Apache-2.0"
    assert "other decoder" not in said
    other = other_decoder("other", 7)
    write_model_file(tiny_model_folder / "other.safetensors", other)
    said = described(stored, capsys)
    assert said["other decoder"].startswith(f"{other.decoder_id}, here: other, ")
    assert said["other decoder"].endswith('pathae_codec.open(FILE, decoder="other")')
    region = ((0, 0), 0, (64, 64))
    plain, changed = (pathae_codec.open(stored, decoder=name) for name in (None, "other"))
    assert np.any(plain.read_array(*region) != changed.read_array(*region))
    write_model_file(tiny_model_folder / "third.safetensors", other_decoder("third", 8))
    assert {"other decoder 1", "other decoder 2"} <= set(described(stored, capsys))


def test_a_missing_decoder_is_said_and_what_to_type(
    stored: Path, tiny_model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in tiny_model_folder.glob("*.safetensors"):
        path.unlink()
    wanted = "not on this machine; get it from tests/tiny_model.py; put its .safetensors file"
    assert wanted in described(stored, capsys, EXIT_LACKING)["decoder"]


@pytest.mark.parametrize(
    ("name", "sources", "said"),
    [
        (
            "vae",
            ["https://huggingface.co/some-lab/vae.ft"],
            "type: hf download some-lab/vae.ft && pathae models add some-lab/vae.ft --name vae",
        ),
        (
            "vae; rm -r .",
            ["https://huggingface.co/some-lab/vae/tree/0123abc"],
            "type: hf download some-lab/vae --revision 0123abc && "
            "pathae models add some-lab/vae@0123abc",
        ),
        *(
            (
                "he-f16c192-3",
                [places],
                "it is shipped with pathae: install a newer pathae from where yours is from",
            )
            for places in ("shipped with pathae", "pip install pathae")
        ),
    ],
)
def test_what_to_type(name: str, sources: list[str], said: str) -> None:
    assert how_to_get(name, sources) == said


@pytest.mark.parametrize(
    "sources",
    [["pip install other"], ["https://huggingface.co/a/b; x"], ["https://huggingface.co/-a/b"]],
)
def test_a_file_cannot_choose_what_is_typed(sources: list[str]) -> None:
    assert how_to_get("x", sources).startswith(f"get it from {sources[0]}; put its")


def test_sources_of_any_kind_are_taken() -> None:
    for sources in (None, [], "text", [1, None], {"a": 1}):
        assert how_to_get("x", sources).startswith("no source is stated; put its")


def test_reading_says_the_same(stored: Path, tiny_model_folder: Path) -> None:
    for path in tiny_model_folder.glob("*.safetensors"):
        path.unlink()
    with pytest.raises(ModelNotFoundError, match=r"not found on this machine; get it from"):
        pathae_codec.open(stored).read_array((0, 0), 0, (64, 64))
