"""What a PathAE file says of itself, read without decoding a tile."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pathae_codec.container import container_kind
from pathae_codec.container.record import refuse_problems
from pathae_codec.errors import NotPathAEError, SlideNotFoundError
from pathae_codec.lossy_history import describe_step


def read_file_record(path: Path) -> dict[str, Any]:
    """Read the slide record of a TIFF or OME-Zarr. Spec: v1, section 6.

    Raises:
        SlideNotFoundError: There is nothing at `path`.
        NotPathAEError: It is no PathAE file.
    """
    if not path.exists():
        raise SlideNotFoundError(f"file {path}: no such file")
    try:
        record = _tiff_record(path) if container_kind(path) == "tiff" else _zarr_record(path)
    except (KeyError, ValueError, OSError, TypeError):
        record = {}
    if record.get("format") != "pathae":
        raise NotPathAEError(
            f"file {path}: expected a PathAE slide record, found none; "
            "pathae convert makes such files from slides"
        )
    return record


def _tiff_record(path: Path) -> dict[str, Any]:
    from pathae_codec.container.tiff import read_record_tag

    return dict(json.loads(read_record_tag(path)))


def _zarr_record(path: Path) -> dict[str, Any]:
    v3, v2 = path / "zarr.json", path / ".zattrs"
    attributes = json.loads(v3.read_bytes())["attributes"] if v3.exists() else None
    return dict((attributes or json.loads(v2.read_bytes()))["pathae"])


def describe_file(path: Path, record: Mapping[str, Any]) -> str:
    """Put the record into lines for people.

    Raises:
        ContainerError: It is not what the schema allows.
    """
    refuse_problems(record)
    model, mpp = record["model"], record["mpp"]
    lines = {
        "file": path.name,
        "format": f"PathAE {record.get('version')}, written by {record['software']}",
        "quality": record["quality"],
        "tile": f"{record.get('tile')} pixels",
        "microns per pixel": f"{mpp[0]:g} x {mpp[1]:g}" if mpp else "not stated by the source",
        "magnification": record["magnification"] or "not stated by the source",
        "source": record["source"]["format"],
        **_history_lines(record["lossy_history"]),
        "model": f"{model['name']} ({model.get('license')})",
        "decoder": model["decoder"],
        "encoder": model["encoder"],
        "use": record["intended_use"],
    }
    return "\n".join(f"{name + ':':20}{value}" for name, value in lines.items())


def _history_lines(history: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Give a line a step, the oldest first."""
    if not history:
        return {"lossy steps": "none"}
    return {f"lossy step {n}": describe_step(step) for n, step in enumerate(history, 1)}
