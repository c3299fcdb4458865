"""Texts planted where a file of ours has room for them, by the kind of place."""

import base64
import json
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import tifffile
from safetensors.numpy import load, save

from format_spec.v1.vectors.vector import record_text
from pathae_codec.bitstream.tile import pack_tile, unpack_tile
from pathae_codec.ome_zarr.shard import index_bytes
from tests.hostile.changed_files import (
    Files,
    change_group,
    change_json,
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
    return zlib.decompress(base64.b64decode(_configuration(_array(files, "0"))["parameters"]))


def _with_parameters(files: Files, data: bytes) -> None:
    if "" in files:
        files[""] = with_tag(files[""], 65502, _UNDEFINED, data)
        return
    packed = base64.b64encode(zlib.compress(data)).decode()
    for level in ("0", "1"):
        value = _array(files, level)
        _configuration(value)["parameters"] = packed
        _store_array(files, level, value)


def _array_name(files: Files, node: str) -> str:
    return f"{node}/zarr.json" if "zarr.json" in files else f"{node}/.zarray"


def _array(files: Files, node: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(files[_array_name(files, node)])
    return value


def _store_array(files: Files, node: str, value: Mapping[str, Any]) -> None:
    files[_array_name(files, node)] = json.dumps(value).encode()


def _configuration(array: dict[str, Any]) -> dict[str, Any]:
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


def _in_shard(files: Files) -> None:
    name, tiles = "0/c/0/0/0", 12
    data, size = files[name], index_bytes(tiles)
    files[name] = data[:-size] + TEXT + data[-size:]


def _in_array(node: str, **members: object) -> Plant:
    def plant(files: Files) -> None:
        _store_array(files, node, _array(files, node) | members)

    return plant


def _attributes_of(node: str) -> Plant:
    def plant(files: Files) -> None:
        if "zarr.json" in files:
            change_json(files, f"{node}/zarr.json", lambda v: v["attributes"].update(max=PLANTED))
        else:
            value = json.loads(files.get(f"{node}/.zattrs", b"{}"))
            files[f"{node}/.zattrs"] = json.dumps(value | {"max": PLANTED}).encode()

    return plant


def _in_ome(files: Files) -> None:
    def change(attributes: dict[str, Any]) -> None:
        attributes.get("ome", attributes)["multiscales"][0]["name"] = PLANTED

    change_group(files, change)


def _file(name: str) -> Plant:
    return lambda files: files.update({name: TEXT})


def _image_box(files: Files) -> None:
    name = next(n for n in files if n.startswith("associated/thumbnail/") and n.endswith("0/0/0"))
    header, payload = unpack_tile(files[name])
    boxes = [b"JXL \r\n\x87\n", b"ftypjxl \0\0\0\0jxl ", b"xml " + TEXT, b"jxlc" + payload]
    packed = b"".join(struct.pack(">I", len(box) + 4) + box for box in boxes)
    files[name] = pack_tile(replace(header, payload_length=len(packed)), packed)


def _in_configuration(files: Files) -> None:
    value = _array(files, "0")
    _configuration(value)["note"] = PLANTED
    _store_array(files, "0", value)


def _hidden_parameters(files: Files) -> None:
    value = _array(files, "associated/thumbnail")
    _configuration(value)["parameters"] = PLANTED
    _store_array(files, "associated/thumbnail", value)


def _repeated(files: Files) -> None:
    if "zarr.json" in files:
        change_json(
            files,
            "zarr.json",
            lambda v: v["consolidated_metadata"]["metadata"]["0"].update(fill_value=PLANTED),
        )
    else:
        change_json(files, ".zmetadata", lambda v: v["metadata"]["0/.zarray"].update(order=PLANTED))


IN_ZARR: Mapping[str, Plant] = {
    "attributes of the group": lambda files: change_group(
        files, lambda attributes: attributes.update(model=PLANTED)
    ),
    "attributes of a level": _attributes_of("0"),
    "attributes of the associated images": _attributes_of("associated"),
    "attributes of an image": _attributes_of("associated/thumbnail"),
    "a large number": lambda files: change_group(
        files, lambda attributes: attributes.update(min=f"{PLANTED} 19991231")
    ),
    "name of the image": _in_ome,
    "a member of an array": _in_array("1", note=PLANTED),
    "a member of the codec": _in_configuration,
    "parameters that nobody reads": _hidden_parameters,
    "repeated metadata": _repeated,
    "another file": _file(f"OME/{PLANTED}.xml"),
    "a chunk off the grid": _file(f"0/c/0/9/{PLANTED}"),
    "a group that is not ours": lambda files: files.update(
        {f"{PLANTED}/.zattrs": json.dumps({"a": 1}).encode()}
    ),
    "box of the thumbnail": _image_box,
}
SHARD: Plant = _in_shard
