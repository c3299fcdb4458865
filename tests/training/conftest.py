"""A folder of tiles that short runs train on."""

from pathlib import Path

import pytest
from PIL import Image

from benchmarks.synthetic_slide import draw_tissue


@pytest.fixture
def tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tiles" / "drawn"
    folder.mkdir(parents=True)
    Image.fromarray(draw_tissue(320, 320, 0)).save(folder / "a.png")
    monkeypatch.setattr("pathae_codec.training.latents.FIT_CROPS", 16)
    monkeypatch.setattr("pathae_codec.training.latents.FIT_CROP_SIDE", 128)
    return folder.parent
