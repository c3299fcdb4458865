"""Fine-tuning a decoder: it learns, goes on where it stopped, and decodes files that are there."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="torch is not installed")

import torch
from torch import nn

import pathae_codec
from benchmarks.synthetic_slide import draw_tissue, write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import (
    DestinationExistsError,
    ModelMismatchError,
    ModelNotFoundError,
    ResumeError,
    SettingError,
)
from pathae_codec.fidelity import psnr
from pathae_codec.model.library import find_model, write_model_file
from pathae_codec.training import finetune
from pathae_codec.training.decoder_loop import DecoderSettings
from pathae_codec.training.extractors import EmbeddingDistance, choose_features
from pathae_codec.training.finetune import FinetuneData, finetune_model_file
from pathae_codec.training.pairs import StoredPairs, StoredSlidePair
from tests.tiny_model import tiny_model, tiny_realism_model

SETTINGS = DecoderSettings(
    batch=2, side=64, learning_rate=3e-3, warm_up=4, features="none", averaging=0.9
)


@pytest.fixture
def tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget_models: None) -> Iterator[Path]:
    monkeypatch.setenv("PATHAE_MODELS", str(tmp_path / "models"))
    # Networks this small only wait for a second thread.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    write_model_file(tmp_path / "models" / "tiny-f8c4.safetensors", tiny_model())
    folder = tmp_path / "tiles"
    folder.mkdir()
    Image.fromarray(draw_tissue(192, 192, 0)).save(folder / "a.png")
    yield folder
    torch.set_num_threads(threads)


def run(tiles: Path, name: str, steps: int, settings: DecoderSettings = SETTINGS) -> list[str]:
    seen: list[str] = []
    finetune_model_file(
        "tiny-f8c4",
        FinetuneData(tiles),
        settings,
        steps,
        lambda _done, _total, figures: seen.append(figures),
        name=name,
        overwrite=True,
    )
    return seen


def test_the_error_falls_and_a_file_decodes_with_the_new_decoder(
    tiles: Path, tmp_path: Path
) -> None:
    seen = run(tiles, "better", 60, replace(SETTINGS, gan_weight=0.0))
    assert float(seen[-1].split()[1].rstrip(",")) < 0.7 * float(seen[0].split()[1].rstrip(","))
    base, better = find_model("tiny-f8c4"), find_model("better")
    assert better.decoder_id != base.decoder_id
    assert better.encoder_id == base.encoder_id
    assert better.card["finetuned"] == {"from": base.decoder_id, "steps": 60, "features": "none"}
    assert better.qualities == base.qualities
    slide, file = tmp_path / "drawn.tif", tmp_path / "drawn.ome.zarr"
    write_synthetic_slide(slide, width=256, height=256)
    settings = ConvertSettings(model="tiny-f8c4", tile=64, min_psnr=0)
    convert_slide(slide, file, settings)
    region = ((0, 0), 0, (256, 256))
    with pathae_codec.open_slide(slide) as opened:
        source = opened.read_region(0, 0, 0, 256, 256)
    before, after = (
        psnr(source, pathae_codec.open(file, decoder=name).read_array(*region))
        for name in (None, "better")
    )
    assert after > before + 3


def test_it_goes_on_from_its_checkpoint(
    tiles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that was made longer gives the bytes of one that was long at once."""
    monkeypatch.setattr(finetune, "CHECKPOINT_SECONDS", 0)
    models = tmp_path / "models"
    run(tiles, "whole", 7)
    run(tiles, "parts", 5)
    assert len(run(tiles, "parts", 7)) == 2
    whole, parts = (find_model(str(models / f"{n}.safetensors")) for n in ("whole", "parts"))
    assert whole.decoder_id == parts.decoder_id
    with pytest.raises(ResumeError, match="another learning_rate"):
        run(tiles, "parts", 8, replace(SETTINGS, learning_rate=1e-3))
    (models / "parts.checkpoint").write_bytes(b"no checkpoint")
    with pytest.raises(ResumeError, match="expected one of finetune"):
        run(tiles, "parts", 8)


def test_it_learns_from_stored_latents(tiles: Path, tmp_path: Path) -> None:
    slide, file = tmp_path / "drawn.tif", tmp_path / "drawn.tif.pathae.tif"
    write_synthetic_slide(slide, width=300, height=200)
    convert_slide(slide, file, ConvertSettings(model="tiny-f8c4", tile=64, min_psnr=0))
    pair = StoredSlidePair(file, slide)
    latents, pixels = StoredPairs(tiny_model(), [pair]).draw(np.random.default_rng(0), 3)
    with pathae_codec.open_slide(slide) as opened:
        places = [(x, y) for y in range(0, 192, 64) for x in range(0, 256, 64)]
        sources = [opened.read_region(0, x, y, 64, 64) for x, y in places]
    stored = pathae_codec.open(file)
    for one, drawn in zip(latents, pixels, strict=True):
        (place,) = [p for p, s in zip(places, sources, strict=True) if (s == drawn).all()]
        assert (stored.read_latents(place, 0, (64, 64), scaled=False) == one).all()
    arguments = ["models", "finetune", "tiny-f8c4", "--stored", str(file), str(slide)]
    options = ["--steps", "2", "--batch", "1", "--features", "none", "--name", "stored"]
    assert main([*arguments, *options]) == 0
    assert find_model("stored").encoder_id == tiny_model().encoder_id
    other = replace(tiny_model(), encoder_id=tiny_model(7).encoder_id)
    with pytest.raises(ModelMismatchError, match="expected latents of the encoder"):
        StoredPairs(other, [pair])
    Image.fromarray(draw_tissue(64, 64, 0)).save(tmp_path / "small.tif")
    with pytest.raises(SettingError, match="300 x 200"):
        StoredPairs(tiny_model(), [StoredSlidePair(file, tmp_path / "small.tif")])


def test_what_cannot_be_trained_is_said(tiles: Path) -> None:
    with pytest.raises(DestinationExistsError, match="--name"):
        run(tiles, "tiny-f8c4", 1)
    with pytest.raises(SettingError, match="qualities"):
        run(tiles, "x", 1, replace(SETTINGS, qualities=(61,)))
    with pytest.raises(SettingError, match="multiple of the model's factor 8"):
        run(tiles, "x", 1, replace(SETTINGS, side=60))
    with pytest.raises(SettingError, match="learning rate above 0"):
        replace(SETTINGS, learning_rate=0.0)
    assert main(["models", "finetune", "tiny-f8c4"]) == 2


def test_extractors_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert choose_features("none") is None
    module = ModuleType("extractors_of_mine")
    module.build = lambda: nn.Sequential(nn.AvgPool2d(4), nn.Flatten())  # type: ignore[attr-defined]
    module.number = lambda: 1  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "extractors_of_mine", module)
    distance = choose_features("extractors_of_mine:build")
    assert isinstance(distance, EmbeddingDistance)
    a, b = torch.zeros(2, 3, 8, 8), torch.zeros(2, 3, 8, 8)
    b[1, 0, 0, 0] = 1
    found = distance(a, b)
    assert found[0] == 0
    # Half of the range, spread over 16 pixels and 12 features.
    assert found[1] == pytest.approx(0.5 / 0.229 / 16 / 12, rel=0.01)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    for name, error in {
        "resnet": SettingError,
        "extractors_of_mine:absent": SettingError,
        "extractors_of_mine:number": SettingError,
        "no_such_module:build": SettingError,
        "uni": ModelNotFoundError,
    }.items():
        with pytest.raises(error):
            choose_features(name)


def test_a_timm_model_is_an_extractor(tmp_path: Path) -> None:
    timm = pytest.importorskip("timm", reason="timm is not installed")
    from safetensors.torch import save_file

    torch.manual_seed(0)
    network = timm.create_model("test_resnet", num_classes=0)
    save_file(network.state_dict(), tmp_path / "w.safetensors")
    distance = choose_features(f"timm:test_resnet@{tmp_path / 'w.safetensors'}")
    assert distance is not None
    x = torch.rand(2, 3, 64, 64) * 2 - 1
    assert distance(x, x).tolist() == [0, 0]
    assert (distance(x, -x) > 0).all()
    with pytest.raises(SettingError, match="nothing is downloaded"):
        choose_features("timm:test_resnet")
    with pytest.raises(ModelNotFoundError):
        choose_features("timm:test_resnet@absent.bin")


def test_a_decoder_with_two_faces_keeps_both(tiles: Path, tmp_path: Path) -> None:
    """It learns at its default, and both faces move by the same: what lies between them stays."""
    base = tiny_realism_model(default=2)
    write_model_file(tmp_path / "models" / f"{base.name}.safetensors", base)
    seen: list[str] = []
    _, better = finetune_model_file(
        base.name,
        FinetuneData(tiles),
        replace(SETTINGS, gan_weight=0.0),
        40,
        lambda _done, _total, figures: seen.append(figures),
        name="better",
    )
    assert float(seen[-1].split()[1].rstrip(",")) < 0.8 * float(seen[0].split()[1].rstrip(","))
    assert better.decoder_id == find_model("better").decoder_id
    assert better.realism == base.realism
    assert better.decoder_id != base.decoder_id
    assert better.card["finetuned"]["realism"] == 0.25
    assert base.synthesis is not None
    assert better.synthesis is not None
    assert base.synthesis.natural is not None
    assert better.synthesis.natural is not None
    for name, faithful in base.synthesis.weights.items():
        natural = base.synthesis.natural[name].astype(float)
        moved = better.synthesis.weights[name].astype(float) - faithful
        also = better.synthesis.natural[name].astype(float) - natural
        assert np.allclose(moved, also, atol=4e-3)
    crops = np.stack([draw_tissue(64, 64, seed) for seed in range(2)])
    decoded = {
        (model.name, realism): np.stack(codec.decode_tiles(codec.encode_tiles(crops, 60)))
        for model in (base, better)
        for realism in (0.25, 0, 1)
        for codec in [pathae_codec.TileCodec(model, realism=realism)]
    }
    error = {key: np.abs(pixels.astype(float) - crops).mean() for key, pixels in decoded.items()}
    assert error["better", 0.25] < error[base.name, 0.25]
    assert not np.array_equal(decoded["better", 0], decoded["better", 1])


def test_a_checkpoint_is_of_one_realism(tiles: Path, tmp_path: Path) -> None:
    checkpoint = tmp_path / "run.checkpoint"

    def finetune_at(default: int, steps: int) -> None:
        base = tiny_realism_model(default)
        write_model_file(tmp_path / "models" / f"{base.name}.safetensors", base)
        finetune_model_file(
            base.name,
            FinetuneData(tiles),
            SETTINGS,
            steps,
            lambda *_: None,
            name="better",
            checkpoint=checkpoint,
            overwrite=True,
        )

    finetune_at(2, 2)
    finetune_at(2, 3)
    with pytest.raises(ResumeError, match="another decoder"):
        finetune_at(8, 4)
