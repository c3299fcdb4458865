"""Texts planted where an OME-Zarr of ours has room for them, by the kind of place."""

import json
import struct
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pathae_codec.bitstream.tile import pack_tile, unpack_tile
from pathae_codec.ome_zarr.shard import index_bytes
from tests.hostile.changed_files import Files, change_group, change_json
from tests.hostile.planted_texts import (
    PLANTED,
    TEXT,
    Plant,
    array_of,
    configuration_of,
    store_array,
)


def _in_shard(files: Files) -> None:
    name, tiles = "0/c/0/0/0", 12
    data, size = files[name], index_bytes(tiles)
    files[name] = data[:-size] + TEXT + data[-size:]


def _in_array(node: str, **members: object) -> Plant:
    def plant(files: Files) -> None:
        store_array(files, node, array_of(files, node) | members)

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
    value = array_of(files, "0")
    configuration_of(value)["note"] = PLANTED
    store_array(files, "0", value)


def _hidden_parameters(files: Files) -> None:
    value = array_of(files, "associated/thumbnail")
    configuration_of(value)["parameters"] = PLANTED
    store_array(files, "associated/thumbnail", value)


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
