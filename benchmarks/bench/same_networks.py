"""Cells are compared only where the same trained networks saw the tiles."""

from collections.abc import Sequence

from benchmarks.bench.cells import Cell
from pathae_codec.errors import SettingError

UNSTATED = "unstated"


def check_networks(cells: Sequence[Cell]) -> None:
    """Refuse a mixture: cells of one task and seed, measured by networks of other weights.

    Networks that are trained here come out a little different on another machine, or with another
    torch; beside each other, such cells show differences that no codec made.

    Raises:
        SettingError: There is a mixture.
    """
    groups: dict[tuple[str, int], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.task, cell.seed), []).append(cell)
    for (task, seed), group in groups.items():
        for name in sorted(set().union(*map(_networks, group))):
            found = _by_digest(group, name)
            if len(found) > 1:
                raise SettingError(f"bench cells of {task}, seed {seed}: {_words(name, found)}")


def _by_digest(cells: Sequence[Cell], name: str) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(_networks(cell).get(name, UNSTATED), []).append(cell)
    return found


def _networks(cell: Cell) -> dict[str, str]:
    networks: dict[str, str] = cell.measured.get("networks", {})
    return networks


def _words(name: str, found: dict[str, list[Cell]]) -> str:
    shares = ", ".join(
        f"{len(cells)} by {digest} ({cells[0].codec} {cells[0].setting})"
        for digest, cells in sorted(found.items(), key=lambda item: -len(item[1]))
    )
    return (
        f"expected all to be measured by one network '{name}', found {shares}; "
        "delete the lines of one kind from the task's file and measure them anew, or all of them"
    )
