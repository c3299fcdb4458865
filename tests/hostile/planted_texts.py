"""Texts planted where a file of ours has room for them, by the kind of place."""

import base64
import json
import struct
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import numpy as np
import tifffile
from safetensors.numpy import load, save

from format_spec.v1.vectors.vector import record_text
from tests.hostile.changed_files import (
    Files,
    change_record,
    with_directory,
    with_tag,
)

PLANTED = "Quixano Alonsa"
TEXT = PLANTED.encode()
Plant = Callable[[Files], None]
_ASCII, _UNDEFINED = 2, 7


def _in_record(change: Callable[[Any], object]) -> Plant:
    return lambda files: change_record(files, change)


def _step(**members: object) -> Plant:
    return _in_record(lambda record: record["lossy_history"][0].update(members))


RECORD: Mapping[str, Plant] = {
    "software": _in_record(lambda r: r.update(software=PLANTED)),
    "address": _in_record(lambda r: r.update(address=PLANTED)),
    "another key": _in_record(lambda r: r.update(note=PLANTED)),
    "intended use": _in_record(lambda r: r.update(intended_use=f"research only; {PLANTED}")),
    "name of the model": _in_record(lambda r: r["model"].update(name=PLANTED)),
    "licence of the model": _in_record(lambda r: r["model"].update(license=PLANTED)),
    "sources of the model": _in_record(lambda r: r["model"].update(sources=[PLANTED])),
    "another key of the model": _in_record(lambda r: r["model"].update(note=PLANTED)),
    "format of the source": _in_record(lambda r: r["source"].update(format=PLANTED)),
    "compression of the source": _in_record(lambda r: r["source"].update(compression=PLANTED)),
    "another key of the source": _in_record(lambda r: r["source"].update(note=PLANTED)),
    "metadata of the source": _in_record(lambda r: r["source"].update(metadata={"a": PLANTED})),
    "another key of the counts": _in_record(lambda r: r["tiles"].update(note=PLANTED)),
    "a name of a mode": _in_record(lambda r: r["tiles"]["modes"].update({PLANTED: 1})),
    "a key of the worst tile": _in_record(lambda r: r["tiles"]["worst_psnr"].update(by=PLANTED)),
    "method of a step": _step(method=PLANTED),
    "quality of a step": _step(quality=PLANTED),
    "software of a step": _step(software=PLANTED),
    "another key of a step": _step(note=PLANTED),
    "a parameter of a step": _step(parameters={"quality_from": PLANTED}),
    "a name of a parameter": _step(parameters={PLANTED: 1}),
    "model of a step": _step(parameters={"model": PLANTED}),
}


def _in_parameters(
    change: Callable[[dict[str, Any], dict[str, Any], dict[str, str]], object],
) -> Plant:
    def plant(files: Files) -> None:
        data = _parameters(files)
        record, tensors, more = json.loads(record_text(data)), dict(load(data)), dict[str, str]()
        record.pop("digest", None)
        change(record, tensors, more)
        _with_parameters(files, save(tensors, {"pathae": json.dumps(record), **more}))

    return plant


CODEC_PARAMETERS: Mapping[str, Plant] = {
    "licence of the card": _in_parameters(lambda r, *_: r["card"].update(license=PLANTED)),
    "sources of the card": _in_parameters(lambda r, *_: r["card"].update(sources=[PLANTED])),
    "another key of the card": _in_parameters(lambda r, *_: r["card"].update(trained_by=PLANTED)),
    "a scale that is a text": _in_parameters(lambda r, *_: r["card"].update(shift_factor=PLANTED)),
    "another key of the parameters": _in_parameters(lambda r, *_: r.update(note=PLANTED)),
    "another key of the decoder": _in_parameters(lambda r, *_: r["decoder"].update(note=PLANTED)),
    "metadata of safetensors": _in_parameters(lambda _r, _t, more: more.update(note=PLANTED)),
    "another tensor": _in_parameters(
        lambda _, tensors, __: tensors.update(note=np.frombuffer(TEXT, np.uint8))
    ),
}


def _parameters(files: Files) -> bytes:
    if "" in files:
        with tifffile.TiffFile(BytesIO(files[""])) as tiff:
            return bytes(tiff.pages.first.tags[65502].value)
    return zlib.decompress(base64.b64decode(configuration_of(array_of(files, "0"))["parameters"]))


def _with_parameters(files: Files, data: bytes) -> None:
    if "" in files:
        files[""] = with_tag(files[""], 65502, _UNDEFINED, data)
        return
    packed = base64.b64encode(zlib.compress(data)).decode()
    for level in ("0", "1"):
        value = array_of(files, level)
        configuration_of(value)["parameters"] = packed
        store_array(files, level, value)


def _array_name(files: Files, node: str) -> str:
    return f"{node}/zarr.json" if "zarr.json" in files else f"{node}/.zarray"


def array_of(files: Files, node: str) -> dict[str, Any]:
    """Return the metadata of an array, Zarr v3 or v2."""
    value: dict[str, Any] = json.loads(files[_array_name(files, node)])
    return value


def store_array(files: Files, node: str, value: Mapping[str, Any]) -> None:
    """Write the metadata of an array."""
    files[_array_name(files, node)] = json.dumps(value).encode()


def configuration_of(array: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of the codec in the metadata of an array."""
    if "compressor" in array:
        found: dict[str, Any] = array["compressor"]
        return found
    (codec,) = array["codecs"]
    if codec["name"] == "sharding_indexed":
        (codec,) = codec["configuration"]["codecs"]
    inner: dict[str, Any] = codec["configuration"]
    return inner


def _after_the_end(files: Files) -> None:
    files[""] += TEXT


def _between_tiles(files: Files) -> None:
    """Move the first tile to the end; where it was lies a text."""
    data = bytearray(files[""])
    with tifffile.TiffFile(BytesIO(data)) as tiff:
        page = tiff.pages.first
        start, count = page.dataoffsets[0], page.databytecounts[0]
        place = page.tags[324].valueoffset
    tile = bytes(data[start : start + count])
    data[start : start + count] = TEXT.ljust(count, b"\0")[:count]
    struct.pack_into("<I", data, place, len(data))
    files[""] = bytes(data) + tile


def _in_an_entry(files: Files) -> None:
    def change(entries: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        (entry,) = (e for e in entries if e[0] == 259)
        changed = (*entry[:3], entry[3] | int.from_bytes(TEXT[:2], "little") << 16)
        return [changed if e[0] == 259 else e for e in entries]

    files[""] = with_directory(files[""], change)


def _in_tag(tag: int, kind: int = _ASCII, value: bytes = TEXT + b"\0") -> Plant:
    def plant(files: Files) -> None:
        files[""] = with_tag(files[""], tag, kind, value)

    return plant


def _described(files: Files) -> None:
    with tifffile.TiffFile(BytesIO(files[""])) as tiff:
        text = tiff.pages.first.description
    files[""] = with_tag(files[""], 270, _ASCII, f"{text}|User = {PLANTED}".encode() + b"\0")


def _in_thumbnail(change: Callable[[bytes], bytes]) -> Plant:
    def plant(files: Files) -> None:
        file = BytesIO(files[""])
        with tifffile.TiffFile(file, mode="r+b") as tiff:
            page = next(p.aspage() for p in tiff.pages if "thumbnail" in p.aspage().description)
            start, count = page.dataoffsets[0], page.databytecounts[0]
            strip = change(files[""][start : start + count])
            place = file.seek(0, 2)
            file.write(strip)
            page.tags[273].overwrite(place)
            page.tags[279].overwrite(len(strip))
            files[""] = file.getvalue()

    return plant


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _appended_page(files: Files) -> None:
    file = BytesIO(files[""])
    with tifffile.TiffWriter(file, append=True) as tiff:
        black = np.zeros((8, 8, 3), np.uint8)
        tiff.write(black, photometric="rgb", metadata=None, software=PLANTED)
    files[""] = file.getvalue()


IN_TIFF: Mapping[str, Plant] = {
    "behind the end": _after_the_end,
    "between tiles": _between_tiles,
    "rest of an entry": _in_an_entry,
    "a tag of people": _in_tag(315),
    "a private tag": _in_tag(50000, _UNDEFINED),
    "a known tag of numbers": _in_tag(278),
    "sub-directories": _in_tag(330, _UNDEFINED),
    "description": _described,
    "comment of the thumbnail": _in_thumbnail(lambda d: d[:2] + _segment(0xFE, TEXT) + d[2:]),
    "EXIF of the thumbnail": _in_thumbnail(
        lambda d: d[:2] + _segment(0xE1, b"Exif\0\0" + TEXT) + d[2:]
    ),
    "comment before the end": _in_thumbnail(lambda d: d[:-2] + _segment(0xFE, TEXT) + d[-2:]),
    "bytes behind the thumbnail": _in_thumbnail(lambda d: d + TEXT),
    "another image": _appended_page,
}
