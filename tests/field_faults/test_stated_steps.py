"""Lossy history: what a coding lost, and what an exported file itself states."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.record.lossy_history import LossyStep, describe_step
from pathae_codec.record.stated_history import parse_history
from pathae_codec.slide import open_slide
from tests.field_faults.exact_conversion import convert, record
from tests.shared_data import require_slide
from tests.tiny_model import NAME, draw_tissue

pytestmark = pytest.mark.usefixtures("tiny_model_folder")
NOISE = np.random.default_rng(0).integers(0, 256, (128, 192, 3), np.uint8)


@pytest.mark.parametrize("drawn", ["tissue", "noise"])
@pytest.mark.parametrize(
    ("compression", "options", "method"),
    [
        ("jpegxl", {"lossless": True}, None),
        ("jpegxl", {"lossless": True, "usecontainer": True}, None),
        ("jpegxl", {"level": 90, "lossless": False}, "JPEG XL"),
        ("jpegxl", {"distance": 1.0, "usecontainer": True, "lossless": False}, "JPEG XL"),
        ("jpegxr", {}, None),
        ("jpegxr", {"level": 1.0}, None),
        ("jpegxr", {"level": 80}, "JPEG XR"),
        ("webp", {"lossless": True}, None),
        ("webp", {"level": 80, "lossless": False}, "WebP"),
        ("lerc", {}, None),
        ("lerc", {"level": 0.5, "compression": "zstd"}, None),
        ("lerc", {"level": 3}, "LERC"),
        ("lerc", {"level": 3, "compression": "zstd"}, "LERC"),
        ("lerc", {"level": 3, "compression": "deflate"}, "LERC"),
        ("lzma", {}, None),
        ("packbits", {}, None),
    ],
)
def test_a_coding_is_a_step_where_it_loses(
    tmp_path: Path, drawn: str, compression: str, options: dict[str, Any], method: str | None
) -> None:
    pixels = NOISE if drawn == "noise" else draw_tissue(128, 192)
    path = tmp_path / "a.tif"
    arguments: dict[str, Any] = {"compressionargs": options} if options else {}
    tifffile.imwrite(
        path, pixels, photometric="rgb", tile=(64, 64), compression=compression, **arguments
    )
    convert(path, tmp_path / "c.tif")
    steps = record(tmp_path / "c.tif")["lossy_history"]
    assert [step["method"] for step in steps] == ([method] if method else [])
    if method == "LERC":
        assert steps[0]["parameters"] == {"max_error": 3.0}


def test_one_lossy_tile_among_lossless_ones_is_a_step(tmp_path: Path) -> None:
    import imagecodecs

    tiles = [
        imagecodecs.jpegxl_encode(NOISE[:64, 64 * n : 64 * n + 64], lossless=n != 1)
        for n in range(3)
    ]
    path = tmp_path / "a.tif"
    options: dict[str, Any] = {"shape": (64, 192, 3), "dtype": np.uint8, "tile": (64, 64)}
    tifffile.imwrite(path, iter(tiles), photometric="rgb", compression="jpegxl", **options)
    with open_slide(path) as slide:
        assert [step.method for step in slide.properties.history] == ["JPEG XL"]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Return a PathAE file whose history is that of an SVS and our own step."""
    write_synthetic_slide(tmp_path / "a.svs", width=300, height=200)
    out = tmp_path / "stored.tif"
    options = ["--model", NAME, "--tile", "64", "--min-psnr", "30"]
    assert main(["convert", str(tmp_path / "a.svs"), str(out), *options]) == 0
    return out


@pytest.mark.parametrize(
    ("name", "options", "own"),
    [
        ("b.tif", [], "JPEG"),
        ("b.tif", ["--codec", "deflate"], None),
        ("b.tif", ["--codec", "jpegxl"], "JPEG XL"),
        ("b.ome.tif", [], "JPEG"),
        ("b.ome.tif", ["--codec", "deflate"], None),
        ("b.dcm", [], "JPEG"),
    ],
)
def test_export_and_back_keeps_every_step(
    stored: Path, tmp_path: Path, name: str, options: list[str], own: str | None
) -> None:
    if name.endswith(".dcm"):
        pytest.importorskip("wsidicom")
    before = record(stored)["lossy_history"]
    assert [step["method"] for step in before] == ["JPEG", "PathAE"]
    exported, back = tmp_path / name, tmp_path / "back.ome.zarr"
    assert main(["export", str(stored), str(exported), *options]) == 0
    convert(exported, back)
    after = record(back)["lossy_history"]
    assert [step["method"] for step in after] == ["JPEG", "PathAE"] + ([own] if own else [])
    for earlier, later in zip(before, after[:2], strict=True):
        for key in ("software", "quality", "dicom_method"):
            assert later.get(key) == earlier.get(key)
        assert later["ratio"] == pytest.approx(earlier["ratio"], rel=0.01)
    assert after[1]["parameters"] == {"model": NAME, "min_psnr": 30}
    if own:
        assert after[-1]["quality"] == 90
        assert after[-1]["ratio"] > 1
    assert record(back)["research_only"] is True


def test_pixels_that_are_not_square_keep_every_step(tmp_path: Path) -> None:
    path, exported = tmp_path / "a.tif", tmp_path / "b.tif"
    resolution: dict[str, Any] = {"resolution": (40_000, 20_000), "resolutionunit": "CENTIMETER"}
    tifffile.imwrite(
        path, NOISE, photometric="rgb", tile=(64, 64), compression="jpeg", **resolution
    )
    convert(path, tmp_path / "c.tif")
    assert main(["export", str(tmp_path / "c.tif"), str(exported), "--quality", "80"]) == 0
    with open_slide(exported) as slide:
        assert slide.properties.mpp == pytest.approx((0.25, 0.5))
        found = [(step.method, step.quality) for step in slide.properties.history]
    assert found == [("JPEG", 95), ("JPEG", 80)]


def test_a_later_program_that_keeps_the_description_adds_its_step(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    text = "Exported from PathAE|Lossy history = JPEG, quality 30, 20:1; PathAE, quality 50, 70:1"
    options: dict[str, Any] = {"compression": "jpeg", "description": text, "metadata": None}
    tifffile.imwrite(path, NOISE, photometric="rgb", tile=(64, 64), **options)
    with open_slide(path) as slide:
        methods = [step.method for step in slide.properties.history]
    assert methods == ["JPEG", "PathAE", "JPEG"]


def test_words_of_steps_are_read_back_and_others_are_not() -> None:
    steps = (
        LossyStep(
            "JPEG", 15.5, 30, "Aperio Image Library v11.2.1", {"quality_from": "description"}
        ),
        LossyStep("JPEG 2000", None, 70.5),
        LossyStep("PathAE", 71.2, 50, "pathae 0.1.0", {"model": "he-f16c192-3", "min_psnr": 25.5}),
        LossyStep("PathAE", quality=30, parameters={"model": "two-faces", "realism": 0.125}),
        LossyStep("ISO_13818_2"),
    )
    text = "; ".join(map(describe_step, steps))
    assert parse_history(text) == steps
    assert parse_history(text, whole=False) == steps[:-1]
    (step,) = parse_history("JPEG, quality 30, by John Doe")
    assert step == LossyStep("unknown")


def test_steps_of_a_real_slide_come_back(tmp_path: Path) -> None:
    import openslide

    source = require_slide("CMU-1-Small-Region.svs")
    with openslide.OpenSlide(source) as slide:
        pixels = np.asarray(slide.read_region((900, 900), 0, (128, 128)))[..., :3]
        description = slide.properties["openslide.comment"]
    crop, out, exported, back = (tmp_path / n for n in ("a.svs", "c.tif", "b.tif", "d.tif"))
    options: dict[str, Any] = {"description": description, "metadata": None, "tile": (64, 64)}
    arguments: dict[str, Any] = {"compression": "jpeg", "compressionargs": {"level": 30}}
    tifffile.imwrite(crop, pixels, photometric="rgb", **options, **arguments)
    convert(crop, out)
    assert main(["export", str(out), str(exported)]) == 0
    convert(exported, back)
    before, after = record(out)["lossy_history"], record(back)["lossy_history"]
    assert [step["software"] for step in before] == [
        "Aperio Image Library v10.0.51",
        "Aperio Image Library v11.2.1",
    ]
    assert [step.get("software") for step in after] == [step["software"] for step in before] + [
        None
    ]
