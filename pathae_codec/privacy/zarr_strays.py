"""What an OME-Zarr holds beside what the binding says. Spec: v1, OME-Zarr binding."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from pathae_codec.bitstream.limits import MAX_RECORD_BYTES
from pathae_codec.record.checks import parse_json
from pathae_codec.storage.location import Storage

_METADATA = ("zarr.json", ".zgroup", ".zattrs", ".zarray", ".zmetadata")
_CHUNK = re.compile(r"(\d+|associated/\w+)/(c/)?0/\d+/\d+|ledger/(c/)?0")
_IMAGES = re.compile(r"associated/(\w+)/(?:zarr\.json|\.zarray)")
_TAKEN_AS_THEY_ARE = {"parameters", "decoder", "model", "pathae"}
"""Members that are looked at elsewhere: the codec's own, and the slide record."""
_MEMBERS = {
    "zarr_format", "node_type", "attributes", "ome", "version", "multiscales", "omero", "name",
    "axes", "type", "unit", "datasets", "path", "coordinateTransformations", "scale", "channels",
    "label", "color", "window", "min", "max", "start", "end", "active", "rdefs", "model", "shape",
    "data_type", "chunk_grid", "configuration", "chunk_shape", "chunk_key_encoding", "separator",
    "fill_value", "codecs", "dimension_names", "index_codecs", "index_location", "endian",
    "chunks", "dtype", "compressor", "id", "order", "filters", "dimension_separator",
    "_ARRAY_DIMENSIONS", "channel_axis", "quality", "consolidated_metadata", "kind",
    "must_understand", "metadata", "zarr_consolidated_format",
}  # fmt: skip
_WORDS = {
    "group", "array", "0.5", "0.4", "slide", "c", "y", "x", "channel", "space", "micrometer",
    "scale", "red", "green", "blue", "FF0000", "00FF00", "0000FF", "color", "uint8", "regular",
    "default", "/", "sharding_indexed", "bytes", "crc32c", "little", "end", "pathae", "|u1", "C",
    "multiscale", "inline",
}  # fmt: skip
_NODE = re.compile(
    r"(\d{1,2}/?|ledger/?|associated/?(label/?|macro/?|thumbnail/?)?)?(\.z(array|attrs|group))?"
)
"""A node in the consolidated metadata, or a file of one."""
_LEVEL_NAME = re.compile(r"\d{1,2}")


def zarr_strays(storage: Storage) -> Iterator[tuple[str, str]]:
    """Return all that the binding does not have: other images, members and files.

    Returns:
        Of each its place, and its text or what it is.

    Raises:
        FormatError: A file of metadata is too long or no JSON.
    """
    for file in sorted(map(PurePosixPath, storage.names(""))):
        name = str(file)
        if file.name in _METADATA:
            image = _IMAGES.fullmatch(name)
            if image and image[1] != "thumbnail":
                yield f"image {image[1]}", "it can show names and numbers"
            metadata = parse_json(storage.read_whole(name, MAX_RECORD_BYTES), f"file {name}")
            for where, text in _members(metadata, ""):
                yield f"{name} {where}", text
        elif not _CHUNK.fullmatch(name):
            yield "file", name


def _members(value: object, where: str, known: bool = True) -> Iterator[tuple[str, str]]:
    """Return each value whose name, or own word, the binding does not know, with its place."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key not in _TAKEN_AS_THEY_ARE:
                inner = f"{where}.{key}" if where else key
                yield from _members(part, inner, known and (key in _MEMBERS or _is_node(key)))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _members(part, f"{where}[{place}]", known)
    elif not known or (isinstance(value, str) and not _is_word(value)):
        yield where, str(value)


def _is_node(key: str) -> bool:
    return bool(key) and _NODE.fullmatch(key) is not None


def _is_word(text: str) -> bool:
    return text in _WORDS or _LEVEL_NAME.fullmatch(text) is not None
