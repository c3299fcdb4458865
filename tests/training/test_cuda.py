"""CUDA where there is one: networks, fine-tuning and training run on it and go on from it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch

from benchmarks.synthetic_slide import draw_tissue
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.model.library import find_model
from tests.training import test_finetune, test_training

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
finetuning = test_finetune.tiles


@pytest.fixture(autouse=True)
def on_the_device() -> Iterator[None]:
    """What runs on the CPU all the same takes no memory there."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    yield
    assert torch.cuda.max_memory_allocated() > before


@pytest.mark.parametrize("backend", ["torch", "torch-bf16"])
def test_tiles_are_those_of_the_processor(backend: str) -> None:
    pixels = np.stack([draw_tissue(128, 128, seed) for seed in range(3)])
    ours, theirs = (TileCodec(find_model(), backend=name) for name in (backend, "onnx"))
    data = ours.encode_tiles(pixels, 60)
    pairs = zip(ours.decode_tiles(data), theirs.decode_tiles(data), strict=True)
    assert max(np.abs(a.astype(int) - b).max() for a, b in pairs) <= 2


def test_finetuning_goes_on_from_its_checkpoint(finetuning: Path) -> None:
    test_finetune.run(finetuning, "parts", 3)
    assert len(test_finetune.run(finetuning, "parts", 5)) == 2
    assert find_model("parts").card["finetuned"]["steps"] == 5


def test_training_goes_on_from_its_checkpoint(
    tmp_path: Path, tiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_training.command, "CHECKPOINT_STEPS", 2)
    test_training.run(tmp_path, tiles, "parts", 3)
    model = load_artifact(test_training.run(tmp_path, tiles, "parts", 5))
    assert model.qualities == (0, 25, 50, 75, 100)
