"""What a PathAE file says of itself, read without decoding a tile."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pathae_codec.container import container_kind
from pathae_codec.errors import NotPathAEError, SlideNotFoundError
from pathae_codec.needs import DecodingNeeds


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


def describe_file(path: Path, record: Mapping[str, Any], needs: DecodingNeeds) -> str:
    """Put the record into lines for people."""
    model, mpp = record["model"], record["mpp"]
    history = ", ".join(str(step["method"]) for step in record["lossy_history"])
    lines = {
        "file": path.name,
        "format": f"PathAE {record['version']}, written by {record['software']}",
        "quality": record["quality"],
        "tile": f"{record['tile']} pixels",
        "microns per pixel": f"{mpp[0]:g} x {mpp[1]:g}" if mpp else "not stated by the source",
        "magnification": record["magnification"] or "not stated by the source",
        "source": record["source"]["format"],
        "lossy steps": history,
        "model": f"{model['name']} ({model['license']})",
        "decoder": model["decoder"],
        "encoder": model["encoder"],
        "needs": _describe_needs(model["name"], needs),
        "decodes here": _describe_backend(needs),
        "use": record["intended_use"],
    }
    return "\n".join(f"{name + ':':20}{value}" for name, value in lines.items())


def _describe_needs(model: str, needs: DecodingNeeds) -> str:
    if needs.decoder is None:
        return "no network: no tile is a latent"
    if needs.found == "file":
        return "no model: the decoder is in the file"
    return f"the decoder of {model}, " + (
        f"found in {needs.found}" if needs.found else "not found on this machine"
    )


def _describe_backend(needs: DecodingNeeds) -> str:
    if needs.lacking:
        return "no"
    return f"yes, the network on {needs.backend}" if needs.backend else "yes"
