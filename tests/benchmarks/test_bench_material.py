"""What the benchmarks measure with: tiles, kept reconstructions, extractors."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="the benchmarks' networks run on torch")
pytest.importorskip("scipy", reason="needs the benchmarks extra")

from benchmarks.bench import material
from benchmarks.bench.codec_setting import original
from benchmarks.bench.config import Data
from benchmarks.bench.extractors import hub_extractor, timm_extractor
from benchmarks.bench.tile_sets import TileSet, load_labelled, load_nuclei
from pathae_codec.errors import SettingError
from tests.shared_data import require_tiles


def test_reconstructions_that_took_long_are_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(material, "LONG", -1)
    calls = []

    def decode(tiles: Sequence[bytes]) -> list[NDArray[np.uint8]]:
        calls.append(len(tiles))
        return [255 - pixels for pixels in raw.decode(tiles)]

    raw = original()
    negative = replace(raw, codec="negative", identity="negative", decode=decode)
    pixels = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), np.uint8)
    tiles = TileSet("five", "five", pixels)
    kept = material.Material(Data((), None, None, None), tmp_path)
    assert (kept.decoded(negative, tiles, [3, 1]) == 255 - pixels[[3, 1]]).all()
    assert (kept.decoded(negative, tiles) == 255 - pixels).all()
    assert calls == [2, 5]
    assert (kept.decoded(negative, tiles, [3, 1]) == 255 - pixels[[3, 1]]).all()
    assert calls == [2, 5]


def test_original_gives_back_what_it_was_given() -> None:
    tiles = np.random.default_rng(0).integers(0, 256, (3, 8, 16, 3), np.uint8)
    codec = original()
    assert np.array_equal(np.stack(codec.decode(codec.encode(tiles))), tiles)


HUB = """
import torch
def mean_colour():
    return torch.nn.AdaptiveAvgPool2d(1)
"""


def test_hub_folder_is_an_extractor(tmp_path: Path) -> None:
    (tmp_path / "hubconf.py").write_text(HUB)
    tiles = np.full((2, 32, 32, 3), 255, np.uint8)
    features = hub_extractor(f"{tmp_path}:mean_colour").embed(tiles)
    assert features.shape == (2, 3)
    assert features[0] == pytest.approx(
        (1 - np.array([0.485, 0.456, 0.406])) / [0.229, 0.224, 0.225]
    )
    with pytest.raises(SettingError, match=r"hubconf\.py"):
        hub_extractor(f"{tmp_path / 'nowhere'}:mean_colour")


def test_timm_is_asked_for_no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    asked = {}

    def create_model(name: str, **options: object) -> torch.nn.Module:
        asked.update(options, name=name)
        if not options["checkpoint_path"]:
            raise OSError("offline")
        network = torch.nn.AdaptiveAvgPool2d(1)
        network.pretrained_cfg = {"mean": (0, 0, 0), "std": (1, 1, 1), "input_size": (3, 16, 16)}
        return network

    timm = ModuleType("timm")
    timm.create_model = create_model  # type: ignore[attr-defined]
    timm.__spec__ = SimpleNamespace(name="timm")  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "timm", timm)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    features = timm_extractor("vit=weights.pt").embed(np.full((1, 32, 32, 3), 255, np.uint8))
    assert features == pytest.approx(np.ones((1, 3)))
    assert asked["name"] == "vit"
    assert asked["pretrained"] is False
    assert asked["num_classes"] == 0
    with pytest.raises(SettingError, match="offline"):
        timm_extractor("vit")
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_real_labelled_tiles_and_nuclei_are_read() -> None:
    labelled = load_labelled(require_tiles("labelled", "crc5"), 4, 224)
    assert labelled.classes == ("AC", "H", "S", "T", "V")
    assert labelled.tiles.pixels.shape == (20, 224, 224, 3)
    crops = load_nuclei(require_tiles("labelled", "nuclei"), 20)
    patients = {path.stem for path in require_tiles("labelled", "nuclei").glob("train/*.png")}
    assert crops.train.pixels.shape == (20, 512, 512, 3)
    assert crops.test_masks.shape == (10, 512, 512)
    assert not patients & set(crops.names)
    shares = crops.train_masks.mean((1, 2))
    assert ((shares > 0.03) & (shares < 0.7)).all()
