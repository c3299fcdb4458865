"""What an OME-Zarr holds beside what the binding says. Spec: v1, OME-Zarr binding."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from pathae_codec.bitstream.limits import MAX_RECORD_BYTES, MAX_TILE_BYTES
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import FormatError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.privacy.spans import Span, describe_bytes, strays_in, uncovered
from pathae_codec.privacy.tile_texts import image_strays
from pathae_codec.record.checks import parse_json
from pathae_codec.storage.location import Storage

_FILES = {"zarr.json", ".zgroup", ".zattrs", ".zarray", ".zmetadata"}
_IMAGES = ("label", "macro", "thumbnail")
_LEDGER = "ledger"
_OME_KEYS = {
    "ome", "version", "multiscales", "omero", "name", "axes", "type", "unit", "datasets", "path",
    "coordinateTransformations", "scale", "channels", "label", "color", "window", "min", "max",
    "start", "end", "active", "rdefs", "model",
}  # fmt: skip
_NODE_KEYS = {
    "zarr_format", "node_type", "shape", "data_type", "chunk_grid", "name", "configuration",
    "chunk_shape", "chunk_key_encoding", "separator", "fill_value", "codecs", "dimension_names",
    "index_codecs", "index_location", "endian", "chunks", "dtype", "compressor", "id", "order",
    "filters", "dimension_separator", "version", "channel_axis", "quality", "decoder", "model",
    "zarr_consolidated_format", "kind", "must_understand",
}  # fmt: skip
_WORDS = {
    "group", "array", "0.5", "0.4", "slide", "c", "y", "x", "channel", "space", "micrometer",
    "scale", "red", "green", "blue", "FF0000", "00FF00", "0000FF", "color", "uint8", "regular",
    "default", "/", "sharding_indexed", "bytes", "crc32c", "little", "end", "pathae", "|u1", "C",
    "inline",
}  # fmt: skip
_LEVEL = re.compile(r"0|[1-9]\d?")
_IDENTITY = re.compile("sha256:[0-9a-f]{64}")
_LARGE = re.compile(r"(shape|chunks|.*chunk_shape|.*\.scale)\[\d\]")
"""Where numbers of any size belong."""
_SMALL = 255


def zarr_strays(container: ContainerReader, model: ModelArtifact) -> Iterator[tuple[str, str]]:
    """Return all that the binding does not have: images, members, files, folders and bytes.

    Args:
        container: An OME-Zarr.
        model: Its codec parameters.

    Returns:
        Of each its place, and its text or what it is.

    Raises:
        FormatError: A file of metadata is too long or no JSON, or a shard's index is damaged.
    """
    storage = container.storage
    spans = _spans(container)
    # Of a level that stores no tile there is only its number to go by.
    levels = {str(level.index) for level in container.levels}
    levels |= {name.partition("/")[0] for name in spans} - {"associated"}
    nodes = ["", *levels, _LEDGER, "associated", *(f"associated/{name}" for name in _IMAGES)]
    for name in sorted(storage.names("")):
        file = PurePosixPath(name)
        node = str(file.parent) if str(file.parent) != "." else ""
        known = node in nodes and file.name in _FILES
        if not known and name not in spans:
            yield "file", name
        if file.name in _FILES:
            yield from _metadata(storage, name, node, model)
    yield from _images(storage)
    for name, found in sorted(spans.items()):
        with storage.open(name) as opened:
            for where, what in strays_in(opened, uncovered(found, storage.size(name))):
                yield f"file {name} {where}", what
    yield from _folders(container, nodes, spans)
    yield from _associated(container, model)


def _spans(container: ContainerReader) -> dict[str, list[Span]]:
    """Return the bytes that readers of tiles and of the ledger read, by file."""
    storage, spans = container.storage, dict[str, list[Span]]()
    for level in container.levels:
        for tile in container.stored_tiles(level.index):
            spans.setdefault(tile.place.name, []).append((tile.place.start, tile.place.stop))
    for name in spans:
        node, _, rest = name.partition("/")
        if rest.startswith("c/"):
            size = storage.size(name)
            spans[name].append((size - _index_bytes(storage, node), size))
    chunks = [f"{_LEDGER}/c/0", f"{_LEDGER}/0"]
    chunks += [f"associated/{name}/{c}0/0/0" for name in container.associated for c in ("c/", "")]
    for name in chunks:
        try:
            spans[name] = [(0, storage.size(name))]
        except FileNotFoundError:
            continue
    return spans


def _index_bytes(storage: Storage, level: str) -> int:
    """Return the bytes of the index of a level's shards; 0 where chunks are files without one."""
    from pathae_codec.ome_zarr.shard import index_bytes

    metadata = parse_json(storage.read_whole(f"{level}/zarr.json", MAX_RECORD_BYTES), level)
    (codec,) = metadata["codecs"]
    if codec["name"] != "sharding_indexed":
        return 0
    outer = metadata["chunk_grid"]["configuration"]["chunk_shape"]
    inner = codec["configuration"]["chunk_shape"]
    return index_bytes((outer[1] // inner[1]) * (outer[2] // inner[2]))


def _images(storage: Storage) -> Iterator[tuple[str, str]]:
    for name in _IMAGES[:-1]:  # A thumbnail is drawn anew, from the pixels of the slide.
        files = {f"associated/{name}/{file}" for file in ("zarr.json", ".zarray")}
        if files & set(storage.names("")):
            yield f"image {name}", "it can show names and numbers"


def _folders(
    container: ContainerReader, nodes: list[str], spans: dict[str, list[Span]]
) -> Iterator[tuple[str, str]]:
    """Return the folders that hold nothing: their names are texts too."""
    if container.remote or not Path(container.location).is_dir():
        return
    for folder, folders, files in os.walk(container.location):
        name = Path(folder).relative_to(container.location).as_posix()
        if not folders and not files and name not in nodes:
            yield "folder", name


def _associated(container: ContainerReader, model: ModelArtifact) -> Iterator[tuple[str, str]]:
    for name in container.associated:
        for c in ("c/", ""):
            try:
                key = f"associated/{name}/{c}0/0/0"
                data = container.storage.read_whole(key, MAX_TILE_BYTES)
                for what, stray in image_strays(data, model):
                    yield f"image {name}: {what}", describe_bytes(stray)
            except (FileNotFoundError, FormatError):
                continue


def _metadata(
    storage: Storage, name: str, node: str, model: ModelArtifact
) -> Iterator[tuple[str, str]]:
    value = parse_json(storage.read_whole(name, MAX_RECORD_BYTES), f"file {name}")
    file = PurePosixPath(name).name
    found: list[tuple[str, object, set[str]]] = []
    attributes = value if file == ".zattrs" else value.pop("attributes", {})
    where = "" if file == ".zattrs" else "attributes."
    if file == ".zmetadata":
        yield from _repeated(storage, value.pop("metadata", None), name, "{}")
    if file == "zarr.json" and node == "" and (again := value.pop("consolidated_metadata", None)):
        nodes = again.pop("metadata", None) if isinstance(again, dict) else again
        yield from _repeated(storage, nodes, name, "{}/zarr.json")
        found.append(("consolidated_metadata", again, _NODE_KEYS))
    if file != ".zattrs":
        found.append(("", value, _NODE_KEYS))
    for key, part in attributes.items() if isinstance(attributes, dict) else ():
        ours = {"ome", "multiscales", "omero"} if node == "" else {"_ARRAY_DIMENSIONS"}
        if not (node == "" and key == "pathae"):  # The slide record.
            found.append((where + key, part, _OME_KEYS if key in ours else set()))
    level = _LEVEL.fullmatch(node) is not None
    for place, part, keys in found:
        for inner, text in _members(part, place, keys, model.name, level=level):
            yield f"{name} {inner}", text


def _repeated(
    storage: Storage, nodes: object, name: str, pattern: str
) -> Iterator[tuple[str, str]]:
    """Return what repeats the metadata of nodes in other words than their own files."""
    if not isinstance(nodes, dict):
        yield f"{name} metadata", json.dumps(nodes)
        return
    for node, stated in nodes.items():
        try:
            own = parse_json(storage.read_whole(pattern.format(node), MAX_RECORD_BYTES), name)
        except (FileNotFoundError, FormatError):
            own = {}
        for key, part in stated.items() if isinstance(stated, dict) else [("", stated)]:
            if key not in own or own[key] != part:
                yield f"{name} metadata of {node} {key}", json.dumps(part)


def _members(
    value: object, where: str, keys: set[str], model: str, *, level: bool
) -> Iterator[tuple[str, str]]:
    """Return each value whose name, or own word, the binding does not know, with its place."""
    if isinstance(value, dict):
        for key, part in value.items():
            inner = f"{where}.{key}" if where else key
            if key == "parameters" and level and "decoder" in value:
                continue  # Looked at elsewhere, and the same in all levels.
            yield from _members(part, inner, keys if key in keys else set(), model, level=level)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _members(part, f"{where}[{place}]", keys, model, level=level)
    elif not keys or not _is_ours(value, where, model):
        yield where, str(value)


def _is_ours(value: Any, where: str, model: str) -> bool:  # noqa: ANN401
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        key = where.rpartition(".")[2]
        return (
            value in _WORDS
            or _LEVEL.fullmatch(value) is not None
            or (key == "decoder" and _IDENTITY.fullmatch(value) is not None)
            or (key == "model" and value == model)
        )
    return _LARGE.fullmatch(where) is not None or 0 <= value <= _SMALL
