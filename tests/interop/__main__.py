"""Runs the interop suite: environments, readers, table.

usage: python -m tests.interop [--groups NAME,...] [--pythons 3.11,3.12] [--environments FOLDER]

Each group of tools gets an environment with our wheel, and each tool reads CMU-1-Small-Region (or,
without it, a drawn slide) in all containers that it is expected to know. When all groups have read
the real slide, README.md and support_table.md get the tables: of one run for each Python. Exit code
1 if a tool did something else than is expected of it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.data import shared_slides
from benchmarks.readme import README, show_table
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from tests.interop.environments import (
    EXPECTED,
    build_wheel,
    find_python,
    full_version,
    make_environment,
)
from tests.interop.http_server import serve
from tests.interop.readme import COMMAND, short_table
from tests.interop.runs import Finding, Run, load_runs, store_run
from tests.interop.table import support_table
from tests.interop.tools import CONTAINERS, GROUPS, ZARR2, Group, Tool

HERE = Path(__file__).parent
READERS, TABLE = HERE / "readers", HERE / "support_table.md"
SLIDE = "CMU-1-Small-Region.svs"
TILE = 256
"""So that there are several shards and many borders."""
SECONDS = 900
"""A reader that takes longer has failed."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parse(arguments)
    folder = options.environments or Path(tempfile.mkdtemp(prefix="pathae-interop-"))
    folder.mkdir(parents=True, exist_ok=True)
    runs = {}
    try:
        source = make_slides(folder / "slides")
        wheel = build_wheel(folder)
        names = options.groups.split(",") if options.groups else [g.name for g in GROUPS]
        groups = [group for group in GROUPS if group.name in names]
        with serve(folder / "slides") as server:
            for version in options.pythons.split(","):
                python = find_python(version)
                if python is None:
                    print(f"Python {version}: not on this machine, left out")
                    continue
                run = Run(source, version, full_version(python), [])
                for group in groups:
                    environment = folder / f"{group.name}-{version}"
                    problem = make_environment(environment, python, group, wheel)
                    findings = (
                        _not_made(group, version, problem)
                        if problem
                        else run_group(group, version, environment, folder, server.url)
                    )
                    run.findings.extend(_tell(environment.name, found) for found in findings)
                    if options.environments is None:
                        shutil.rmtree(environment)
                runs[version] = run
                if len(groups) == len(GROUPS):
                    store_run(folder, run)
        # A run of all groups on the other Python, in the same folder, goes into the same table.
        whole = load_runs(folder)
    finally:
        if options.environments is None:
            shutil.rmtree(folder, ignore_errors=True)
    if len(groups) == len(GROUPS) and whole and {run.source for run in whole.values()} == {SLIDE}:
        table = support_table(list(whole.values()))
        TABLE.write_text(table, "utf-8")
        show_table(README, COMMAND, short_table(table))
    print(support_table(list(runs.values())))
    findings = [found for run in runs.values() for found in run.findings]
    wrong = [found for found in findings if not found.expected]
    for found in wrong:
        print(
            f"not as expected: {found.tool}, {found.container}, Python {found.python}: "
            f"{found.result}: {found.message}"
        )
    print(f"{len(findings) - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


def make_slides(folder: Path) -> str:
    """Convert the slide into all containers, with the codec as it is now; give its name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    source = next((path for path in shared_slides() if path.name == SLIDE), None)
    name = source.name if source else "a drawn slide"
    if source is None:
        source = folder / "drawn.svs"
        write_synthetic_slide(source, width=1403, height=1102, levels=2)
    for container, file in CONTAINERS.items():
        ngff = "0.4" if container == ZARR2 else "0.5"
        convert_slide(source, folder / file, ConvertSettings(tile=TILE, ngff=ngff))
    return name


def run_group(
    group: Group, version: str, environment: Path, folder: Path, url: str
) -> Iterator[Finding]:
    """Run the tools of a group in its environment."""
    for tool in group.tools:
        print(f"{environment.name}: {tool.name}", flush=True)
        told = _versions(environment, tool)
        slides = folder / "slides"
        pairs: list[str] = []
        for container in tool.containers:
            path = slides / CONTAINERS[container]
            pairs += [f"{url}/{path.name}" if tool.over_http else str(path), str(path)]
        results, error = _run_reader(environment, tool.reader, pairs)
        for container in tool.containers:
            failed = {"result": "fails", "message": error}
            found = results.get(CONTAINERS[container], failed)
            result, message = str(found["result"]), str(found["message"])
            right = tool.refuses in message if tool.refuses else result == "equal"
            right = right and (result == "refuses") == bool(tool.refuses)
            # The message without where the file was lying.
            message = message.replace(str(slides) + "/", "")
            window = dict(found.get("window") or {})
            yield Finding(tool.name, version, container, told, result, message, right, window)


def _run_reader(
    environment: Path, reader: str, pairs: list[str]
) -> tuple[dict[str, dict[str, object]], str]:
    """Return what the reader has found, by file; and its last word, for files without a finding."""
    # No path and no model of the environment that runs the suite.
    keep = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    keep |= {"PATHAE_MODELS": "", "PATHAE_BACKEND": "onnx"}
    command = [environment / "bin" / "python", READERS / "run.py", reader]
    command += [environment / EXPECTED, *pairs]
    try:
        run = subprocess.run(
            command, check=False, capture_output=True, text=True, env=keep, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return {}, f"took more than {SECONDS} s"
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"file"')]
    last = (run.stderr.strip().splitlines() or ["no message"])[-1]
    return {str(line["file"]): line for line in lines}, last


def _versions(environment: Path, tool: Tool) -> str:
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    command = [environment / "bin" / "python", "-c", code, *tool.packages]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return run.stdout.split()[0]


def _not_made(group: Group, version: str, problem: str) -> list[Finding]:
    return [
        Finding(tool.name, version, container, "none", "fails", problem, False, {})
        for tool in group.tools
        for container in tool.containers
    ]


def _tell(name: str, found: Finding) -> Finding:
    print(f"{name}: {found.tool}, {found.container}: {found.result}: {found.message}", flush=True)
    return found


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.interop", description=__doc__)
    names = ", ".join(group.name for group in GROUPS)
    parser.add_argument("--groups", default="", help=f"of {names}; default all")
    parser.add_argument("--pythons", default="3.11,3.12", help="default 3.11,3.12")
    parser.add_argument(
        "--environments",
        type=Path,
        help="keep environments and findings here, and take the environments of an earlier run; "
        "default: a temporary folder, each environment removed when its tools have run",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
