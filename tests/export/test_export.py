"""A way out: what is exported is opened by readers that know nothing of us."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile
import zarr

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.arrays import Pixels
from pathae_codec.cli import main
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import DestinationExistsError, NotPathAEError, SettingError
from pathae_codec.export import ExportSettings, export_slide
from pathae_codec.export.ome_tiff import write_ome_tiff
from pathae_codec.export.pyramid import Pyramid
from pathae_codec.export.settings import Coding
from pathae_codec.export.tiff import write_tiff
from pathae_codec.fidelity import psnr
from pathae_codec.geometry import Level, TileIndex, pad_to_tile, tile_grid
from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.record.lossy_history import LossyStep
from pathae_codec.slide import open_slide
from tests.shared_data import require_slide
from tests.tiny_model import draw_tissue, tiny_model

DEFLATE = ExportSettings(codec="deflate")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small PathAE TIFF of two levels with all associated images."""
    folder = tmp_path_factory.mktemp("stored")
    write_synthetic_slide(folder / "drawn.svs", width=1100, height=600, levels=2)
    kept = frozenset(["label", "macro"])
    settings = ConvertSettings(tile=256, min_psnr=0, keep=kept)
    convert_slide(folder / "drawn.svs", folder / "stored.tif", settings)
    return folder / "stored.tif"


def our_pixels(path: Path, level: int) -> Pixels:
    slide = pathae_codec.open(path)
    return slide.read_array((0, 0), level, slide.level_dimensions[level])


def their_pixels(slide: openslide.OpenSlide, level: int) -> Pixels:
    region = np.asarray(slide.read_region((0, 0), level, slide.level_dimensions[level]))
    assert (region[..., 3] == 255).all()
    return region[..., :3]


def test_jpeg_tiff_is_what_openslide_takes_for_the_slide(stored: Path, tmp_path: Path) -> None:
    summary = export_slide(stored, tmp_path / "out.tif")
    assert (summary.format, summary.coding) == ("tiff", Coding("jpeg", 90))
    ours = pathae_codec.open(stored)
    with openslide.OpenSlide(tmp_path / "out.tif") as slide:
        assert slide.properties["openslide.vendor"] == "aperio"
        assert slide.level_dimensions == ours.level_dimensions
        for name in ("mpp-x", "mpp-y", "objective-power"):
            assert slide.properties[f"openslide.{name}"] == ours.properties[f"openslide.{name}"]
        steps = slide.properties["aperio.Lossy history"].split("; ")
        assert [step.split(",")[0] for step in steps] == ["JPEG", "PathAE", "JPEG"]
        assert steps[-1] == "JPEG, quality 90"
        assert set(slide.associated_images) == {"label", "macro", "thumbnail"}
        assert slide.associated_images["label"].size == ours.associated_images["label"].size
        for level in range(slide.level_count):
            assert psnr(our_pixels(stored, level), their_pixels(slide, level)) > 36


def test_deflate_tiff_holds_the_very_pixels(stored: Path, tmp_path: Path) -> None:
    export_slide(stored, tmp_path / "out.tif", DEFLATE)
    with openslide.OpenSlide(tmp_path / "out.tif") as slide:
        for level in range(slide.level_count):
            assert (their_pixels(slide, level) == our_pixels(stored, level)).all()


def test_quality_says_how_much_jpeg_loses(stored: Path, tmp_path: Path) -> None:
    sizes = []
    for quality in (40, 95):
        path = tmp_path / f"{quality}.tif"
        export_slide(stored, path, ExportSettings(quality=quality))
        sizes.append(path.stat().st_size)
    assert sizes[0] < sizes[1] / 2


def test_jpeg_xl_tiff_is_read_by_tifffile_and_warned_of(stored: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.tif"
    summary = export_slide(stored, path, ExportSettings(codec="jpegxl"))
    assert any("OpenSlide does not read JPEG XL" in notice for notice in summary.notices)
    assert psnr(our_pixels(stored, 0), tifffile.imread(path, series=0, level=0)) > 36
    with pytest.raises(openslide.OpenSlideError, match="compression"):
        openslide.OpenSlide(path)


def test_ome_tiff_has_levels_scale_objective_and_further_images(
    stored: Path, tmp_path: Path
) -> None:
    path = tmp_path / "out.ome.tif"
    export_slide(stored, path, DEFLATE)
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_ome
        assert {series.name for series in tiff.series} == {"slide", "label", "macro", "thumbnail"}
        for number, level in enumerate(tiff.series[0].levels):
            assert (level.asarray() == our_pixels(stored, number)).all()
    with open_slide(path) as slide:
        assert slide.properties.mpp == (0.5, 0.5)
        assert slide.properties.magnification == 20
        assert len(slide.levels) == 2
    with openslide.OpenSlide(path) as plain:
        assert plain.level_count == 1
        assert (their_pixels(plain, 0) == our_pixels(stored, 0)).all()


@pytest.mark.parametrize("codec", ["zstd", "blosc"])
def test_ome_zarr_needs_no_plugin(stored: Path, tmp_path: Path, codec: str) -> None:
    path = tmp_path / "out.ome.zarr"
    export_slide(stored, path, ExportSettings(codec=codec))
    text = "".join(file.read_text("utf-8") for file in path.rglob("zarr.json"))
    assert '"name": "pathae"' not in text
    group = zarr.open_group(path, mode="r")
    for level in (0, 1):
        array = np.asarray(group[str(level)])
        assert (np.moveaxis(array, 0, -1) == our_pixels(stored, level)).all()
    multiscale = group.attrs["ome"]["multiscales"][0]
    scales = [d["coordinateTransformations"][0]["scale"] for d in multiscale["datasets"]]
    assert scales[0] == [1.0, 0.5, 0.5]
    assert group.attrs["pathae_export"]["magnification"] == 20
    assert group["associated/label"].shape[0] == 3


def test_plain_ome_zarr_is_not_taken_for_ours(stored: Path, tmp_path: Path) -> None:
    export_slide(stored, tmp_path / "out.ome.zarr")
    with pytest.raises(NotPathAEError):
        pathae_codec.open(tmp_path / "out.ome.zarr")


def drawn_pyramid(mpp: tuple[float, float] | None) -> Pyramid:
    pixels = pad_to_tile(draw_tissue(250, 250), 256)
    level = Level(0, 250, 250, 1.0)
    return Pyramid((level,), 256, mpp, 20.0, None, {}, [], lambda *_: iter([pixels]))


def test_unequal_microns_per_pixel_are_both_kept(tmp_path: Path) -> None:
    write_tiff(tmp_path / "a.tif", drawn_pyramid((0.25, 0.5)), Coding("deflate", None))
    with openslide.OpenSlide(tmp_path / "a.tif") as slide:
        assert slide.properties["openslide.vendor"] == "generic-tiff"
        assert float(slide.properties["openslide.mpp-x"]) == pytest.approx(0.25)
        assert float(slide.properties["openslide.mpp-y"]) == pytest.approx(0.5)


def test_what_is_not_known_is_not_written(tmp_path: Path) -> None:
    write_tiff(tmp_path / "a.tif", drawn_pyramid(None), Coding("deflate", None))
    with openslide.OpenSlide(tmp_path / "a.tif") as slide:
        assert "openslide.mpp-x" not in slide.properties
        assert slide.properties["openslide.objective-power"] == "20"


@pytest.mark.parametrize("name", ["CMU-1-Small-Region.svs", "TCGA-CR-7395.svs"])
def test_real_slides_keep_scale_levels_and_icc_profile(name: str, tmp_path: Path) -> None:
    """What the export says of a slide is what OpenSlide says of the source itself."""
    source = require_slide(name)
    model = tmp_path / "tiny.safetensors"
    model.write_bytes(save_artifact(tiny_model()))
    stored = tmp_path / "stored.tif"
    settings = ConvertSettings(
        model=str(model), quality=20, min_psnr=0, embed_model=True, keep_metadata=True
    )
    convert_slide(source, stored, settings)
    export_slide(stored, tmp_path / "out.tif", ExportSettings(quality=50))
    with openslide.OpenSlide(source) as theirs, openslide.OpenSlide(tmp_path / "out.tif") as ours:
        for key in ("mpp-x", "mpp-y", "objective-power", "icc-size"):
            assert ours.properties.get(f"openslide.{key}") == theirs.properties.get(
                f"openslide.{key}"
            )
        # A source of one level is given more.
        count = theirs.level_count
        assert ours.level_dimensions[:count] == theirs.level_dimensions
        assert count == 1 or ours.level_count == count
        profile, expected = ours.color_profile, theirs.color_profile
        assert (profile and profile.tobytes()) == (expected and expected.tobytes())
        assert profile is not None or "TCGA" not in name
    tags = [tifffile.TiffFile(path).pages.first.tags for path in (source, tmp_path / "out.tif")]
    assert tags[0].valueof("InterColorProfile") == tags[1].valueof("InterColorProfile")


def test_destination_is_whole_or_as_it_was(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there.tif"
    there.write_bytes(b"before")
    with pytest.raises(DestinationExistsError):
        export_slide(stored, there)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_slide(stored, there, ExportSettings(overwrite=True), stop)
    assert there.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [there]
    export_slide(stored, there, ExportSettings(overwrite=True))
    assert openslide.OpenSlide.detect_format(there) == "aperio"


def test_progress_counts_every_tile(stored: Path, tmp_path: Path) -> None:
    for name in ("a.tif", "a.ome.tif", "a.ome.zarr"):
        seen: list[tuple[int, int]] = []
        summary = export_slide(
            stored, tmp_path / name, progress=lambda *pair, seen=seen: seen.append(pair)
        )
        assert seen[-1] == (summary.tiles, summary.tiles)
        assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("a.png", ExportSettings()),
        ("a.tif", ExportSettings(codec="zstd")),
        ("a.ome.zarr", ExportSettings(codec="jpeg")),
        ("a.tif", ExportSettings(quality=0)),
        ("a.tif", ExportSettings(codec="deflate", quality=90)),
        ("a.tif", ExportSettings(format="svg")),
    ],
)
def test_what_cannot_be_asked_for_is_said_at_once(
    name: str, settings: ExportSettings, tmp_path: Path
) -> None:
    # There is no such file: the settings are looked at first.
    with pytest.raises(SettingError):
        export_slide(tmp_path / "missing.tif", tmp_path / name, settings)


def test_command_says_what_it_wrote(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(stored), str(tmp_path / "a.tif")]) == 0
    captured = capsys.readouterr()
    assert "tiff, jpeg 90, 2 levels, 17 tiles" in captured.out
    assert not captured.err
    assert main(["export", str(stored), str(tmp_path / "a.tif")]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "exists; use --overwrite" in line
    assert main(["export", str(stored), str(stored), "--overwrite"]) == 2
    assert "expected another path" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "missing.tif"), str(tmp_path / "b.tif")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_history_of_a_stranger_breaks_no_description(tmp_path: Path) -> None:
    """A record may come from anywhere: what it says must not become fields of Aperio's."""
    history = (LossyStep("PathAE|MPP = 9\n\u00e9", quality=3),)
    pyramid = replace(drawn_pyramid((0.5, 0.5)), lossy_history=history)
    write_tiff(tmp_path / "a.tif", pyramid, Coding("jpeg", 90))
    with openslide.OpenSlide(tmp_path / "a.tif") as slide:
        assert slide.properties["openslide.mpp-x"] == "0.5"
        assert slide.properties["aperio.Lossy history"].startswith("PathAE?MPP")
    write_ome_tiff(tmp_path / "a.ome.tif", pyramid, Coding("jpeg", 90))
    with tifffile.TiffFile(tmp_path / "a.ome.tif") as tiff:
        assert tiff.is_ome


def test_tiles_are_asked_for_as_they_are_taken() -> None:
    asked: list[TileIndex] = []
    tile = np.zeros((16, 16, 3), np.uint8)

    def read(_: Level, indices: Sequence[TileIndex]) -> Iterator[Pixels]:
        for index in indices:
            asked.append(index)
            yield tile

    level = Level(0, 16 * 40, 16 * 30, 1.0)
    pyramid = Pyramid((level,), 16, None, None, None, {}, (), read)
    tiles = pyramid.tiles(level)
    for taken in range(1, 1201):
        next(tiles)
        assert len(asked) == taken
    assert asked == list(tile_grid(level, 16))
