"""Containers in memory, and what an attacker changes in them: JSON, tags, descriptions."""

import json
import struct
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import tifffile

from pathae_codec.verification.structure import Structure, check_container
from tests.memory_storage import load_files, open_files

FIXTURES = Path(__file__).parents[1] / "fixtures" / "0.1.0"
TIFF, ZARR3, ZARR2 = "slide.tif", "slide.ome.zarr", "slide-0.4.ome.zarr"
NAMES = (TIFF, ZARR3, ZARR2)
Files = dict[str, bytes]
Change = Callable[[Any], None]
_ENTRY = struct.Struct("<HHII")


def loaded(name: str) -> Files:
    """Return the files of a fixture."""
    return load_files(FIXTURES / name)


def checked(files: Mapping[str, bytes]) -> Structure:
    """Validate a container in memory."""
    return check_container(open_files(files))


def change_json(files: Files, name: str, change: Change) -> None:
    """Change a file of JSON."""
    value = json.loads(files[name])
    change(value)
    files[name] = json.dumps(value).encode()


def change_group(files: Files, change: Change) -> None:
    """Change the attributes of the group of an OME-Zarr, v3 or v2, and what repeats them."""
    if "zarr.json" in files:
        change_json(files, "zarr.json", lambda value: change(value["attributes"]))
        return
    change_json(files, ".zattrs", change)
    if ".zmetadata" in files:
        change_json(files, ".zmetadata", lambda value: change(value["metadata"][".zattrs"]))


def change_record(files: Files, change: Change) -> None:
    """Change the slide record of any container."""
    if "" not in files:
        change_group(files, lambda attributes: change(attributes["pathae"]))
        return
    record = json.loads(_tag(files[""], 65501).rstrip(b"\0"))
    change(record)
    files[""] = with_tag(files[""], 65501, 2, json.dumps(record).encode() + b"\0")


def with_tag(data: bytes, tag: int, kind: int, value: bytes) -> bytes:
    """Return a classic TIFF whose first directory has another value in a tag: appended bytes."""
    entries, following = _directory(data)
    size = {1: 1, 2: 1, 7: 1, 3: 2, 4: 4, 5: 8}[kind]
    place = len(data)
    inline = value.ljust(4, b"\0") if len(value) <= 4 else None
    at = struct.unpack("<I", inline)[0] if inline else place
    changed = [entry for entry in entries if entry[0] != tag]
    changed.append((tag, kind, len(value) // size, at))
    return _with_directory(data if inline else data + value, sorted(changed), following)


def with_directory(data: bytes, change: Callable[[list[tuple[int, ...]]], list[Any]]) -> bytes:
    """Return a classic TIFF with another table of its first directory."""
    entries, following = _directory(data)
    return _with_directory(data, change(entries), following)


def tag_offset(data: bytes, tag: int, place: int = 0) -> int:
    """Return where the value of a tag lies."""
    with tifffile.TiffFile(BytesIO(data)) as tiff:
        return int(tiff.pages[place].aspage().tags[tag].valueoffset)


def _tag(data: bytes, tag: int) -> bytes:
    entries, _ = _directory(data)
    (entry,) = (entry for entry in entries if entry[0] == tag)
    return data[entry[3] : entry[3] + entry[2]]


def _directory(data: bytes) -> tuple[list[tuple[int, ...]], bytes]:
    start = int.from_bytes(data[4:8], "little")
    (count,) = struct.unpack_from("<H", data, start)
    end = start + 2 + count * _ENTRY.size
    table = data[start + 2 : end]
    return [tuple(entry) for entry in _ENTRY.iter_unpack(table)], data[end : end + 4]


def _with_directory(data: bytes, entries: list[tuple[int, ...]], following: bytes) -> bytes:
    padded = data + bytes(len(data) % 2)
    table = b"".join(_ENTRY.pack(*entry) for entry in entries)
    start = struct.pack("<I", len(padded))
    return padded[:4] + start + padded[8:] + struct.pack("<H", len(entries)) + table + following
