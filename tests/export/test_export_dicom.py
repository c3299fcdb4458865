"""DICOM: wsidicom and OpenSlide read what is exported, and it says what was lost."""

import sys
from pathlib import Path

import numpy as np
import openslide
import pytest

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import BackendUnavailableError, SettingError, UnsupportedSlideError
from pathae_codec.export import export_slide
from pathae_codec.export.pyramid import Pyramid
from pathae_codec.export.settings import Coding
from pathae_codec.fidelity import psnr
from pathae_codec.geometry import Level
from pathae_codec.record.lossy_history import LossyStep
from tests.tiny_model import draw_tissue


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored")
    write_synthetic_slide(folder / "drawn.svs", width=1100, height=600, levels=2)
    kept = frozenset(["label", "macro"])
    settings = ConvertSettings(tile=256, min_psnr=0, keep=kept)
    convert_slide(folder / "drawn.svs", folder / "stored.tif", settings)
    return folder / "stored.tif"


def test_wsidicom_and_openslide_read_it(stored: Path, tmp_path: Path) -> None:
    wsidicom, pydicom = pytest.importorskip("wsidicom"), pytest.importorskip("pydicom")
    folder = tmp_path / "out.dcm"
    seen: list[tuple[int, int]] = []
    summary = export_slide(stored, folder, progress=lambda *pair: seen.append(pair))
    assert seen[-1] == (summary.tiles, summary.tiles)
    ours = pathae_codec.open(stored)
    (width, height) = ours.dimensions
    expected = ours.read_array((0, 0), 0, (width, height))
    with wsidicom.WsiDicom.open(folder) as slide:
        assert [(v.size.width, v.size.height) for v in slide.levels] == [*ours.level_dimensions]
        assert (slide.mpp.width, slide.mpp.height) == (0.5, 0.5)
        pixels = slide.read_region((0, 0), 0, (width, height), as_array=True)
        assert psnr(expected, np.asarray(pixels)) > 36
        assert slide.read_label().size == ours.associated_images["label"].size
    kinds: dict[str, Path] = {}
    for path in folder.iterdir():
        found = pydicom.dcmread(path, stop_before_pixels=True)
        kind = found.ImageType[2]
        kinds[kind] = path
        assert found.LossyImageCompression == "01"
        if kind == "VOLUME":
            assert found.ImageType[0] == "DERIVED"
            assert "; PathAE, quality 50" in found.DerivationDescription
            assert found.DerivationDescription.endswith("; JPEG, quality 90")
            raw = found.NumberOfFrames * 256 * 256 * 3
            # The source's JPEG and its ratio stand in the slide record; PathAE has no public term.
            assert list(found.LossyImageCompressionMethod) == ["ISO_10918_1", "ISO_10918_1"]
            ratio = float(found.LossyImageCompressionRatio[-1])
            assert raw / ratio == pytest.approx(path.stat().st_size, rel=0.2)
        else:
            assert found.BurnedInAnnotation == "YES"
    assert set(kinds) == {"VOLUME", "LABEL", "OVERVIEW"}
    with openslide.OpenSlide(kinds["VOLUME"]) as theirs:
        assert theirs.properties["openslide.vendor"] == "dicom"
        assert theirs.level_dimensions == ours.level_dimensions
        for name in ("mpp-x", "mpp-y", "objective-power"):
            key = f"openslide.{name}"
            assert float(theirs.properties[key]) == float(ours.properties[key])
        region = np.asarray(theirs.read_region((0, 0), 0, (width, height)))[..., :3]
        assert psnr(expected, region) > 36


def drawn_pyramid(downsample: float, mpp: tuple[float, float] | None, **changes: object) -> Pyramid:
    pixels = draw_tissue(256, 256)
    side = int(256 / downsample)
    levels = (Level(0, 256, 256, 1.0), Level(1, side, side, downsample))
    values: dict[str, object] = {"icc_profile": None, "lossy_history": (), "associated": {}}
    return Pyramid(
        levels=levels,
        tile=256,
        mpp=mpp,
        magnification=None,
        read=lambda _, indices: iter([pixels] * len(indices)),
        **(values | changes),
    )


def test_known_steps_stand_in_method_and_ratio_and_the_profile_comes_along(tmp_path: Path) -> None:
    pydicom = pytest.importorskip("pydicom")
    pytest.importorskip("wsidicom")
    from pathae_codec.export.dicom import write_dicom

    history = (
        LossyStep("JPEG 2000", 20.0),
        LossyStep("PathAE", 70.0, 50, dicom_method="PATHAE_1"),
    )
    pyramid = drawn_pyramid(2, (0.25, 0.5), lossy_history=history, icc_profile=b"profile" * 20)
    write_dicom(tmp_path / "a", pyramid, Coding("jpeg", 80))
    for path in (tmp_path / "a").iterdir():
        found = pydicom.dcmread(path)
        assert list(found.LossyImageCompressionMethod) == ["ISO_15444_1", "ISO_10918_1"]
        assert float(found.LossyImageCompressionRatio[0]) == 20
        text = "JPEG 2000, 20:1; PathAE, quality 50, 70:1; JPEG, quality 80"
        assert text in found.DerivationDescription
        assert found.OpticalPathSequence[0].ICCProfile == b"profile" * 20
        measures = found.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
        # Rows first.
        assert measures.PixelSpacing[0] == pytest.approx(2 * measures.PixelSpacing[1])


def test_what_dicom_cannot_hold_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("wsidicom")
    from pathae_codec.export.dicom import write_dicom

    with pytest.raises(SettingError, match="microns per pixel"):
        write_dicom(tmp_path / "a", drawn_pyramid(2, None), Coding("jpeg", 90))
    with pytest.raises(UnsupportedSlideError, match="powers of 2"):
        write_dicom(tmp_path / "a", drawn_pyramid(3, (0.5, 0.5)), Coding("jpeg", 90))
    assert list(tmp_path.iterdir()) == []


def test_missing_extra_is_named(
    stored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "wsidicom", None)
    monkeypatch.delitem(sys.modules, "pathae_codec.export.dicom", raising=False)
    with pytest.raises(BackendUnavailableError):
        export_slide(stored, tmp_path / "out.dcm")
    assert main(["export", str(stored), str(tmp_path / "out.dcm")]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "the extra pathae[dicom] brings it" in line
    assert list(tmp_path.iterdir()) == []
