"""Pretrained models: tiny ones of the classes of diffusers, and the real TAEF2 end to end."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("diffusers", reason="diffusers is not installed")

import diffusers
import torch

from benchmarks.synthetic_slide import draw_tissue, write_synthetic_slide
from pathae_codec.backends.choice import backend_name, choose_backend
from pathae_codec.backends.torch_networks import build_network, load_weights
from pathae_codec.cli import main
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.conversion import convert as conversion
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import ArtifactError, BackendUnavailableError, SettingError
from pathae_codec.model.architecture import describe_layers, parse_layers
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import load_artifact, save_artifact
from pathae_codec.model.library import find_model, write_model_file
from pathae_codec.pretrained.add import Source, add_model
from pathae_codec.training.codebook import CodebookSettings, fit_codebooks
from pathae_codec.training.kmeans import fit_kmeans
from tests.shared_data import require_weights

TINY: dict[str, dict[str, Any]] = {
    "AutoencoderKL": {
        "block_out_channels": [8, 8],
        "down_block_types": ["DownEncoderBlock2D"] * 2,
        "up_block_types": ["UpDecoderBlock2D"] * 2,
        "norm_num_groups": 4,
    },
    "AutoencoderDC": {
        "latent_channels": 4,
        "attention_head_dim": 4,
        "encoder_block_types": ["ResBlock", "EfficientViTBlock"],
        "decoder_block_types": ["ResBlock", "EfficientViTBlock"],
        "encoder_block_out_channels": [8, 8],
        "decoder_block_out_channels": [8, 8],
        "encoder_layers_per_block": [1, 1],
        "decoder_layers_per_block": [1, 1],
        "encoder_qkv_multiscales": [[], [5]],
        "decoder_qkv_multiscales": [[], [5]],
    },
    "AutoencoderTiny": {
        "encoder_block_out_channels": [8, 8],
        "decoder_block_out_channels": [8, 8],
        "num_encoder_blocks": [1, 1],
        "num_decoder_blocks": [1, 1],
    },
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget_models: None) -> Path:
    monkeypatch.setenv("PATHAE_MODELS", str(tmp_path / "models"))
    return tmp_path


def add_tiny(folder: Path, network: str) -> tuple[ModelArtifact, Any]:
    torch.manual_seed(0)
    autoencoder = getattr(diffusers, network)(**TINY[network]).eval()
    autoencoder.save_pretrained(folder / network)
    add_model(Source(str(folder / network)))
    return find_model(network), autoencoder


@pytest.mark.parametrize("network", sorted(TINY))
def test_same_as_calling_diffusers(folder: Path, network: str) -> None:
    model, autoencoder = add_tiny(folder, network)
    assert model.tile_global == (network != "AutoencoderTiny")
    assert model.analysis
    assert model.synthesis
    pixels = draw_tissue(32, 32, 1)[None]
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.inference_mode():
        encoded = autoencoder.encode(x)
        direct = encoded.latent_dist.mode() if network == "AutoencoderKL" else encoded.to_tuple()[0]
        planes = autoencoder.decode(direct).sample
    backend = choose_backend("auto", model.analysis.layers)
    latents = backend.load_analysis(model.analysis, 0).analyze(pixels)
    assert np.abs(latents - direct.numpy()).max() < 1e-4
    weights = {n: torch.from_numpy(w.copy()) for n, w in model.synthesis.weights.items()}
    decoder = load_weights(build_network(model.synthesis.layers), weights)
    with torch.inference_mode():
        assert (decoder(direct) - planes).abs().max() < 1e-4


@pytest.mark.parametrize("network", sorted(TINY))
def test_bfloat16_is_there_by_name(folder: Path, network: str) -> None:
    model, _ = add_tiny(folder, network)
    assert model.analysis
    assert model.synthesis
    layers = model.analysis.layers
    assert backend_name("auto", layers) == "torch"
    with pytest.raises(BackendUnavailableError, match="torch-bf16"):
        backend_name("openvino-bf16", layers)
    pixels = draw_tissue(32, 32, 1)[None]
    exact, coarse = (choose_backend(name, layers) for name in ("torch", "torch-bf16"))
    latents, near = (b.load_analysis(model.analysis, 0).analyze(pixels) for b in (exact, coarse))
    # What is written is the same.
    assert np.array_equal(near, latents)
    decoded, seen = (
        b.load_synthesis(model.synthesis, 0).synthesize(latents).astype(int)
        for b in (exact, coarse)
    )
    assert 0 < np.abs(seen - decoded).mean() < 2


def test_fit_convert_and_read_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Covers R-8-embedded and R-model-whole-tiles: a batch is decoded as its tiles are."""
    model, _ = add_tiny(folder, "AutoencoderKL")
    with pytest.raises(SettingError, match="fit-codebook"):
        model.nearest_quality(50)
    crops = np.stack([draw_tissue(32, 32, seed) for seed in range(8)])
    settings = CodebookSettings(rates=(1.0, 3.0), side=32)
    fitted, rungs = fit_codebooks(model, crops, settings, lambda *_: None)
    assert [r.quality for r in rungs] == [0, 90, 100]
    assert rungs[2].bits == pytest.approx(8)
    assert rungs[1].bits == pytest.approx(3, rel=0.1)
    assert fitted.nearest_quality(100) == 90
    path = folder / "models" / "AutoencoderKL.safetensors"
    write_model_file(path, fitted)
    codec = TileCodec(fitted)
    tiles = codec.encode_tiles(crops[:2], 100)
    # A byte a latent, beside header, CRC and the states.
    assert 4 * 256 <= len(tiles[0]) <= 4 * 256 * 1.1 + 40
    together, alone = codec.decode_tiles(tiles), codec.decode_tiles(tiles[:1])
    assert np.abs(together[0].astype(int) - alone[0]).max() <= 1
    slide = folder / "drawn.tif"
    write_synthetic_slide(slide, width=64, height=64)
    paper = ConvertSettings(model=str(path), tile=32, profile="paper")
    assert convert_slide(slide, folder / "a.tif", paper).quality == 100
    with pytest.raises(SettingError, match="profile"):
        convert_slide(slide, folder / "b.tif", replace(paper, profile="x"))
    monkeypatch.setattr(conversion, "MAX_PARAMETERS_BYTES", 1000)
    with pytest.raises(SettingError, match="embed_model"):
        convert_slide(slide, folder / "c.tif", replace(paper, embed_model=True))


@pytest.mark.parametrize(
    "change",
    [
        {"network": "UNet2DModel"},
        {"config": {}},
        {"key": "x", "value": 1},
        {"key": "act_fn", "value": "exec"},
        {"key": "layers_per_block", "value": 10**6},
        {"key": "block_out_channels", "value": [8] * 17},
        {"key": "in_channels", "value": 4},
        {"key": "norm_num_groups", "value": 1.5},
    ],
)
def test_other_configs_are_refused(folder: Path, change: dict[str, Any]) -> None:
    """Covers R-model-config and R-model-config-values."""
    model, _ = add_tiny(folder, "AutoencoderKL")
    assert model.analysis
    (record,) = describe_layers(model.analysis.layers)
    if "key" in change:
        record["config"] = dict(record["config"]) | {change["key"]: change["value"]}
    else:
        record |= change
    with pytest.raises(ArtifactError):
        parse_layers([record])


def test_other_weights_are_refused(folder: Path) -> None:
    """Covers R-model-named-weights."""
    model, _ = add_tiny(folder, "AutoencoderTiny")
    assert model.synthesis
    tensors = {n: torch.from_numpy(w.copy()) for n, w in model.synthesis.weights.items()}
    name = next(iter(tensors))
    for changed in (
        {n: t for n, t in tensors.items() if n != name},
        tensors | {"0.decoder.more": torch.zeros(1)},
        tensors | {name: torch.zeros(1)},
    ):
        with pytest.raises(ArtifactError):
            load_weights(build_network(model.synthesis.layers), changed)


def test_a_wrong_locality_is_refused(folder: Path) -> None:
    """Covers R-model-tile-global."""
    model, _ = add_tiny(folder, "AutoencoderKL")
    with pytest.raises(ArtifactError, match="tile_global"):
        load_artifact(save_artifact(replace(model, tile_global=False)))


def test_kmeans_finds_clusters() -> None:
    random = np.random.default_rng(0)
    values = (random.integers(0, 4, 10000) + random.normal(0, 0.01, 10000)).astype(np.float32)
    words, edges = fit_kmeans(values, 4)
    assert words == pytest.approx([0, 1, 2, 3], abs=0.01)
    assert edges == pytest.approx([0.5, 1.5, 2.5], abs=0.01)
    assert fit_kmeans(np.ones(5, np.float32), 256)[0].tolist() == [1.0]


def test_taef2_is_added_and_runs_without_torch(folder: Path) -> None:
    files = [f"--{half}={require_weights(f'taef2_{half}.pth')}" for half in ("encoder", "decoder")]
    assert main(["models", "add", *files, "--name", "taef2", "--license", "MIT"]) == 0
    model = find_model("taef2")
    assert model.tile_global
    assert model.analysis
    assert model.synthesis
    pixels = draw_tissue(64, 64, 1)[None]
    found = {}
    for name in ("torch", "onnx"):
        backend = choose_backend(name)
        latents = backend.load_analysis(model.analysis, 0).analyze(pixels)
        found[name] = backend.load_synthesis(model.synthesis, 0).synthesize(latents).astype(int)
    assert np.abs(found["torch"] - found["onnx"]).max() <= 1
    assert np.abs(found["onnx"] - pixels).mean() < 6
