"""What the readers have found, in one run of all groups on one Python."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """What one tool did with one container.

    Attributes:
        tool, python, container: Which.
        version: Of the tool.
        result: `equal`, `differs`, `refuses`, `fails`.
        message: What the user is told.
        expected: The result is the one that was expected.
        window: Counts of a window over HTTP; empty elsewhere.
    """

    tool: str
    python: str
    container: str
    version: str
    result: str
    message: str
    expected: bool
    window: dict[str, int]


@dataclass(frozen=True)
class Run:
    """All findings on one Python.

    Attributes:
        source: The slide that was read.
        python: Such as `3.12`.
        full_version: Such as `3.12.1`.
        findings: In the order of the groups and their tools.
    """

    source: str
    python: str
    full_version: str
    findings: list[Finding]


def store_run(folder: Path, run: Run) -> None:
    """Keep a run of all groups; it takes the place of the last one on this Python."""
    _path(folder, run.python).write_text(json.dumps(asdict(run), indent=1), "utf-8")


def load_runs(folder: Path) -> dict[str, Run]:
    """Return the runs that are kept, by Python, the oldest Python first."""
    runs = {}
    for path in sorted(folder.glob(_path(folder, "*").name)):
        stored = json.loads(path.read_text("utf-8"))
        findings = [Finding(**found) for found in stored.pop("findings")]
        runs[stored["python"]] = Run(**stored, findings=findings)
    return runs


def _path(folder: Path, python: str) -> Path:
    return folder / f"run-{python}.json"
