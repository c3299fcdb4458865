"""What a source says of its own lossy steps: coding, quality, programs."""

from pathlib import Path
from typing import Any

import imagecodecs
import pytest
import tifffile

from pathae_codec.record.lossy_history import LossyStep, appended
from pathae_codec.slide import open_slide
from pathae_codec.slide.source_coding import jpeg_quality
from pathae_codec.slide.vendor_history import aperio_history, dicom_history
from tests.shared_data import require_slide
from tests.tiny_model import draw_tissue


@pytest.mark.parametrize(
    ("compression", "options", "method", "quality"),
    [
        (None, {}, None, None),
        ("lzw", {}, None, None),
        ("zstd", {}, None, None),
        ("jpeg", {"level": 61}, "JPEG", 61),
        ("jpeg2000", {"level": 35, "reversible": False}, "JPEG 2000", None),
        ("jpeg2000", {"level": 0, "reversible": True}, None, None),
        ("webp", {"level": 40, "lossless": False}, "WebP", None),
        ("webp", {"lossless": True}, None, None),
    ],
)
def test_coding_of_a_source_is_a_step_where_it_loses(
    tmp_path: Path, compression: str | None, options: dict[str, Any], method: str, quality: int
) -> None:
    path, pixels = tmp_path / "a.tif", draw_tissue(128, 192)
    arguments: dict[str, Any] = {"compressionargs": options} if options else {}
    tifffile.imwrite(
        path, pixels, photometric="rgb", tile=(64, 64), compression=compression, **arguments
    )
    with open_slide(path) as slide:
        history = slide.properties.history
    assert [step.method for step in history] == ([method] if method else [])
    if method:
        with tifffile.TiffFile(path) as tiff:
            stored = sum(tiff.pages.first.databytecounts)
        assert history[0].ratio == round(pixels.size / stored, 3)
        assert history[0].quality == quality


@pytest.mark.parametrize("quality", [1, 7, 25, 49, 50, 51, 75, 88, 95, 100])
def test_quality_of_a_jpeg(quality: int) -> None:
    data = imagecodecs.jpeg_encode(draw_tissue(64, 64), level=quality)
    assert jpeg_quality(data) == (quality, True)


def test_quality_of_other_tables_is_the_nearest() -> None:
    data = bytearray(imagecodecs.jpeg_encode(draw_tissue(64, 64), level=75))
    place = data.index(b"\xff\xdb") + 5
    data[place + 20] += 1
    assert jpeg_quality(bytes(data)) == (75, False)
    assert jpeg_quality(b"") is None
    assert jpeg_quality(b"\xff\xd8\xff\xdb\x00") is None


def test_aperio_tells_of_every_program_that_saved_it() -> None:
    line = (
        "Aperio Image Library v11.2.1 \r\n46000x32914 [42673,5576 2220x2967] (240x240) "
        "JPEG/RGB Q=30"
        ";Aperio Image Library v10.0.51\r\n46920x33014 [0,100 46000x32914] (256x256) J2K/KDU Q=70"
        "|AppMag = 20|Title = a; JPEG Q=3"
    )
    coding = LossyStep("JPEG", 15.0, 30)
    assert aperio_history(line, coding) == (
        LossyStep(
            "JPEG 2000", None, 70, "Aperio Image Library v10.0.51", {"quality_from": "description"}
        ),
        LossyStep("JPEG", 15.0, 30, "Aperio Image Library v11.2.1"),
    )
    assert aperio_history("Aperio Quixano v1.2\r\n5x5 JPEG/RGB Q=1", None) == ()
    assert aperio_history("Aperio Quixano v1.2\r\n5x5", coding) == (coding,)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"LossyImageCompression": "00", "TransferSyntaxUID": "1.2.840.10008.1.2.1"}, []),
        ({"TransferSyntaxUID": "1.2.840.10008.1.2.4.50"}, [("JPEG", None)]),
        (
            {
                "LossyImageCompression": "01",
                "LossyImageCompressionMethod[0]": "ISO_10918_1",
                "LossyImageCompressionMethod[1]": "ISO_15444_1",
                "LossyImageCompressionRatio[0]": "12.5",
                "LossyImageCompressionRatio[1]": "nan",
            },
            [("JPEG", 12.5), ("JPEG 2000", None)],
        ),
        (
            {
                "LossyImageCompressionMethod[0]": "ISO_13818_2",
                "LossyImageCompressionMethod[1]": "QUIXANO",
                "LossyImageCompressionRatio": "9",
            },
            [("ISO_13818_2", None), ("unknown", None)],
        ),
    ],
)
def test_dicom_states_its_steps(
    stated: dict[str, str], expected: list[tuple[str, float | None]]
) -> None:
    steps = dicom_history({f"dicom.{name}": value for name, value in stated.items()})
    assert [(step.method, step.ratio) for step in steps] == expected


def test_a_term_of_dicom_without_a_short_name_stays() -> None:
    known, unknown = appended((), LossyStep("ISO_13818_2"), LossyStep("WebP"))
    assert known.as_json()["dicom_method"] == "ISO_13818_2"
    assert "dicom_method" not in unknown.as_json()


def test_real_slides() -> None:
    found = {}
    for name in ("CMU-1-Small-Region.svs", "TCGA-CR-7395.svs", "CMU-1-level.dcm"):
        with open_slide(require_slide(name)) as slide:
            found[name] = slide.properties.history
    older, newer = found["CMU-1-Small-Region.svs"]
    assert (older.software, older.quality) == ("Aperio Image Library v10.0.51", 30)
    assert (newer.software, newer.quality) == ("Aperio Image Library v11.2.1", 30)
    assert newer.ratio == pytest.approx(15.487)
    (tcga,) = found["TCGA-CR-7395.svs"]
    assert (tcga.dicom_method, tcga.quality) == ("ISO_15444_1", 70)
    assert tcga.ratio == pytest.approx(17.170)
    (dicom,) = found["CMU-1-level.dcm"]
    assert dicom.as_json() == {"method": "JPEG", "dicom_method": "ISO_10918_1", "ratio": 15.802}
