"""What was lost on the way is told step by step, appended and never changed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.privacy.disclosures import file_disclosures
from pathae_codec.record.json_object import json_keys
from pathae_codec.record.lossy_history import LossyStep, appended
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.slide.identity import source_identity
from tests.conformance.test_schemas import RECORD
from tests.conformance.vectors import SPEC
from tests.fixtures.make_fixtures import FILES
from tests.fixtures.test_fixtures import VERSIONS
from tests.tiny_model import draw_tissue, tiny_model

SCHEMA = json.loads((SPEC / "v1" / "schema" / "slide_record.schema.json").read_text("utf-8"))
VALUES = st.one_of(st.text(max_size=8), st.integers(), st.none(), st.lists(st.text(), max_size=2))
STEPS = st.builds(
    lambda known, further: {**further, **known},
    st.fixed_dictionaries(
        {"method": st.text(max_size=8)},
        optional={
            "dicom_method": st.sampled_from(["ISO_10918_1", "SOME TERM"]),
            "ratio": st.floats(1e-9, 1e9),
            "quality": st.integers() | st.text(max_size=4),
            "software": st.text(max_size=8),
            "parameters": st.dictionaries(st.text(max_size=4), st.text() | st.none(), max_size=2),
        },
    ),
    st.dictionaries(st.text(max_size=8), VALUES, max_size=4).filter(
        lambda further: not further.keys() & json_keys(LossyStep).keys()
    ),
)
"""Steps as any version may have written them: further keys, terms and ratios of their own."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    (folder / "tiny.safetensors").write_bytes(save_artifact(tiny_model()))
    write_synthetic_slide(folder / "drawn.svs", width=300, height=200)
    return folder


def convert(folder: Path, source: Path, name: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401
    asked = {"tile": 64, "quality": 60, "embed_model": True, "overwrite": True, **options}
    model = str(folder / "tiny.safetensors")
    convert_slide(source, folder / name, ConvertSettings(model=model, **asked))
    record = open_container(folder / name).record.as_json()
    Draft202012Validator(SCHEMA).validate(record)
    assert not SlideRecord.parse(record).problems
    return record


@settings(max_examples=40)
@given(st.lists(STEPS, max_size=4))
def test_a_step_is_appended_and_the_others_stay(steps: list[dict[str, Any]]) -> None:
    """Covers R-6.1-append and R-6.1-keep."""
    record = SlideRecord.parse(RECORD | {"lossy_history": steps}).sound()
    history = appended(record.lossy_history, LossyStep("JPEG", 12.34567, 90))
    stated = replace(record, lossy_history=history).as_json()["lossy_history"]
    assert stated[:-1] == steps
    assert stated[-1] == {
        "method": "JPEG", "dicom_method": "ISO_10918_1", "ratio": 12.346, "quality": 90,
    }  # fmt: skip


def test_conversion_appends_its_step(folder: Path) -> None:
    record = convert(folder, folder / "drawn.svs", "a.tif", min_psnr=20)
    scanner, ours = record["lossy_history"]
    with tifffile.TiffFile(folder / "drawn.svs") as tiff:
        stored = sum(tiff.pages.first.databytecounts)
    assert scanner == {
        "method": "JPEG",
        "dicom_method": "ISO_10918_1",
        "ratio": round(300 * 200 * 3 / stored, 3),
        "quality": 80,
        "software": "Aperio Image Library v11.2.1",
        "parameters": {"quality_from": "quantization tables"},
    }
    with tifffile.TiffFile(folder / "a.tif") as tiff:
        written = sum(tiff.pages.first.databytecounts)
    assert ours == {
        "method": "PathAE",
        "dicom_method": "PATHAE_1",
        "ratio": round(300 * 200 * 3 / written, 3),
        "quality": 60,
        "software": f"pathae {pathae_codec.__version__}",
        "parameters": {
            "model": "tiny-f8c4",
            "decoder": tiny_model().decoder_id,
            "min_psnr": 20.0,
            "max_error": None,
        },
    }


@pytest.mark.parametrize("first", ["first.tif", "first.ome.zarr"])
@pytest.mark.parametrize("second", ["second.tif", "second.ome.zarr"])
def test_a_pathae_file_is_a_source_whose_history_goes_on(
    folder: Path, first: str, second: str
) -> None:
    """Covers R-6.1-append, R-6.1-keep and R-6.1-research-only."""
    before = convert(folder, folder / "drawn.svs", first)
    after = convert(folder, folder / first, second)
    assert after["lossy_history"][:-1] == before["lossy_history"]
    assert [step["method"] for step in after["lossy_history"]] == ["JPEG", "PathAE", "PathAE"]
    assert after["source"] == {"format": "pathae", "compression": "PathAE"}
    assert after["mpp"] == pytest.approx(before["mpp"])
    assert after["magnification"] == before["magnification"]
    assert after["research_only"] is True


def test_pixels_of_a_pathae_source_are_those_that_it_decodes_to(folder: Path) -> None:
    convert(folder, folder / "drawn.svs", "a.ome.zarr")
    convert(folder, folder / "a.ome.zarr", "exact.tif", max_error=0, tile=128)
    slide = pathae_codec.open(folder / "a.ome.zarr")
    np.testing.assert_array_equal(
        tifffile.imread(folder / "exact.tif", series=0), slide.read_array((0, 0), 0, (300, 200))
    )


def test_keys_of_a_later_version_come_along(folder: Path) -> None:
    """Covers R-6.1-keep."""
    convert(folder, folder / "drawn.svs", "later.ome.zarr")
    file = folder / "later.ome.zarr" / "zarr.json"
    group = json.loads(file.read_text())
    group["attributes"]["pathae"]["lossy_history"][0]["seen"] = {"by": [1, 2]}
    file.write_text(json.dumps(group))
    record = convert(folder, folder / "later.ome.zarr", "b.tif")
    assert record["lossy_history"][0]["seen"] == {"by": [1, 2]}


def test_lossless_adds_nothing(folder: Path) -> None:
    """Covers R-6.1-append: only what was lost is a step."""
    source = folder / "plain.tif"
    tifffile.imwrite(source, draw_tissue(100, 120), photometric="rgb", compression="zlib")
    assert convert(folder, source, "exact.tif", max_error=0)["lossy_history"] == []
    assert [s["method"] for s in convert(folder, source, "a.tif")["lossy_history"]] == ["PathAE"]


def test_research_only_is_never_taken_back(folder: Path) -> None:
    """Covers R-6.1-research-only."""
    model = tiny_model()
    free = replace(model, card={**model.card, "research_only": False})
    (folder / "free.safetensors").write_bytes(save_artifact(free))
    source, free_model = folder / "drawn.svs", str(folder / "free.safetensors")
    asked = ConvertSettings(model=free_model, tile=64, embed_model=True, min_psnr=0)
    convert_slide(source, folder / "free.tif", asked)
    assert open_container(folder / "free.tif").record.as_json()["research_only"] is False
    convert_slide(folder / "free.tif", folder / "free2.tif", asked)
    assert open_container(folder / "free2.tif").record.as_json()["research_only"] is False
    assert convert(folder, folder / "free.tif", "bound.tif")["research_only"] is True
    convert_slide(folder / "bound.tif", folder / "free3.tif", asked)
    assert open_container(folder / "free3.tif").record.as_json()["research_only"] is True


def test_info_has_a_line_a_step(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    convert(folder, folder / "drawn.svs", "a.tif", min_psnr=20)
    main(["info", str(folder / "a.tif")])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("lossy")]
    assert len(lines) == 2
    assert "JPEG, quality 80 (by quantization tables), " in lines[0]
    assert "PathAE, quality 60, " in lines[1]
    assert lines[1].endswith("model tiny-f8c4, every tile 20 dB or more")


WRONG_VALUES = pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lossy_history", [{"method": "JPEG", "ratio": 0}]),
        ("lossy_history", [{"method": "JPEG", "quality": []}]),
        ("lossy_history", "JPEG"),
        ("lossy_history", [{"method": "JPEG", "ratio": "12"}]),
        ("lossy_history", [{"method": "JPEG", "dicom_method": "iso"}]),
        ("lossy_history", [{"method": "JPEG", "parameters": [1]}]),
        ("lossy_history", [{"method": "JPEG", "parameters": {"a": {}}}]),
        ("lossy_history", [{"method": "JPEG", "software": 1}]),
        ("lossy_history", [{"ratio": 2}]),
        ("lossy_history", ["JPEG"]),
        ("research_only", 1),
        ("source", {"format": "aperio", "compression": None, "metadata": {"a": 1}}),
        ("source", {"format": "aperio", "compression": None, "metadata": ["a"]}),
        ("mpp", [1]),
        ("magnification", "20x"),
    ],
)


@WRONG_VALUES
def test_wrong_values_are_told(folder: Path, key: str, value: object) -> None:
    """Covers R-6-schema."""
    record = convert(folder, folder / "drawn.svs", "a.tif")
    record[key] = value
    assert not Draft202012Validator(SCHEMA).is_valid(record)
    assert [line.split(":")[0] for line in SlideRecord.parse(record).problems.values()] == [
        f"slide record {key}"
    ]


@WRONG_VALUES
def test_wrong_values_are_an_error_and_no_more(
    folder: Path, key: str, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """Covers R-9-hostile for the slide record."""
    path = folder / "wrong.ome.zarr"
    if not path.exists():
        convert(folder, folder / "drawn.svs", path.name)
    file = path / "zarr.json"
    text = file.read_text()
    group = json.loads(text)
    group["attributes"]["pathae"][key] = value
    file.write_text(json.dumps(group))
    try:
        out = str(folder / "never.tif")
        for command in (
            ["info", str(path)],
            ["info", "--phi", str(path)],
            ["convert", str(path), out],
        ):
            assert main(command) == 2
            assert f"slide record {key}: not as the schema says" in capsys.readouterr().err
    finally:
        file.write_text(text)


@pytest.mark.usefixtures("tiny_model_folder")
@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
@pytest.mark.parametrize("name", FILES)
def test_files_of_earlier_versions_keep_what_they_say(
    folder: Path, version: Path, name: str
) -> None:
    record = open_container(version / name).record.as_json()
    assert not SlideRecord.parse(record).problems
    assert file_disclosures(version / name) == ()
    again = convert(folder, version / name, "again.tif")
    assert again["lossy_history"][:-1] == record["lossy_history"]
    assert again["research_only"] is True


def test_a_folder_is_identified_by_all_its_files(folder: Path) -> None:
    convert(folder, folder / "drawn.svs", "a.ome.zarr")
    before = source_identity(folder / "a.ome.zarr")
    assert source_identity(folder / "a.ome.zarr") == before
    with (folder / "a.ome.zarr" / "0" / "zarr.json").open("a") as file:
        file.write(" ")
    assert source_identity(folder / "a.ome.zarr") != before
