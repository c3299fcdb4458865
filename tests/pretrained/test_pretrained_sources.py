"""What `pathae models add` takes: configs, the layouts of checkpoints, the Hugging Face cache."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("diffusers", reason="diffusers is not installed")

import diffusers
import torch
from safetensors.torch import load_file, save_file

from pathae_codec.cli import main
from pathae_codec.errors import ArtifactError, ModelNotFoundError, SettingError
from pathae_codec.model.library import find_model
from pathae_codec.pretrained.add import Source, add_model
from pathae_codec.pretrained.original_dc import is_original, original_config, rename_original
from pathae_codec.pretrained.published import DC_AE_F32C32, DC_AE_F32C32_SANA, DC_AE_F64C128
from tests.original_dc import ORIGINALS, original_shapes
from tests.pretrained.test_pretrained_models import TINY

NORMS = {"decoder_norm_types": ["batch_norm", "rms_norm"], "decoder_act_fns": ["relu", "silu"]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget_models: None) -> Path:
    monkeypatch.setenv("PATHAE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path


def save_tiny(folder: Path, network: str, **change: object) -> Path:
    torch.manual_seed(0)
    autoencoder = getattr(diffusers, network)(**(TINY[network] | change)).eval()
    autoencoder.save_pretrained(folder / network)
    return folder / network


def edit_config(saved: Path, **change: object) -> None:
    config = json.loads((saved / "config.json").read_text())
    (saved / "config.json").write_text(json.dumps(config | change))


def to_original(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Undo the renaming of diffusers, written here from the authors' module names."""
    original: dict[str, torch.Tensor] = {}
    queries: dict[str, list[torch.Tensor]] = {}
    for name in sorted(tensors, key=lambda n: n.replace("to_q.", "to_a.")):
        tensor = tensors[name]
        half, _, rest = name.partition(".")
        if rest.startswith(("conv_in.", "conv_out.", "norm_out.")):
            place, kind = rest.split(".", 1)
            moved = {
                ("encoder", "conv_in"): "project_in.conv",
                ("encoder", "conv_out"): "project_out.main.op_list.0.conv",
                ("decoder", "conv_in"): "project_in.main.conv",
                ("decoder", "norm_out"): "project_out.op_list.0",
                ("decoder", "conv_out"): "project_out.op_list.2.conv",
            }[half, place]
            original[f"{half}.{moved}.{kind}"] = tensor
            continue
        _, stage, block, inner = rest.split(".", 3)
        start = f"{half}.stages.{stage}.op_list.{block}"
        if inner.startswith("attn."):
            inner = inner.removeprefix("attn.")
            start += ".context_module.main"
            if inner in ("to_q.weight", "to_k.weight", "to_v.weight"):
                queries.setdefault(f"{start}.qkv.conv.weight", []).append(tensor)
                continue
            if inner == "to_out.weight":
                original[f"{start}.proj.conv.weight"] = tensor[..., None, None]
                continue
            inner = inner.replace("to_qkv_multiscale.0.proj_in", "aggreg.0.0")
            inner = inner.replace("to_qkv_multiscale.0.proj_out", "aggreg.0.1")
            inner = inner.replace("norm_out", "proj.norm")
        elif inner.startswith("conv_out."):
            inner = inner.removeprefix("conv_out.")
            start += ".local_module.main"
            for ours, theirs in {
                "conv_inverted": "inverted_conv.conv",
                "conv_depth": "depth_conv.conv",
                "conv_point": "point_conv.conv",
                "norm": "point_conv.norm",
            }.items():
                inner = theirs + inner.removeprefix(ours) if inner.startswith(ours) else inner
        else:
            start += ".main"
            inner = inner.replace("conv1.", "conv1.conv.").replace("conv2.", "conv2.conv.")
            inner = "conv2." + inner if inner.startswith("norm.") else inner
            inner = "conv.conv." + inner[5:] if inner.startswith("conv.") else inner
        original[f"{start}.{inner}"] = tensor
    for name, parts in queries.items():
        original[name] = torch.cat(parts)[..., None, None]
    return original


def test_the_original_layout_gives_the_same_model(folder: Path) -> None:
    saved = save_tiny(folder, "AutoencoderDC", **NORMS)
    plain = add_model(Source(str(saved)), "plain").model
    weights = saved / "diffusion_pytorch_model.safetensors"
    original = to_original(load_file(weights))
    weights.unlink()
    save_file({n: t.contiguous() for n, t in original.items()}, saved / "model.safetensors")
    renamed = add_model(Source(str(saved)), "renamed").model
    assert (renamed.encoder_id, renamed.decoder_id) == (plain.encoder_id, plain.decoder_id)


@pytest.mark.parametrize(
    ("name", "config"),
    [("f32c32", DC_AE_F32C32), ("f32c32-sana", DC_AE_F32C32_SANA), ("f64c128", DC_AE_F64C128)],
)
def test_published_checkpoints_are_known_by_their_shapes(name: str, config: dict[str, Any]) -> None:
    """No weights are held: what is compared is every name and shape of the network.

    Where they come from, the authors' definition, knows nothing of the names of diffusers.
    """
    shapes = original_shapes(ORIGINALS[name])
    original = {n: torch.empty(shape, device="meta") for n, shape in shapes.items()}
    assert is_original(original)
    assert original_config(original) == config
    with torch.device("meta"):
        autoencoder = diffusers.AutoencoderDC(**config)
    state = {n: t for n, t in autoencoder.state_dict().items() if "num_batches" not in n}
    assert {n: t.shape for n, t in rename_original(original).items()} == {
        n: t.shape for n, t in state.items()
    }
    if name != "f32c32-sana":
        # `Conv` has the same name in diffusers as what undoes shuffling: `to_original` cannot know.
        assert {n: tuple(t.shape) for n, t in to_original(state).items()} == shapes


def test_other_checkpoints_are_refused(folder: Path) -> None:
    odd = folder / "odd"
    odd.mkdir()
    save_file({"encoder.project_in.x": torch.zeros(1)}, odd / "model.safetensors")
    with pytest.raises(ArtifactError, match=r"32, 128"):
        add_model(Source(str(odd)))
    save_file({"x": torch.zeros(1)}, odd / "model.safetensors")
    with pytest.raises(SettingError, match="_class_name"):
        add_model(Source(str(odd)))
    (odd / "model.safetensors").write_bytes(b"none")
    with pytest.raises(ArtifactError, match="safetensors"):
        add_model(Source(str(odd)))


def test_unknown_keys_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = save_tiny(folder, "AutoencoderKL", scaling_factor=1.5, latents_mean=[0.5] * 4)
    edit_config(saved, sharpness=3, sample_size=512, force_upcast=False)
    assert main(["models", "add", str(saved), "--url", "https://example.org/kl"]) == 0
    assert "config.json: ignored, as diffusers does: sharpness\n" in capsys.readouterr().err
    card = find_model("AutoencoderKL").card
    assert card["scaling_factor"] == 1.5
    assert card["latents_mean"] == [0.5] * 4
    assert card["sources"] == ["https://example.org/kl"]
    assert main(["models", "add", str(save_tiny(folder, "AutoencoderTiny"))]) == 0
    assert "ignored" not in capsys.readouterr().err


def test_what_changes_the_network_is_not_dropped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later diffusers may have an argument that artifacts do not know."""
    saved = save_tiny(folder, "AutoencoderTiny")

    class Later(diffusers.AutoencoderTiny):  # type: ignore[misc]
        def __init__(self, sharpness: int = 1, **others: object) -> None:
            super().__init__(**others)

    monkeypatch.setattr(diffusers, "AutoencoderTiny", Later)
    edit_config(saved, sharpness=2)
    with pytest.raises(SettingError, match="config sharpness: expected 1, got 2"):
        add_model(Source(str(saved)))


def test_repositories_are_found_in_the_cache(folder: Path) -> None:
    saved = save_tiny(folder, "AutoencoderTiny")
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = folder / "hub" / "models--some-lab--tiny.vae"
    snapshot = repository / "snapshots" / commit
    blobs = repository / "blobs"
    (snapshot / "vae").mkdir(parents=True)
    blobs.mkdir()
    for file in saved.iterdir():
        file.rename(blobs / file.name)
        (snapshot / "vae" / file.name).symlink_to(blobs / file.name)
    with pytest.raises(ModelNotFoundError, match="hf download some-lab/tiny"):
        # Without refs/main the hub does not know which commit is meant.
        add_model(Source("some-lab/tiny.vae"))
    pinned = add_model(Source(f"some-lab/tiny.vae@{commit}"), "pinned").model
    assert pinned.card["sources"] == [f"https://huggingface.co/some-lab/tiny.vae/tree/{commit}"]
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    found = add_model(Source("some-lab/tiny.vae"))
    assert found.path.name == "tiny.vae.safetensors"
    assert found.model.decoder_id == pinned.decoder_id
    assert found.model.card["sources"] == ["https://huggingface.co/some-lab/tiny.vae"]
    for name in ("some-lab/other", "some-lab/tiny.vae@dev", "some-lab/tiny.vae@../x", "absent"):
        with pytest.raises(ModelNotFoundError, match="nothing is downloaded"):
            add_model(Source(name), "other")
