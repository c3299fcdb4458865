"""--jpeg-sidecar: a small JPEG pyramid that OpenSlide opens, made from the slide itself."""

from pathlib import Path

import numpy as np
import openslide
import pytest

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.errors import DestinationExistsError
from pathae_codec.export import overview
from pathae_codec.export.overview import overview_path, overview_pyramid, write_overview
from pathae_codec.fidelity import psnr
from pathae_codec.slide import open_slide
from tests.shared_data import require_slide


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "drawn.svs"
    write_synthetic_slide(path, width=900, height=600, levels=2)
    return path


@pytest.mark.parametrize("name", ["a.tif", "a.ome.zarr", "a.zarr", "a.TIFF", "a.ome.tif"])
def test_name(name: str, tmp_path: Path) -> None:
    assert overview_path(tmp_path / name) == tmp_path / "a.overview.tif"


def test_convert_writes_it_beside_the_file(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["convert", str(drawn), str(tmp_path / "a.ome.zarr"), "--min-psnr", "none"]
    assert main([*arguments, "--jpeg-sidecar"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"a.ome.zarr", "a.overview.tif"}
    with (
        openslide.OpenSlide(tmp_path / "a.overview.tif") as small,
        openslide.OpenSlide(drawn) as source,
    ):
        assert small.level_dimensions == source.level_dimensions
        assert small.properties["openslide.mpp-x"] == source.properties["openslide.mpp-x"]
        assert small.properties["openslide.objective-power"] == "20"
        ours, theirs = (np.asarray(s.read_region((0, 0), 0, (900, 600))) for s in (small, source))
        assert psnr(ours, theirs) > 30
    # Refused before anything is encoded.
    main_only = [str(a) for a in ("convert", drawn, tmp_path / "a.tif", "--jpeg-sidecar")]
    capsys.readouterr()
    assert main(main_only) == 2
    assert "overview" in capsys.readouterr().err
    assert not (tmp_path / "a.tif").exists()


def test_large_levels_are_left_out_and_scale_goes_with_them(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "LONGEST_SIDE", 300)
    with open_slide(drawn) as slide:
        pyramid = overview_pyramid(slide, slide.properties)
        assert [(level.width, level.height) for level in pyramid.levels] == [(225, 150)]
        assert pyramid.mpp == (2.0, 2.0)
        assert pyramid.magnification == 5
        write_overview(slide, slide.properties, tmp_path / "a.tif", overwrite=False)
        with pytest.raises(DestinationExistsError):
            write_overview(slide, slide.properties, tmp_path / "a.tif", overwrite=False)
    with openslide.OpenSlide(tmp_path / "a.tif") as small:
        assert small.dimensions == (225, 150)
        assert small.properties["openslide.mpp-x"] == "2"


def test_means_stand_in_where_every_level_is_large(
    drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "LONGEST_SIDE", 100)
    with open_slide(drawn) as slide:
        pyramid = overview_pyramid(slide, slide.properties)
        (level,) = pyramid.levels
        (tile,) = pyramid.tiles(level)
        assert (level.width, level.height) == (75, 50)
        assert pyramid.magnification == pytest.approx(20 / 12)
        source = slide.read_region(1, 0, 0, 225, 150)
    means = source.reshape(50, 3, 75, 3, 3).mean((1, 3))
    assert np.abs(tile[:50, :75] - means).max() <= 0.5


def test_real_slide_keeps_its_profile(tmp_path: Path) -> None:
    source = require_slide("TCGA-CR-7395.svs")
    with open_slide(source) as slide:
        write_overview(slide, slide.properties, tmp_path / "a.tif", overwrite=False)
    with openslide.OpenSlide(tmp_path / "a.tif") as small, openslide.OpenSlide(source) as theirs:
        assert max(small.dimensions) <= 4096
        assert small.dimensions == theirs.level_dimensions[1]
        assert small.properties["openslide.icc-size"] == theirs.properties["openslide.icc-size"]
        assert "openslide.mpp-x" not in small.properties
