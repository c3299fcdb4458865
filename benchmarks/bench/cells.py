"""Cells of the matrix on disk: a JSON file each, whole or not there."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pathae_codec.errors import SettingError


@dataclass(frozen=True)
class Cell:
    """A task, measured for a codec at a setting with a seed.

    Attributes:
        digest: Of all that the figures depend on; another one makes the cell stale.
        seconds: That measuring took.
        measured: As the task's `measure` gives it.
    """

    task: str
    codec: str
    setting: str
    seed: int
    digest: str
    seconds: float
    measured: dict[str, Any]


def digest_of(*parts: object) -> str:
    """Return a short digest of values that JSON knows."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:16]


def cell_path(folder: Path, task: str, codec: str, setting: str, seed: int) -> Path:
    """Return where a cell is: `<task>/<codec>-<setting>-<seed>.json`, plain characters only."""
    plain = [re.sub(r"[^a-z0-9.]+", "_", part.lower()).strip("_") for part in (codec, setting)]
    return folder / task / f"{'-'.join(plain)}-{seed}.json"


def write_cell(folder: Path, cell: Cell) -> Path:
    """Write a cell, whole or not at all."""
    path = cell_path(folder, cell.task, cell.codec, cell.setting, cell.seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(asdict(cell), allow_nan=False) + "\n", "utf-8")
    part.replace(path)
    return path


def read_cell(path: Path) -> Cell:
    """Read a cell.

    Raises:
        SettingError: It is none.
    """
    try:
        return Cell(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        raise SettingError(f"bench cell {path}: expected a cell, found {error}") from None


def is_done(path: Path, digest: str) -> bool:
    """Say whether a cell is there and made from the same."""
    return path.exists() and read_cell(path).digest == digest


def read_cells(folder: Path) -> Iterator[Cell]:
    """Return all cells below a folder."""
    for path in sorted(folder.glob("*/*.json")):
        yield read_cell(path)
