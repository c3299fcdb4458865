"""Cells of the matrix on disk: a JSON Lines file a task, a cell a line, in a fixed order.

A file is always whole: a cell is written by replacing it, under a lock, so that processes that
measure at the same time lose nothing of each other's and a killed one leaves what was there.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pathae_codec.errors import SettingError

CellKey = tuple[str, str, int]
"""Codec, setting and seed: what a task has one cell of."""


@dataclass(frozen=True)
class Cell:
    """A task, measured for a codec at a setting with a seed.

    Attributes:
        digest: Of all that the figures depend on; another one makes the cell stale.
        seconds: That measuring took.
        measured: As the task's `measure` gives it; the order of keys says nothing.
    """

    task: str
    codec: str
    setting: str
    seed: int
    digest: str
    seconds: float
    measured: dict[str, Any]

    @property
    def key(self) -> CellKey:
        """What the task has one cell of; its file is in the order of these."""
        return self.codec, self.setting, self.seed


def digest_of(*parts: object) -> str:
    """Return a short digest of values that JSON knows."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:16]


def task_file(folder: Path, task: str) -> Path:
    """Return the file of a task's cells."""
    return folder / f"{task}.jsonl"


def write_cell(folder: Path, cell: Cell) -> None:
    """Write a cell in place of the one that was there; killed before, that one stays.

    Raises:
        ValueError: It holds a number that JSON has not.
    """
    # Reading cells needs no lock, and so not this library.
    from filelock import FileLock

    path = task_file(folder, cell.task)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        cells = read_task(folder, cell.task) | {cell.key: cell}
        part = path.with_suffix(".part")
        part.write_text("".join(_line(cells[key]) for key in sorted(cells)), "utf-8")
        part.replace(path)


def read_task(folder: Path, task: str) -> dict[CellKey, Cell]:
    """Return the cells of a task, in the order of their keys; none where there is no file.

    Raises:
        SettingError: A line is no cell.
    """
    path = task_file(folder, task)
    if not path.exists():
        return {}
    lines = path.read_text("utf-8").splitlines()
    cells = [_cell(path, number, line) for number, line in enumerate(lines, 1)]
    return {cell.key: cell for cell in sorted(cells, key=lambda cell: cell.key)}


def read_cells(folder: Path) -> Iterator[Cell]:
    """Return all cells of a folder, task by task."""
    for path in sorted(folder.glob("*.jsonl")):
        yield from read_task(folder, path.stem).values()


def _line(cell: Cell) -> str:
    return json.dumps(asdict(cell), allow_nan=False, sort_keys=True) + "\n"


def _cell(path: Path, number: int, line: str) -> Cell:
    try:
        return Cell(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise SettingError(
            f"bench cells {path}, line {number}: expected a cell, found {error}"
        ) from None
