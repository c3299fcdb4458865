"""A slide that is refused says why: OpenSlide's reason where the file is one of its formats."""

from pathlib import Path
from typing import Any

import pytest

from tests.field_faults.exact_conversion import convert
from tests.shared_data import require_slide

pytestmark = pytest.mark.usefixtures("tiny_model_folder")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"TotalPixelMatrixFocalPlanes": 3}, "TotalPixelMatrixFocalPlanes value 3 != 1"),
        (
            {"SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2"},
            "OpenSlide does not open it (",
        ),
        (
            {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"},
            "a DICOM file of another kind (SOP class 1.2.840.10008.5.1.4.1.1.2)",
        ),
    ],
)
def test_the_reason_for_a_dicom_that_is_refused_is_openslides(
    tmp_path: Path, change: dict[str, Any], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pydicom = pytest.importorskip("pydicom")
    dataset = pydicom.dcmread(require_slide("CMU-1-level.dcm"))
    for name, value in change.items():
        setattr(dataset, name, value)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    path = tmp_path / "a.dcm"
    dataset.save_as(path)
    convert(path, tmp_path / "c.tif", expected=2)
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert reason in line
    assert "not a TIFF" not in line
