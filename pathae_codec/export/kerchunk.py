"""References that open a PathAE TIFF as Zarr: a Zarr v2 group whose chunks lie in the TIFF.

kerchunk's JSON, version 1, as `fsspec.implementations.reference` reads it: metadata as text, a
chunk as URL, offset and length. The tiles are those of OME-Zarr, so the group is an OME-Zarr 0.4
whose compressor is our numcodecs codec. The URL stands once in the file, as the template `u`.

tifffile's own `ZarrTiffStore.write_fsspec` knows a closed list of compressions, and not ours.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pathae_codec.configuration import build_configuration
from pathae_codec.container import open_container
from pathae_codec.errors import UnsupportedSlideError
from pathae_codec.ome_zarr.metadata import AXES, array_v2, record_attributes
from pathae_codec.storage.address import shown, without_secrets
from pathae_codec.storage.destination import partial_destination
from pathae_codec.storage.location import Location

TEMPLATE = "u"


def tiff_references(location: Location, url: str | None = None) -> dict[str, Any]:
    """Return the references of a PathAE TIFF; no tile is read.

    Args:
        location: A path, or a URL that fsspec reads.
        url: Where readers will find the file, see `where_readers_find`; None takes the location
            itself. User, password and query of it are left out: whoever gets the file would get
            them.

    Returns:
        A JSON value for `fsspec.filesystem("reference", fo=...)`.

    Raises:
        UnsupportedSlideError: It is a PathAE OME-Zarr, which is Zarr already.
        SlideNotFoundError, FormatError, BackendUnavailableError: See `open_container`.
    """
    reader = open_container(location)
    if reader.kind != "tiff":
        raise UnsupportedSlideError(
            f"file {shown(location)}: expected a TIFF, got an OME-Zarr, which zarr opens as it is"
        )
    record = reader.record.sound()
    refs: dict[str, object] = {
        ".zgroup": _text({"zarr_format": 2}),
        ".zattrs": _text(record_attributes(reader.levels, record, reader.icc_profile, "0.4")),
    }
    configuration = build_configuration(reader.parameters, quality=None)
    chunk = (3, reader.tile, reader.tile)
    for level in reader.levels:
        name, shape = str(level.index), (3, level.height, level.width)
        refs[f"{name}/.zarray"] = _text(array_v2(shape, chunk, configuration))
        refs[f"{name}/.zattrs"] = _text({"_ARRAY_DIMENSIONS": list(AXES)})
        for tile in reader.stored_tiles(level.index):
            key = f"{name}/0/{tile.index.row}/{tile.index.column}"
            refs[key] = ["{{" + TEMPLATE + "}}", tile.place.start, tile.place.length]
    return {
        "version": 1,
        "templates": {TEMPLATE: without_secrets(url or where_readers_find(location))},
        "refs": refs,
    }


def write_references(references: Mapping[str, Any], destination: Path, *, overwrite: bool) -> None:
    """Write references to a file, whole or not at all.

    Raises:
        DestinationExistsError, DestinationWriteError: See `partial_destination`.
    """
    identity = {"the references of": references["templates"][TEMPLATE]}
    with partial_destination(destination, identity, "JSON", overwrite=overwrite) as partial:
        if partial is not None:
            partial.container.write_text(json.dumps(references), "utf-8")


def where_readers_find(location: Location, references: Path | None = None) -> str:
    """Return what references call a TIFF: what fsspec is given, which unquotes no `%20`.

    Args:
        location: A path, or a URL, which is taken as it is.
        references: Where they will lie. In the folder of the TIFF, or in one above it, they name
            it relative to themselves, and both can be moved together.
    """
    text = os.fspath(location)
    if "://" in text:
        return text
    path = Path(text).resolve()
    folder = references.resolve().parent if references is not None else None
    if folder is not None and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return f"file://{path.as_posix()}"


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value)
