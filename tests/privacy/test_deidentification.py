"""Nothing that was planted in a source comes out, unless it was asked for; then all of it does."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.privacy.disclosures import file_disclosures
from pathae_codec.privacy.icc_profile import read_tags
from pathae_codec.slide import open_slide
from pathae_codec.verification.verify import verify_file
from tests.planted_slide import (
    CONTAINERS,
    FILE_NAME,
    PLANTED,
    SOURCES,
    convert_planted,
    decoded_images,
    label,
    occurrences,
    planted_icc,
    shows_label,
    write_sources,
)
from tests.shared_data import require_slide
from tests.tiny_model import draw_tissue


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sources(tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize("source", SOURCES)
def test_planted_slides_are_read_as_meant(folder: Path, source: str) -> None:
    with open_slide(folder / source) as slide:
        assert slide.properties.format == ("aperio" if source.endswith(".svs") else "tiff")
        assert [(v.width, v.height) for v in slide.levels] == [(448, 320), (224, 160)]
        images = slide.associated_images()
        assert {"label", "macro"} <= set(images)
        np.testing.assert_array_equal(images["label"], label())
        assert slide.properties.icc_profile == planted_icc()


@pytest.mark.usefixtures("tiny_model_folder")
@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("source", SOURCES)
def test_nothing_planted_comes_out(folder: Path, tmp_path: Path, source: str, name: str) -> None:
    """Covers R-6.2-allow-list and R-9-associated."""
    out = convert_planted(folder, source, tmp_path / name)
    assert occurrences(out, list(PLANTED.values())) == set()
    row = label()[30, :16].tobytes()
    files = [out] if out.is_file() else [p for p in out.rglob("*") if p.is_file()]
    assert not any(row in file.read_bytes() for file in files)
    images = list(decoded_images(out))
    assert len(images) == 1
    assert not any(shows_label(image) for image in images)
    assert file_disclosures(out) == ()


def test_nothing_planted_is_in_the_overview_beside_it(folder: Path, tmp_path: Path) -> None:
    """Covers R-6.2-allow-list for what is written beside a container."""
    convert_planted(folder, SOURCES[0], tmp_path / "out.tif", jpeg_sidecar=True)
    (overview,) = tmp_path.glob("*.overview.tif")
    assert occurrences(overview, list(PLANTED.values())) == set()
    with tifffile.TiffFile(overview) as tiff:
        assert not any(shows_label(page.asarray()) for page in tiff.pages)


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("source", SOURCES)
def test_all_that_is_asked_for_comes_out_and_is_listed(
    folder: Path, tmp_path: Path, source: str, name: str
) -> None:
    out = convert_planted(
        folder, source, tmp_path / name, keep_metadata=True, keep=frozenset({"label", "macro"})
    )
    expected = set(PLANTED.values())
    if source.endswith(".svs"):  # OpenSlide does not give it.
        expected.remove(PLANTED["xmp"])
    else:  # Only Aperio's description has them.
        for key in ("user", "date", "time", "scanner", "title", "barcode"):
            expected.remove(PLANTED[key])
    assert occurrences(out, list(PLANTED.values())) == expected
    assert any(shows_label(image) for image in decoded_images(out))
    listed = file_disclosures(out)
    texts = "\n".join(entry.what for entry in listed)
    # What hides behind the numbers of a curve shows as soon as nothing else does.
    assert [text for text in sorted(expected - {PLANTED["icc tail"]}) if text not in texts] == []
    places = [entry.where for entry in listed]
    assert {"image label", "image macro", "slide record source.metadata file.name"} <= set(places)
    assert any(FILE_NAME in entry.what for entry in listed)
    assert "ICC profile creation date" in places


@pytest.mark.parametrize("name", CONTAINERS)
def test_conversions_are_reproducible(folder: Path, tmp_path: Path, name: str) -> None:
    def content(path: Path) -> dict[str, bytes]:
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}

    (tmp_path / "again").mkdir()
    first = convert_planted(folder, SOURCES[0], tmp_path / name)
    second = convert_planted(folder, SOURCES[0], tmp_path / "again" / name)
    assert content(first) == content(second)


def test_profile_keeps_its_colours(folder: Path, tmp_path: Path) -> None:
    out = convert_planted(folder, SOURCES[0], tmp_path / "out.ome.zarr")
    record = json.loads((out / "zarr.json").read_text())["attributes"]["pathae"]
    tags, before = read_tags(base64.b64decode(record["icc_profile"])), read_tags(planted_icc())
    assert tags is not None
    assert before is not None
    assert set(tags) == set(before) - {b"dmdd", b"ssid"}
    for tag in (b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ"):
        assert tags[tag] == before[tag]
    for tag in (b"rTRC", b"gTRC", b"bTRC"):
        assert tags[tag] == before[tag][:14]


def test_unreadable_profile_is_left_behind_with_a_notice(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "noise.tif"
    profile = PLANTED["patient"].encode() * 20
    tifffile.imwrite(source, label(), photometric="rgb", iccprofile=profile)
    settings = ConvertSettings(model=str(folder / "tiny.safetensors"), tile=64)
    summary = convert_slide(source, tmp_path / "out.tif", settings)
    assert any("ICC profile cannot be read" in notice for notice in summary.notices)
    assert occurrences(tmp_path / "out.tif", [PLANTED["patient"]]) == set()


def test_label_of_the_shape_of_a_level_is_no_level(tmp_path: Path) -> None:
    """tifffile goes by shapes; a label in strips must not become level 1."""
    path = tmp_path / "a.tif"
    whole = np.full((256, 384, 3), 200, np.uint8)
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(whole, tile=(64, 64), photometric="rgb", metadata=None)
        image = np.full((128, 192, 3), 7, np.uint8)
        tiff.write(image, rowsperstrip=16, photometric="rgb", subfiletype=1, metadata=None)
    with open_slide(path) as slide:
        assert len(slide.levels) == 1
        assert (slide.read_region(0, 0, 0, 384, 256) == 200).all()


@pytest.mark.usefixtures("tiny_model_folder")
@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize(
    "source", ["CMU-1-Small-Region.svs", "TCGA-CR-7395.svs", "CMU-1-level.dcm"]
)
def test_real_slides_leave_their_metadata_behind(
    folder: Path, tmp_path: Path, source: str, name: str
) -> None:
    path = require_slide(source)
    with open_slide(path) as slide:
        stated = slide.properties
    allowed = {"aperio.MPP", "aperio.AppMag"} | {
        f"dicom.LossyImageCompression{what}" for what in ("", "Method", "Ratio")
    }
    secrets = [text for key, text in stated.metadata.items() if key not in allowed]
    # DICOM's word for an original image is one of ours too: "primary diagnosis".
    secrets = [text for text in secrets if len(text) > 4 and text != "PRIMARY"]
    assert path.name in secrets
    out = convert_planted(folder, str(path), tmp_path / name, tile=512)
    assert occurrences(out, secrets) == set()
    assert file_disclosures(out) == ()
    record = open_container(out).record.as_json()
    assert "metadata" not in record["source"]


def test_metadata_that_was_kept_reads_as_openslide_gives_it(folder: Path, tmp_path: Path) -> None:
    out = convert_planted(folder, SOURCES[0], tmp_path / "out.tif", keep_metadata=True)
    properties = pathae_codec.open(out).properties
    assert properties["aperio.User"] == PLANTED["user"]
    assert properties["openslide.vendor"] == "pathae"
    again = convert_planted(folder, str(out), tmp_path / "again.ome.zarr", keep_metadata=True)
    assert (
        open_container(again).record.as_json()["source"]["metadata"]["aperio.User"]
        == PLANTED["user"]
    )
    clean = convert_planted(folder, str(out), tmp_path / "clean.ome.zarr")
    assert occurrences(clean, list(PLANTED.values())) == set()


@pytest.mark.parametrize("keep_metadata", [False, True])
def test_verify_takes_the_neutral_profile_for_that_of_the_source(
    folder: Path, tmp_path: Path, keep_metadata: bool
) -> None:
    out = convert_planted(folder, SOURCES[0], tmp_path / "out.tif", keep_metadata=keep_metadata)
    metadata = verify_file(out, folder / SOURCES[0]).metadata
    assert [entry.name for entry in metadata if not entry.same] == []
    other = tmp_path / "other.tif"
    tifffile.imwrite(other, draw_tissue(320, 448), photometric="rgb")
    differing = [entry.name for entry in verify_file(out, other).metadata if not entry.same]
    assert "ICC profile" in differing


def test_verify_against_a_pathae_file(folder: Path, tmp_path: Path) -> None:
    first = convert_planted(folder, SOURCES[0], tmp_path / "first.ome.zarr")
    second = convert_planted(folder, str(first), tmp_path / "second.tif", max_error=0)
    found = verify_file(second, first)
    assert found.problems == ()
    assert [entry.name for entry in found.metadata if not entry.same] == []
