"""`pathae info --phi`: what a file, or a source, says of where it comes from."""

import json
from pathlib import Path

import pytest
import tifffile

from pathae_codec.cli import main
from pathae_codec.privacy.disclosures import file_disclosures, source_disclosures
from tests.planted_slide import (
    CONTAINERS,
    PLANTED,
    SOURCES,
    convert_planted,
    label,
    write_sources,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sources(tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize(
    ("source", "secret"), [(SOURCES[0], "user"), (SOURCES[1], "xmp"), (SOURCES[0], "patient")]
)
def test_info_phi_of_a_source_lists_what_is_left_behind(
    folder: Path, source: str, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", "--phi", str(folder / source)]) == 0
    shown = capsys.readouterr().out
    assert "pathae convert leaves this behind" in shown
    assert "image label: 90 x 70 pixels" in shown
    texts = "\n".join(entry.what for entry in source_disclosures(folder / source))
    assert PLANTED[secret] in texts


@pytest.mark.usefixtures("tiny_model_folder")
def test_info_phi_says_when_there_is_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in CONTAINERS:
        out = convert_planted(folder, SOURCES[0], tmp_path / name)
        assert main(["info", "--phi", str(out)]) == 0
        shown = capsys.readouterr().out
        assert f"{name}: nothing found that says where the slide comes from" in shown
        assert main(["info", "--phi", "--json", str(out)]) == 0
        assert json.loads(capsys.readouterr().out) == []


@pytest.mark.usefixtures("tiny_model_folder")
@pytest.mark.parametrize("ngff", ["0.5", "0.4"])
def test_what_others_add_to_a_zarr_is_listed(folder: Path, tmp_path: Path, ngff: str) -> None:
    out = convert_planted(folder, SOURCES[0], tmp_path / "out.ome.zarr", ngff=ngff)
    assert file_disclosures(out) == ()
    file = out / ("zarr.json" if ngff == "0.5" else ".zattrs")
    group = json.loads(file.read_text())
    attributes = group["attributes"] if ngff == "0.5" else group
    ome = attributes["ome"] if ngff == "0.5" else attributes
    attributes["note"] = 4711
    ome["multiscales"][0]["name"] = "Alonsa"
    attributes["pathae"]["seen_by"] = "Zanka"
    file.write_text(json.dumps(group))
    (out / "OME").mkdir()
    (out / "OME" / "METADATA.ome.xml").write_text("<OME/>")
    listed = file_disclosures(out)
    # In 0.4 the consolidated metadata are now another copy: listed too.
    again = [entry for entry in listed if "metadata of .zattrs" in entry.where]
    assert len(again) == (0 if ngff == "0.5" else 2)
    found = {(entry.where.split()[-1], entry.what) for entry in listed if entry not in again}
    prefix = ("attributes.", "attributes.ome.") if ngff == "0.5" else ("", "")
    assert found == {
        (f"{prefix[0]}note", "4711"),
        (f"{prefix[1]}multiscales[0].name", "Alonsa"),
        ("seen_by", "Zanka"),
        ("file", "OME/METADATA.ome.xml"),
    }


@pytest.mark.usefixtures("tiny_model_folder")
def test_what_others_add_to_a_tiff_is_listed(folder: Path, tmp_path: Path) -> None:
    out = convert_planted(folder, SOURCES[0], tmp_path / "out.tif")
    with tifffile.TiffFile(out, mode="r+") as tiff:
        first = tiff.pages.first
        # The tag of GDAL's comes last of those of level 0 that nobody decodes by.
        first.tags[42113].overwrite("of Zanka")
        first.tags[270].overwrite(first.description + "|User = Zanka")
    found = {(entry.where, entry.what.rpartition("|")[2]) for entry in file_disclosures(out)}
    assert found == {
        ("TIFF directory 0 tag 42113", "of Zanka"),
        ("TIFF directory 0 tag 270", "User = Zanka"),
    }
    with tifffile.TiffWriter(out, append=True) as more:
        more.write(label(), photometric="rgb", metadata=None, datetime="1999:03:04 05:06:07")
    found = {(entry.where, entry.what) for entry in file_disclosures(out)}
    assert ("TIFF directory 3 tag 306 (DateTime)", "1999:03:04 05:06:07") in found
    assert ("image without a name", "90 x 70 pixels; it can show names and numbers") in found


@pytest.mark.usefixtures("tiny_model_folder")
@pytest.mark.parametrize(
    ("stem", "suspicious"),
    [
        ("slide", False),
        ("tumour_03", False),
        ("S21-98765", True),
        ("TCGA-CR-7395", True),
        ("CMU-1-Small-Region", False),
        ("2021-03-04 liver", True),
        ("1004486", True),
        ("b414003d-95c6-48b0-9369-8010ed517ba7", True),
    ],
)
def test_names_that_look_like_identifiers(
    folder: Path, tmp_path: Path, stem: str, suspicious: bool
) -> None:
    out = convert_planted(folder, SOURCES[0], tmp_path / "out.tif").rename(tmp_path / f"{stem}.tif")
    assert [entry.where for entry in file_disclosures(out)] == ["name of the file"] * suspicious
