"""The metadata of an OME-Zarr as JSON values: multiscale, arrays, channels.

OME-Zarr 0.5 and 0.4; Zarr v3 and v2. Spec: v1, OME-Zarr binding.
"""

from typing import Any

from pathae_codec.geometry import Level
from pathae_codec.record.slide_record import SlideRecord

WHITE = 255
AXES = ("c", "y", "x")
LEDGER = "ledger"
"""The name of the ledger's array."""
Json = dict[str, Any]


def group_attributes(
    levels: tuple[Level, ...], mpp: tuple[float, float] | None, ngff: str, **further: Json
) -> Json:
    """Return the attributes of a slide's group.

    Args:
        levels: The pyramid, finest first.
        mpp: Microns per pixel of level 0; without it the scale counts pixels and has no unit.
        ngff: Version of OME-Zarr, 0.5 or 0.4.
        further: Attributes beside those of OME.
    """
    image = _multiscale(levels, mpp)
    if ngff == "0.5":
        ome = {"version": ngff, "multiscales": [image], "omero": _omero()}
        return {"ome": ome, **further}
    return {"multiscales": [{**image, "version": ngff}], "omero": _omero(), **further}


def record_attributes(
    levels: tuple[Level, ...], record: SlideRecord, icc_profile: bytes | None, ngff: str
) -> Json:
    """Return the attributes of a PathAE slide's group: its record holds the ICC profile."""
    stated = record.with_profile(icc_profile).as_json()
    return group_attributes(levels, record.mpp, ngff, pathae=stated)


def array_v3(
    shape: tuple[int, ...],
    chunk: tuple[int, ...],
    shard: tuple[int, int] | None,
    configuration: Json,
) -> Json:
    """Return `zarr.json` of a level or an associated image.

    Args:
        shape: (3, height, width) in pixels.
        chunk: (3, tile, tile).
        shard: Rows and columns of chunks in a shard, one chunk too has an index there; None where
            a chunk is a file without an index. A shape cannot tell the two apart.
        configuration: Of the codec `pathae`.
    """
    codec: Json = {"name": "pathae", "configuration": configuration}
    rows, columns = shard or (1, 1)
    outer = (chunk[0], chunk[1] * rows, chunk[2] * columns)
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(shape),
        "data_type": "uint8",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(outer)}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": WHITE,
        "codecs": [codec if shard is None else _sharding(chunk, codec)],
        "attributes": {},
        "dimension_names": list(AXES),
    }


def array_v2(shape: tuple[int, ...], chunk: tuple[int, ...], configuration: Json) -> Json:
    """Return `.zarray` of a level or an associated image; arguments as of `array_v3`."""
    return {
        "zarr_format": 2,
        "shape": list(shape),
        "chunks": list(chunk),
        "dtype": "|u1",
        "compressor": {"id": "pathae", **configuration},
        "fill_value": WHITE,
        "order": "C",
        "filters": None,
        "dimension_separator": "/",
    }


def ledger_v3(size: int) -> Json:
    """Return `zarr.json` of the ledger: bytes as they are, in one chunk."""
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [size],
        "data_type": "uint8",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [size]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0,
        "codecs": [{"name": "bytes"}],
        "attributes": {},
    }


def ledger_v2(size: int) -> Json:
    """Return `.zarray` of the ledger."""
    return {
        "zarr_format": 2,
        "shape": [size],
        "chunks": [size],
        "dtype": "|u1",
        "compressor": None,
        "fill_value": 0,
        "order": "C",
        "filters": None,
        "dimension_separator": "/",
    }


def ledger_chunk(version: int) -> str:
    """Return the name of the file that is the ledger, below the group.

    Args:
        version: Of Zarr, 3 or 2.
    """
    return f"{LEDGER}/c/0" if version == 3 else f"{LEDGER}/0"


def _sharding(chunk: tuple[int, ...], codec: Json) -> Json:
    return {
        "name": "sharding_indexed",
        "configuration": {
            "chunk_shape": list(chunk),
            "codecs": [codec],
            "index_codecs": [
                {"name": "bytes", "configuration": {"endian": "little"}},
                {"name": "crc32c"},
            ],
            "index_location": "end",
        },
    }


def _multiscale(levels: tuple[Level, ...], mpp: tuple[float, float] | None) -> Json:
    # Without a resolution in the source there is no unit: the scale then counts pixels.
    unit = {"unit": "micrometer"} if mpp else {}
    x, y = mpp or (1.0, 1.0)
    return {
        "name": "slide",
        "axes": [
            {"name": "c", "type": "channel"},
            {"name": "y", "type": "space", **unit},
            {"name": "x", "type": "space", **unit},
        ],
        "datasets": [
            {
                "path": str(level.index),
                "coordinateTransformations": [
                    {
                        "type": "scale",
                        "scale": [1.0, y * level.downsample, x * level.downsample],
                    }
                ],
            }
            for level in levels
        ],
    }


def _omero() -> Json:
    colors = {"red": "FF0000", "green": "00FF00", "blue": "0000FF"}
    window = {"min": 0, "max": 255, "start": 0, "end": 255}
    channels = [
        {"label": label, "color": color, "window": window, "active": True}
        for label, color in colors.items()
    ]
    return {"channels": channels, "rdefs": {"model": "color"}}
