"""The support table, from what the readers have found."""

import re
from collections.abc import Iterable, Sequence

from tests.interop.runs import Finding, Run
from tests.interop.tools import TIFF, ZARR2, ZARR3

PIXELS_EQUAL, NOT_FOR_IT = "pixels equal", "—"


def support_table(runs: Sequence[Run]) -> str:
    """Return what was read, and both tables as Markdown: what opens what; a window over HTTP."""
    sources = ", ".join(dict.fromkeys(run.source for run in runs))
    pythons = " and ".join(run.full_version for run in runs)
    lines = [
        f"Read: {sources}, in one run on {'each of ' if len(runs) > 1 else ''}Python {pythons}.",
        "",
        f"| Tool | Versions (Python) | {ZARR3} | {ZARR2} | {TIFF} |",
        "|---|---|---|---|---|",
    ]
    findings = [finding for run in runs for finding in run.findings]
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
    return ", ".join(
        f"{version} ({', '.join(sorted(told[version]))})" for version in sorted(told, key=_numbers)
    )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
