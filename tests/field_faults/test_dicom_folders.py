"""A DICOM slide is a folder, or a series of files any of which names it."""

from pathlib import Path

import numpy as np
import openslide
import pytest

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.slide import open_slide
from tests.field_faults.exact_conversion import convert, record, shown
from tests.shared_data import require_slide
from tests.tiny_model import NAME

pytestmark = pytest.mark.usefixtures("tiny_model_folder")


@pytest.fixture
def dicom(tmp_path: Path) -> Path:
    """Return a folder of DICOM files, as `pathae export` makes it of a PathAE file."""
    pytest.importorskip("wsidicom")
    write_synthetic_slide(tmp_path / "a.svs", width=520, height=400, levels=2)
    options = ["--model", NAME, "--tile", "64", "--keep", "label,macro", "--min-psnr", "none"]
    assert main(["convert", str(tmp_path / "a.svs"), str(tmp_path / "s.tif"), *options]) == 0
    assert main(["export", str(tmp_path / "s.tif"), str(tmp_path / "slide.dcm")]) == 0
    return tmp_path / "slide.dcm"


def test_a_folder_of_dicom_files_is_a_slide(
    dicom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = tmp_path / "again.dcm"
    capsys.readouterr()
    assert main(["export", str(tmp_path / "s.tif"), str(again)]) == 0
    said = capsys.readouterr().out
    assert f"{again}: a folder of DICOM files" in said
    assert "pathae and wsidicom read the folder" in said
    assert len(list(dicom.iterdir())) == 4
    out = tmp_path / "c.ome.zarr"
    convert(dicom, out)
    captured = capsys.readouterr()
    assert "one DICOM series" not in captured.err
    assert main(["verify", str(out), "--against", str(dicom)]) == 0
    with openslide.OpenSlide(min(dicom.glob("*.dcm"))) as slide:
        region = np.asarray(slide.read_region((0, 0), 0, slide.dimensions))[..., :3]
    np.testing.assert_array_equal(shown(out), region)
    assert len(record(out)["levels"]) == 2
    capsys.readouterr()
    assert main(["info", "--phi", str(dicom)]) == 0
    assert "dicom.StudyInstanceUID" in capsys.readouterr().out


def test_a_loop_over_the_files_of_one_series_is_told_so(
    dicom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = sum(file.stat().st_size for file in dicom.iterdir()) / 1e6
    for number, file in enumerate(sorted(dicom.iterdir())):
        out = tmp_path / f"{number}.tif"
        capsys.readouterr()
        convert(file, out)
        captured = capsys.readouterr()
        assert "it is one of 4 files of one DICOM series" in captured.err
        assert f" {size:.2f} MB -> " in captured.out
        assert len(record(out)["levels"]) == 2


def test_a_folder_of_several_series_says_which_was_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pydicom = pytest.importorskip("pydicom")
    file = require_slide("CMU-1-level.dcm")
    folder = tmp_path / "study"
    for number in range(2):
        dataset = pydicom.dcmread(file)
        dataset.SeriesInstanceUID = f"{dataset.SeriesInstanceUID}.{number}"
        dataset.TotalPixelMatrixColumns -= 100 * number
        place = folder / f"series{number}"
        place.mkdir(parents=True)
        dataset.save_as(place / f"image{number}")
    (folder / "notes.txt").write_text("no image")
    for series, width in ((None, 957), ("1", 857)):
        with open_slide(folder) as slide:
            assert slide.levels[0].width == 957
        options = [] if series is None else ["--series", series]
        out = tmp_path / f"{series}.tif"
        convert(folder, out, *options)
        assert record(out)["levels"][0][0] == width
        said = capsys.readouterr().err
        assert ("holds 2 DICOM series" in said) == (series is None)
        assert main(["verify", str(out), "--against", str(folder)]) == 0
        capsys.readouterr()
    convert(folder, tmp_path / "c.tif", "--series", "2", expected=2)
    assert "series: expected 0 to 1" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["empty", "text", "zarr"])
def test_other_folders_are_refused(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    if content == "text":
        (folder / "a.txt").write_text("no slide")
    if content == "zarr":
        import zarr

        zarr.open_group(folder, mode="w")
    convert(folder, tmp_path / "c.tif", expected=2)
    (line,) = capsys.readouterr().err.strip().splitlines()
    found = {"empty": "none in 0 files", "text": "none in 1 files", "zarr": "none of PathAE's"}
    assert found[content] in line
