"""What a container is asked to hold, held against what its readers take, before it is written.

The limits of the reader are the writer's too: a file that nobody can open is no file.
"""

import json
from collections.abc import Mapping
from typing import Any

from pathae_codec.bitstream.limits import (
    MAX_ASSOCIATED_PIXELS,
    MAX_PARAMETERS_BYTES,
    MAX_RECORD_BYTES,
    MAX_TILE_SIDE,
)
from pathae_codec.errors import SettingError
from pathae_codec.record.description import SlideDescription

_REST = 1 << 20
"""Bytes of a record for what is not metadata of the source: no history is as long."""
_CODED = 4 / 3
"""Base64, by which JSON holds bytes."""
_MODEL = "leave out --embed-model and hand the model's file on"


def check_stated(metadata: Mapping[str, Any], icc_profile: bytes | None) -> None:
    """Refuse texts and a profile of a source that no record can hold.

    Args:
        metadata: What the source says of itself, JSON values.
        icc_profile: Of the source.

    Raises:
        SettingError: They are longer than readers take.
    """
    _check(
        len(json.dumps(metadata, indent=1)) + len(icc_profile or b"") * _CODED,
        MAX_RECORD_BYTES - _REST,
        "metadata and ICC profile of the source",
        "leave out --keep-metadata",
    )


def check_description(description: SlideDescription, kind: str, ngff: str) -> None:
    """Refuse what readers of a container would not take.

    Args:
        description: All but the tiles.
        kind: `tiff` or `zarr`.
        ngff: Version of OME-Zarr.

    Raises:
        SettingError: A part of it is larger.
    """
    profile, parameters = description.icc_profile or b"", description.parameters
    if kind == "tiff":
        record = len(json.dumps(description.record.as_json()))
        _check(len(profile), MAX_RECORD_BYTES, "ICC profile", "leave out --keep-metadata")
        _check(len(parameters), MAX_PARAMETERS_BYTES, "codec parameters", _MODEL)
    else:
        from pathae_codec.ome_zarr.metadata import record_attributes

        attributes = record_attributes(
            description.levels, description.record, description.icc_profile, ngff
        )
        record = len(json.dumps(attributes, indent=1)) + _REST // 16
        _check(len(parameters) * _CODED + _REST, MAX_RECORD_BYTES, "codec parameters", _MODEL)
    _check(record, MAX_RECORD_BYTES, "slide record", "leave out --keep-metadata")
    for name, pixels in description.associated.items():
        height, width = pixels.shape[:2]
        _check(width * height, MAX_ASSOCIATED_PIXELS, f"{name}, pixels", f"leave {name} out")
        if kind != "tiff":
            _check(max(width, height), MAX_TILE_SIDE, f"{name}, its longer side", "take a TIFF")


def _check(size: float, limit: int, what: str, instead: str) -> None:
    if size > limit:
        raise SettingError(
            f"{what}: expected {limit} at most, as readers take it, got {size:.0f}; {instead}"
        )
