"""What `--overwrite` may replace: a file of the same kind, or a folder that this package wrote.

A folder holds whatever people put there, so it is replaced only where it shows what it is: an
OME-Zarr of ours, an OME-Zarr that we exported, or nothing but DICOM files that we exported. A file
never takes the place of a folder, nor a folder that of a file.
"""

import json
from pathlib import Path
from typing import Any, Literal

from pathae_codec.errors import DestinationExistsError

Kind = Literal["TIFF", "JSON", "OME-Zarr", "DICOM"]
_FOLDERS = ("OME-Zarr", "DICOM")
_MAGIC = {
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"{": "JSON",
}
_ENDINGS = {"TIFF": (".tif", ".tiff", ".svs"), "JSON": (".json",)}
_ZARR_METADATA = ("zarr.json", ".zattrs")
_ZARR_MARKS = ("pathae", "pathae_export")
_LONGEST_METADATA = 64 << 20
_DICOM_MAGIC = (128, b"DICM")
_DICOM_MARK = b"PathAE"
"""Every export names it in its Derivation Description, which is among the first elements."""


def check_replaceable(path: Path, kind: Kind) -> None:
    """Refuse to replace what is neither ours nor of the same kind.

    Args:
        path: What is there, links followed.
        kind: What shall take its place.

    Raises:
        DestinationExistsError: That would destroy something else.
    """
    found = _folder_problem(path, kind) if path.is_dir() else _file_problem(path, kind)
    if found:
        raise DestinationExistsError(
            f"destination {path}: {found}; --overwrite does not remove that: remove it yourself, "
            "or name another destination"
        )


def _folder_problem(path: Path, kind: Kind) -> str | None:
    if kind not in _FOLDERS:
        return f"a folder is there, and a {kind} file never takes the place of one"
    entries = list(path.iterdir())
    ours = _is_our_zarr(path) if kind == "OME-Zarr" else all(map(_is_our_dicom, entries))
    if ours or not entries:
        return None
    return f"expected a {kind} folder that pathae wrote, found another"


def _file_problem(path: Path, kind: Kind) -> str | None:
    if kind in _FOLDERS:
        return f"a file is there, and {kind} is a folder"
    if not path.is_file():
        return "expected a regular file"
    with path.open("rb") as file:
        start = file.read(64).lstrip()
    found = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)
    # What shows nothing of its kind is taken for what its name says.
    same = found == kind if found else path.name.lower().endswith(_ENDINGS[kind])
    return None if same or not start else f"expected a {kind} file, found another kind"


def _is_our_zarr(path: Path) -> bool:
    groups = [_attributes(path / name) for name in _ZARR_METADATA]
    return any(mark in attributes for attributes in groups for mark in _ZARR_MARKS)


def _attributes(path: Path) -> dict[str, Any]:
    """Return the attributes of a group by its metadata file; none where there is no such file."""
    try:
        if path.stat().st_size > _LONGEST_METADATA:
            return {}
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if path.name == "zarr.json" and isinstance(value, dict):
        value = value.get("attributes")
    return value if isinstance(value, dict) else {}


def _is_our_dicom(path: Path) -> bool:
    offset, magic = _DICOM_MAGIC
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(1 << 16)
    return start[offset : offset + len(magic)] == magic and _DICOM_MARK in start
