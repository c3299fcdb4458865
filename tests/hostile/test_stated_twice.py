"""Two readers, two pictures: what a file says twice is compared, and tags are there once."""

import json
import struct
from collections.abc import Callable
from typing import Any

import pytest

from pathae_codec.errors import ContainerError
from tests.hostile.changed_files import (
    NAMES,
    TIFF,
    ZARR2,
    ZARR3,
    Files,
    change_group,
    change_json,
    change_record,
    checked,
    loaded,
    tag_offset,
    with_directory,
    with_tag,
)
from tests.memory_storage import open_files


@pytest.mark.parametrize("name", NAMES)
def test_sound_files_say_the_same_everywhere(name: str) -> None:
    assert checked(loaded(name)).problems == ()


@pytest.mark.parametrize("tag", [324, 325, 65501, 256])
def test_a_tag_is_there_once(tag: int) -> None:
    """Covers R-tiff-tags-once."""
    files = loaded(TIFF)

    def twice(entries: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        (entry,) = (entry for entry in entries if entry[0] == tag)
        return sorted([*entries, (*entry[:3], entry[3] + 4)])

    files[""] = with_directory(files[""], twice)
    with pytest.raises(ContainerError, match="expected each tag once"):
        open_files(files)


def test_tags_ascend() -> None:
    files = loaded(TIFF)
    files[""] = with_directory(files[""], lambda entries: entries[::-1])
    assert checked(files).problems == ("TIFF directory 0: expected its tags in ascending order",)


def test_tiles_have_no_strips_beside_them() -> None:
    files = loaded(TIFF)
    files[""] = with_tag(files[""], 273, 4, struct.pack("<I", 8))
    assert "found tags of strips" in checked(files).problems[0]


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        (b"MPP = 0.5", b"MPP = 0.2", "record states MPP 0.5, its description 0.2"),
        (b"|MPP = 0.5", b"|XPP = 0.5", "record states MPP 0.5, its description None"),
        (b"AppMag = 20", b"AppMag = 40", "record states AppMag 20.0, its description 40"),
        (b"AppMag = 20|MPP = 0.5", b"MPP = 0.5| |MPP = 0.5", "states MPP 2 times"),
        (b"(128x128)", b"(256x256)", "another size of level 0, or of its tiles"),
        (b"[0,0 400x320]", b"[0,0 401x320]", "another size of level 0, or of its tiles"),
    ],
)
def test_description_of_a_tiff(old: bytes, new: bytes, match: str) -> None:
    """Covers R-tiff-said-twice."""
    files = loaded(TIFF)
    assert len(old) == len(new)
    files[""] = files[""].replace(old, new, 1)
    assert match in " ".join(checked(files).problems)


@pytest.mark.parametrize(("tag", "axis"), [(282, "x"), (283, "y")])
def test_resolution_of_a_tiff(tag: int, axis: str) -> None:
    data = bytearray(loaded(TIFF)[""])
    struct.pack_into("<II", data, tag_offset(bytes(data), tag), 20002, 1)
    (problem,) = checked({"": bytes(data)}).problems
    assert problem.startswith(f"level 0: the record states 0.5 microns per pixel of {axis}, its")


def test_unit_of_a_resolution() -> None:
    data = bytearray(loaded(TIFF)[""])
    struct.pack_into("<H", data, tag_offset(bytes(data), 296), 2)
    assert checked({"": bytes(data)}).problems == ("level 0: expected a resolution in centimetres",)


def _set(path: str, value: object) -> Callable[[Any], None]:
    def change(node: Any) -> None:  # noqa: ANN401
        *parents, last = path.split("/")
        for key in parents:
            node = node[int(key) if key.isdigit() else key]
        node[int(last) if last.isdigit() else last] = value

    return change


MULTISCALE = {ZARR3: "ome/multiscales/0/", ZARR2: "multiscales/0/"}
OMERO = {ZARR3: "ome/omero/", ZARR2: "omero/"}


@pytest.mark.parametrize("name", [ZARR3, ZARR2])
@pytest.mark.parametrize(
    ("path", "value", "match"),
    [
        ("axes/1/unit", "nanometer", "ome axes"),
        ("axes/1/name", "x", "ome axes"),
        ("axes/0/type", "time", "ome axes"),
        ("coordinateTransformations", [{"type": "scale", "scale": [1, 2, 2]}], "none of the image"),
        ("datasets/1/coordinateTransformations/0/type", "translation", "expected one scale"),
        ("datasets/0/coordinateTransformations/0/scale/1", 0.51, "level 0 scale of y"),
    ],
)
def test_axes_units_and_scales_of_ome(name: str, path: str, value: object, match: str) -> None:
    """Covers R-zarr-said-twice."""
    files = loaded(name)
    change_group(files, _set(MULTISCALE[name] + path, value))
    assert match in " ".join(checked(files).problems)


@pytest.mark.parametrize("name", [ZARR3, ZARR2])
@pytest.mark.parametrize(
    ("path", "value"),
    [("0/color", "0000FF"), ("1/active", False), ("2/window", {"start": 0, "end": 10})],
)
def test_colours_of_ome(name: str, path: str, value: object) -> None:
    files = loaded(name)
    change_group(files, _set(f"{OMERO[name]}channels/{path}", value))
    assert f"ome channel {path[0]} {path[2:]}: expected" in checked(files).problems[0]


@pytest.mark.parametrize("name", [ZARR3, ZARR2])
def test_a_second_image_of_ome(name: str) -> None:
    files = loaded(name)
    key = "ome" if name == ZARR3 else None

    def twice(attributes: dict[str, Any]) -> None:
        images = (attributes[key] if key else attributes)["multiscales"]
        images.append(images[0])

    change_group(files, twice)
    assert "ome multiscales: expected one image, found 2" in checked(files).problems


@pytest.mark.parametrize("name", [ZARR3, ZARR2])
def test_names_of_the_axes_of_an_array(name: str) -> None:
    files = loaded(name)
    where, key = {
        ZARR3: ("0/zarr.json", "dimension_names"),
        ZARR2: ("0/.zattrs", "_ARRAY_DIMENSIONS"),
    }[name]
    change_json(files, where, lambda value: value.update({key: ["c", "x", "y"]}))
    assert "array 0 names of axes: expected" in " ".join(checked(files).problems)


@pytest.mark.parametrize("name", [ZARR3, ZARR2])
def test_consolidated_metadata_with_other_codebooks(name: str) -> None:
    """zarr takes the codec of the consolidated metadata, ours that of the array."""
    files = loaded(name)

    def swap(nodes: dict[str, Any]) -> None:
        node = nodes["0" if name == ZARR3 else "0/.zarray"]
        text = json.dumps(node)
        start = text.index('"parameters": "') + len('"parameters": "')
        nodes["0" if name == ZARR3 else "0/.zarray"] = json.loads(
            text[: start + 8] + ("A" if text[start + 8] != "A" else "B") + text[start + 9 :]
        )

    if name == ZARR3:
        change_json(files, "zarr.json", lambda v: swap(v["consolidated_metadata"]["metadata"]))
    else:
        change_json(files, ".zmetadata", lambda value: swap(value["metadata"]))
    assert any("expected what its own file says" in p for p in checked(files).problems)


@pytest.mark.parametrize("name", [ZARR3, ZARR2])
def test_a_member_of_json_is_there_once(name: str) -> None:
    """Covers R-6-members-once."""
    files = loaded(name)
    file = "0/zarr.json" if name == ZARR3 else "0/.zarray"
    files[file] = files[file].replace(b"{", b'{"shape": [3, 8, 8], ', 1)
    with pytest.raises(ContainerError, match="a member is there twice"):
        open_files(files)


def test_a_member_of_a_record_is_there_once() -> None:
    files = loaded(TIFF)
    files[""] = files[""].replace(b'"software":', b'"quality" :', 1)
    with pytest.raises(ContainerError, match="slide record: expected JSON: a member"):
        open_files(files)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("path", "value", "match"),
    [
        ("lossy_history", [], "expected a last step PathAE"),
        ("lossy_history/1/ratio", 6.6, "a ratio of 6.6, the tiles have 66.223"),
        ("lossy_history/1/quality", 100, "states quality 100, the record 20"),
        ("lossy_history/1/parameters/min_psnr", 60.0, "states min_psnr 60.0, the record 22.0"),
        ("lossy_history/1/parameters/decoder", "sha256:0", "states decoder sha256:0"),
        ("lossy_history/1/parameters/model", "best", "states model best, the record tiny-f8c4"),
        ("research_only", False, "expected what fits research_only False"),
        ("intended_use", "primary diagnosis", "expected what fits research_only True"),
    ],
)  # fmt: skip
def test_history_and_use(name: str, path: str, value: object, match: str) -> None:
    """Covers R-6-said-twice."""
    files = loaded(name)
    change_record(files, _set(path, value))
    problems = " ".join(checked(files).problems)
    assert match in problems


def test_a_file_is_not_freed_for_diagnosis_by_its_record_alone() -> None:
    files = loaded(TIFF)
    change_record(files, lambda record: record.update(research_only=False, intended_use="anything"))
    (problem,) = checked(files).problems
    assert "for more than research, the card of its model does not" in problem


def test_changes_are_those_that_are_meant() -> None:
    """The tools of this module change nothing else."""
    files: Files = loaded(TIFF)
    change_record(files, lambda record: record.update(software="pathae 0.1.1"))
    assert checked(files).problems == ()
    assert open_files(files).record.software == "pathae 0.1.1"
