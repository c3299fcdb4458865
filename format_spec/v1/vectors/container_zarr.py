"""An OME-Zarr as files by their names, so that any of them can be another one."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from zlib import compress

from format_spec.v1.vectors.container_ledger import ledger_of, root_of
from format_spec.v1.vectors.container_slide import GRIDS, LEVELS, MPP, TILE, Json, SampleSlide
from pathae_codec.bitstream.constant import encode_white
from pathae_codec.model.light_parameters import light_parameters
from pathae_codec.ome_zarr.shard import pack_shard

LEDGER = "ledger"
SHARD = (2, 2)
"""Rows and columns of tiles in a shard."""


def zarr_files(slide: SampleSlide, image: bytes, version: str) -> dict[str, Any]:
    """Return the files of an OME-Zarr: JSON values, and bytes of chunks.

    Args:
        slide: Its slide.
        image: A fallback tile, its thumbnail.
        version: Of OME-Zarr, 0.5 or 0.4.
    """
    nodes: dict[str, Any] = {}
    for number in range(len(LEVELS)):
        parameters = slide.parameters if number == 0 else light_parameters(slide.parameters)
        width, height = LEVELS[number]
        shape, chunk = [3, height, width], [3, TILE, TILE]
        nodes |= _array(str(number), shape, chunk, configuration_of(slide, parameters), version)
    nodes |= _array("associated/thumbnail", [3, 16, 16], [3, 16, 16], bare(), version)
    nodes |= _group("associated", {}, version)
    ledger = ledger_of(slide.tiles, _omitted(slide))
    nodes |= _ledger(len(ledger), version)
    root = root_of(slide.tiles, slide.record, slide.parameters)
    attributes = _attributes(slide.record | {"root": root}, version)
    if version == "0.5":
        group = _group("", attributes, version)["zarr.json"]
        named = {name.removesuffix("/zarr.json"): node for name, node in nodes.items()}
        within = {"kind": "inline", "must_understand": False, "metadata": named}
        files = nodes | {"zarr.json": group | {"consolidated_metadata": within}}
    else:
        files = nodes | _group("", attributes, version)
        files[".zmetadata"] = {"zarr_consolidated_format": 1, "metadata": dict(files)}
    chunk = "c/0" if version == "0.5" else "0"
    files[f"{LEDGER}/{chunk}"] = ledger
    return files | {f"associated/thumbnail/{chunk}/0/0": image} | _chunks(slide, version)


def written(files: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files as bytes."""
    return {
        name: value if isinstance(value, bytes) else (json.dumps(value, indent=1) + "\n").encode()
        for name, value in files.items()
    }


def bare() -> Json:
    """Return the configuration of an array that needs no parameters."""
    return {"version": 1, "channel_axis": 0}


def configuration_of(slide: SampleSlide, parameters: bytes) -> Json:
    """Return the codec's configuration of an array."""
    reference = slide.record["model"]
    # Stored without compression: how well zlib compresses is up to its version.
    text = b64encode(compress(parameters, 0)).decode()
    named = {"decoder": reference["decoder"], "model": reference["name"], "parameters": text}
    return bare() | named


def _array(
    name: str, shape: list[int], chunk: list[int], configuration: Json, version: str
) -> Json:
    if version == "0.4":
        array = {
            "zarr_format": 2, "shape": shape, "chunks": chunk, "dtype": "|u1",
            "compressor": {"id": "pathae", **configuration}, "fill_value": 255, "order": "C",
            "filters": None, "dimension_separator": "/",
        }  # fmt: skip
        axes = {"_ARRAY_DIMENSIONS": ["c", "y", "x"]}
        return {f"{name}/.zarray": array, f"{name}/.zattrs": axes}
    codec: Json = {"name": "pathae", "configuration": configuration}
    outer = chunk
    if not name.startswith("associated"):
        outer = [3, SHARD[0] * TILE, SHARD[1] * TILE]
        little = {"name": "bytes", "configuration": {"endian": "little"}}
        codec = {
            "name": "sharding_indexed",
            "configuration": {
                "chunk_shape": chunk, "codecs": [codec],
                "index_codecs": [little, {"name": "crc32c"}], "index_location": "end",
            },
        }  # fmt: skip
    return {
        f"{name}/zarr.json": {
            "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": "uint8",
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": outer}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
            "fill_value": 255, "codecs": [codec], "attributes": {},
            "dimension_names": ["c", "y", "x"],
        }
    }  # fmt: skip


def _ledger(size: int, version: str) -> Json:
    if version == "0.4":
        return {
            f"{LEDGER}/.zarray": {
                "zarr_format": 2, "shape": [size], "chunks": [size], "dtype": "|u1",
                "compressor": None, "fill_value": 0, "order": "C", "filters": None,
                "dimension_separator": "/",
            }
        }  # fmt: skip
    return {
        f"{LEDGER}/zarr.json": {
            "zarr_format": 3, "node_type": "array", "shape": [size], "data_type": "uint8",
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [size]}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
            "fill_value": 0, "codecs": [{"name": "bytes"}], "attributes": {},
        }
    }  # fmt: skip


def _omitted(slide: SampleSlide) -> list[int]:
    return [n for n, tile in enumerate(slide.tiles[0]) if tile == encode_white(TILE)]


def _group(name: str, attributes: Json, version: str) -> Json:
    start = f"{name}/" if name else ""
    if version == "0.5":
        group = {"zarr_format": 3, "node_type": "group", "attributes": attributes}
        return {f"{start}zarr.json": group}
    return {f"{start}.zgroup": {"zarr_format": 2}, f"{start}.zattrs": attributes}


def _attributes(record: Json, version: str) -> Json:
    space = {"type": "space", "unit": "micrometer"}
    axes = [{"name": "c", "type": "channel"}, {"name": "y", **space}, {"name": "x", **space}]
    datasets = [
        {
            "path": str(number),
            "coordinateTransformations": [
                {"type": "scale", "scale": [1.0, MPP[1] * 2**number, MPP[0] * 2**number]}
            ],
        }
        for number in range(len(LEVELS))
    ]
    image: Json = {"name": "slide", "axes": axes, "datasets": datasets}
    if version == "0.5":
        return {"ome": {"version": "0.5", "multiscales": [image]}, "pathae": record}
    return {"multiscales": [image | {"version": "0.4"}], "pathae": record}


def _chunks(slide: SampleSlide, version: str) -> dict[str, bytes]:
    """Return the chunks, or shards, of the levels; the white tile is omitted."""
    files, white = {}, encode_white(TILE)
    for number, tiles in enumerate(slide.tiles):
        rows, columns = GRIDS[number]
        stored = {divmod(k, columns): None if t == white else t for k, t in enumerate(tiles)}
        high, wide = SHARD if version == "0.5" else (1, 1)
        for top in range(0, rows, high):
            for left in range(0, columns, wide):
                places = [
                    (top + row, left + column) for row in range(high) for column in range(wide)
                ]
                chunks = [stored.get(place) for place in places]
                data = pack_shard(chunks) if version == "0.5" else chunks[0]
                if data is not None:
                    folder = f"{number}/c/0" if version == "0.5" else f"{number}/0"
                    files[f"{folder}/{top // high}/{left // wide}"] = data
    return files
