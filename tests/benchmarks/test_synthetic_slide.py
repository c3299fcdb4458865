from pathlib import Path

import numpy as np
import pytest

from benchmarks.synthetic_slide import draw_tissue, write_synthetic_slide
from pathae_codec.slide import open_slide
from pathae_codec.slide.openslide_reader import knows


def test_tissue_has_glass_stroma_and_nuclei() -> None:
    pixels = draw_tissue(600, 800, 3)
    assert (pixels[:64, :32] == 255).all()
    inside = pixels[200:400, 250:550].reshape(-1, 3).astype(int)
    red, green, blue = inside.T
    pink = (red > 190) & (green < red - 30) & (blue > green)
    purple = (red < 140) & (blue > red)
    assert pink.mean() > 0.4
    assert 0.01 < purple.mean() < 0.5


def test_seed_decides_the_tissue() -> None:
    np.testing.assert_array_equal(draw_tissue(120, 160, 1), draw_tissue(120, 160, 1))
    assert (draw_tissue(120, 160, 1) != draw_tissue(120, 160, 2)).any()


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_slide_opens_as_aperio(tmp_path: Path, levels: int) -> None:
    path = tmp_path / "synthetic.svs"
    write_synthetic_slide(path, width=1000, height=720, levels=levels)
    assert knows(path)
    with open_slide(path) as reader:
        sizes = [(level.width, level.height) for level in reader.levels]
        assert sizes == [(1000, 720), (250, 180), (62, 45)][:levels]
        stated = reader.properties
        assert (stated.format, stated.mpp, stated.magnification) == ("aperio", (0.5, 0.5), 20.0)
        assert stated.compression == "JPEG"
        assert set(reader.associated_images()) == {"label", "macro", "thumbnail"}
        # Glass stays exact through JPEG where a whole tile's corner is white.
        assert (reader.read_region(0, 0, 0, 32, 32) == 255).all()


def test_levels_out_of_range_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1, 2 or 3"):
        write_synthetic_slide(tmp_path / "synthetic.svs", levels=4)
