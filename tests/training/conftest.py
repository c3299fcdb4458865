"""Tissue, and a folder of tiles that short runs train on."""

from pathlib import Path

import pytest
from PIL import Image

from benchmarks.synthetic_tissue import draw_tissue
from pathae_codec.arrays import Pixels


@pytest.fixture
def tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tiles" / "drawn"
    folder.mkdir(parents=True)
    Image.fromarray(draw_tissue(320, 320, 0)).save(folder / "a.png")
    monkeypatch.setattr("pathae_codec.training.latents.FIT_CROPS", 16)
    monkeypatch.setattr("pathae_codec.training.latents.FIT_CROP_SIDE", 128)
    return folder.parent


@pytest.fixture(scope="module")
def tissue() -> Pixels:
    """Drawn tissue, uint8 (512, 512, 3)."""
    return draw_tissue(512, 512, 4)
