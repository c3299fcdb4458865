"""Two faces of one latent in training: their losses, and a short run to an artifact of both."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch

from benchmarks.synthetic_slide import draw_tissue
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.training import command
from pathae_codec.training.colour import chroma_error
from pathae_codec.training.local_statistics import LocalStatistics
from pathae_codec.training.network_input import to_network

DEVICE = torch.device("cpu")
CONFIG = """
name = "faces"
analysis = [
  { op = "space_to_depth", factor = 8 },
  { op = "conv", inputs = 192, outputs = 16, kernel = 1 },
]
synthesis = [
  { op = "conv", inputs = 20, outputs = 192, kernel = 1 },
  { op = "depth_to_space", factor = 8 },
]
folders = [{ name = "drawn", full = 1.0, half = 0.5 }]
[training]
lambdas = [0.001, 0.004, 0.02]
table_sets = 2
steps = 60
decoder_steps = 20
batch = 4
border_weight = 2.0
feature_weight = 0.0
feature_steps = 0
feature_crops = 4
chroma_error = 0.1
crop = 64
learning_rate = 3e-3
gradient_clip = 0.5
averaging = 0.9
seed = 1
[realism]
default = 3
noise_channels = 4
steps = 40
batch = 2
error = 0.5
share = %s
local_statistics = 3000.0
features = 0.0
feature_statistics = 0.0
[card]
license = "CC0-1.0"
"""


@pytest.fixture
def sources() -> torch.Tensor:
    return to_network(np.stack([draw_tissue(128, 128, seed) for seed in range(4)]), DEVICE)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_an_artifact_has_both_faces(tmp_path: Path, tiles: Path, share: float) -> None:
    """Whether the natural face is trained with all networks, or after them only."""
    (tmp_path / "config.toml").write_text(CONFIG % share)
    out, checkpoint = tmp_path / "faces.safetensors", tmp_path / "checkpoint"
    command.train_model(tmp_path / "config.toml", tiles, out, checkpoint)
    model = load_artifact(out.read_bytes())
    assert model.realism is not None
    assert (model.realism.default, model.realism.noise_channels) == (3, 4)
    assert model.synthesis is not None
    # The faithful face was never given noise, and is deaf to it.
    noise = model.synthesis.weights["0.weight"][:, model.latent_channels :]
    assert not noise.any()
    pixels = draw_tissue(128, 128, 5)[None]
    tile = TileCodec(model).encode_tiles(pixels, 50)
    faithful, middle, natural = (
        TileCodec(model, realism=realism).decode_tiles(tile)[0].astype(float)
        for realism in (0, 0.5, 1)
    )
    seen = LocalStatistics(to_network(pixels, DEVICE))
    nearness = [
        seen(to_network(face[None].astype(np.uint8), DEVICE), to_network(pixels, DEVICE)).item()
        for face in (faithful, natural)
    ]
    assert nearness[1] < nearness[0]
    assert np.abs(faithful - natural).mean() > np.abs(faithful - middle).mean() > 0


def test_a_run_goes_on_to_the_same_artifact(
    tmp_path: Path, tiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the natural face's own steps: weights, optimizer and noise go on as they were."""
    (tmp_path / "config.toml").write_text(CONFIG % 0.0)
    monkeypatch.setattr(command, "CHECKPOINT_STEPS", 10)

    def run(name: str) -> bytes:
        out = tmp_path / f"{name}.safetensors"
        command.train_model(tmp_path / "config.toml", tiles, out, tmp_path / f"{name}.checkpoint")
        return out.read_bytes()

    whole, save = run("whole"), command.save_checkpoint

    def stopping(path: Path, state: object, steps: int, **decoders: object) -> None:
        save(path, state, steps, **decoders)  # type: ignore[arg-type]
        if getattr(decoders.get("natural"), "step", 0) == 20:
            raise KeyboardInterrupt

    monkeypatch.setattr(command, "save_checkpoint", stopping)
    with pytest.raises(KeyboardInterrupt):
        run("stopped")
    monkeypatch.setattr(command, "save_checkpoint", save)
    assert run("stopped") == whole


def test_equal_pictures_are_alike_and_blur_is_not(sources: torch.Tensor) -> None:
    distance = LocalStatistics(sources)
    assert distance(sources, sources).tolist() == [0.0] * len(sources)
    blurred = torch.nn.functional.avg_pool2d(sources, 5, 1, 2)
    shifted = torch.roll(sources, 1, 3)
    # A texture a pixel aside has its statistics still; squared error would say the opposite.
    assert (distance(blurred, sources) > distance(shifted, sources)).all()


def test_a_dither_counts_most_where_it_is_seen(sources: torch.Tensor) -> None:
    """The same dither of one step, on glass and on tissue."""
    distance = LocalStatistics(sources)
    dither = torch.ones(128, 128)
    dither[::2, 1::2] = dither[1::2, ::2] = -1
    glass = torch.full_like(sources[:1], 0.9)
    on_glass = distance(glass + dither / 127.5, glass)
    on_tissue = distance(sources + dither / 127.5, sources)
    assert (on_glass > 3 * on_tissue).all()


def test_colour_counts_over_areas_and_grey_not_at_all(sources: torch.Tensor) -> None:
    grey = chroma_error(sources + 4 / 127.5, sources)
    assert grey.max() < 1e-3
    tint = torch.tensor([4.0, -4.0, 4.0])[:, None, None] / 127.5
    signs = torch.ones(128, 128)
    signs[:, ::2] = -1
    wrong, noisy = (
        chroma_error(sources + tint, sources),
        chroma_error(sources + tint * signs, sources),
    )
    assert (wrong > 5 * noisy).all()
