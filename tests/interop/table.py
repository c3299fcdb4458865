"""The support table, from what the readers have found."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.interop.tools import TIFF, ZARR2, ZARR3

PIXELS_EQUAL, NOT_FOR_IT = "pixels equal", "—"


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

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def support_table(findings: Sequence[Finding]) -> str:
    """Give both tables as Markdown: what opens what, and what a window costs over HTTP."""
    lines = [
        f"| Tool | Versions (Python) | {ZARR3} | {ZARR2} | {TIFF} |",
        "|---|---|---|---|---|",
    ]
    for tool in dict.fromkeys(finding.tool for finding in findings):
        own = [finding for finding in findings if finding.tool == tool]
        cells = [_cell([f for f in own if f.container == name]) for name in (ZARR3, ZARR2, TIFF)]
        lines.append(f"| {tool} | {_versions(own)} | {' | '.join(cells)} |")
    counted = [finding for finding in findings if finding.window]
    if counted:
        lines += [
            "",
            "A window of 40 x 40 of level 0, over HTTP, after opening; and the opening:",
            "",
            "| Tool | Container | Python | Requests | Bytes | Requests to open | Bytes to open |",
            "|---|---|---|---|---|---|---|",
        ]
    for found in counted:
        window = found.window
        numbers = " | ".join(
            str(window[name]) for name in ("requests", "bytes", "open_requests", "open_bytes")
        )
        lines.append(f"| {found.tool} | {found.container} | {found.python} | {numbers} |")
    return "\n".join(lines) + "\n"


def _cell(findings: Iterable[Finding]) -> str:
    told: dict[str, list[str]] = {}
    for found in findings:
        # On one line, and without a bar, which would end the cell.
        message = " ".join(found.message.replace("|", "/").split())
        text = PIXELS_EQUAL if found.result == "equal" else f"{found.result}: {message}"
        told.setdefault(text, []).append(found.python)
    if len(told) <= 1:
        return next(iter(told), NOT_FOR_IT)
    return "; ".join(f"{text} ({', '.join(pythons)})" for text, pythons in told.items())


def _versions(findings: Iterable[Finding]) -> str:
    told: dict[str, set[str]] = {}
    for found in findings:
        told.setdefault(found.version, set()).add(found.python)
    return ", ".join(f"{version} ({', '.join(sorted(on))})" for version, on in told.items())
