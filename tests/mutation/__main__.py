"""What the conformance vectors prove: each check of the reader is taken out, and all are run.

    python -m tests.mutation [--match TEXT] [--kinds never,part,call,handler] [--table FILE]

A mutant is caught when a vector is no longer taken as it says. Those that are not are survivors;
`tests/mutation/survivors.json` says why they may be. One that is not in it is an error.
"""

import argparse
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.conformance.run_vectors import complaint
from tests.conformance.vectors import VECTORS
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.reach import clear_caches

KINDS = ("never", "part", "call", "handler")
SURVIVORS = Path(__file__).with_name("survivors.json")
SECONDS, MEMORY = 60, 12 * 2**30
"""For a mutant: one without a check may run or grow for ever, which is to be caught by it."""


def main() -> int:
    """Try all mutants; 1 where one survives that is not known to."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--match", default="", help="only mutants whose line in the table has it")
    parser.add_argument("--kinds", default=",".join(KINDS), help="also: bound")
    parser.add_argument("--listed", action="store_true", help="only those of survivors.json")
    parser.add_argument("--table", type=Path, help="a file for the table, in Markdown")
    parser.add_argument("--reached", type=Path, help="of tests.mutation.reach, to save its time")
    arguments = parser.parse_args()
    reached = read_reached(arguments.reached)
    kinds = arguments.kinds.split(",")
    known = {key: reason for reason, keys in read_survivors().items() for key in keys}
    chosen = [m for m in mutants() if m.kind in kinds and arguments.match in str(m)]
    if arguments.listed:
        chosen = [mutant for mutant in chosen if mutant.key in known]
    started, rows = time.monotonic(), []
    for number, mutant in enumerate(chosen, 1):
        by = caught_by(mutant, vectors_of(mutant, reached))
        rows.append((mutant, by))
        if sys.stderr.isatty() or by is None:
            print(f"{number} of {len(chosen)}: {by or 'SURVIVED'}: {mutant}", file=sys.stderr)
    text = table(rows, known)
    if arguments.table:
        arguments.table.write_text(text, "utf-8")
    survivors = [mutant for mutant, by in rows if by is None]
    unknown = [mutant for mutant in survivors if mutant.key not in known]
    print(summary(rows))
    print(f"{len(survivors)} survive, {len(unknown)} of them without a reason stated")
    for mutant in unknown:
        print(f"  {mutant.module}:{mutant.line}: {mutant.kind}: {mutant.shown}")
    stale = [f"{mutant}: caught by {by}" for mutant, by in rows if by and mutant.key in known]
    print("\n".join([f"{len(stale)} are listed as survivors and are caught", *stale]))
    print(f"{time.monotonic() - started:.0f} s")
    return int(bool(unknown or stale))


def read_survivors() -> dict[str, list[str]]:
    """Return the mutants that are known to survive, by the reason for it."""
    found: dict[str, list[str]] = json.loads(SURVIVORS.read_text("utf-8"))
    return found


def read_reached(path: Path | None) -> dict[str, dict[str, set[int]]]:
    """Return the lines that each vector reaches, found in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        target = path or Path(folder) / "reached.json"
        if not target.exists():
            command = [sys.executable, "-m", "tests.mutation.reach", str(target)]
            subprocess.run(command, check=True)
        found = json.loads(target.read_text("utf-8"))
    return {
        vector: {file: set(lines) for file, lines in files.items()}
        for vector, files in found.items()
    }


def vectors_of(mutant: Mutant, reached: dict[str, dict[str, set[int]]]) -> list[str]:
    """Return the vectors that may see a mutant; those of a single tile or artifact first."""
    file, lines = mutant.code.co_filename, set(mutant.reached)
    names = [name for name, files in reached.items() if files.get(file, set()) & lines]
    return sorted(names, key=lambda name: (name.startswith("containers"), name))


def caught_by(mutant: Mutant, names: Sequence[str]) -> str | None:
    """Return the first vector that is not taken as it says; None if all are."""
    if not names:
        return None
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _in_child(mutant, names, writer)
    os.close(writer)
    # Not up to the end of the pipe: a process that the child leaves behind would keep it open.
    _, status = os.waitpid(child, 0)
    found = b""
    while select.select([reader], [], [], 0)[0] and (part := os.read(reader, 4096)):
        found += part
    os.close(reader)
    tried = found.decode().splitlines()
    if tried and tried[-1] == "all taken":
        return None
    how = "" if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 else " (it runs on, or dies)"
    return tried[-1] + how if tried else f"the import{how}"


def _in_child(mutant: Mutant, names: Iterable[str], writer: int) -> None:
    """Run the vectors, telling each before it is tried, and leave the process."""
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        mutant.install()
        for name in names:
            signal.alarm(SECONDS)
            os.write(writer, f"{name}\n".encode())
            clear_caches()
            if complaint(VECTORS / name) is not None:
                os._exit(0)
        os.write(writer, b"all taken\n")
        os._exit(0)
    except BaseException:
        os._exit(1)


def summary(rows: Sequence[tuple[Mutant, str | None]]) -> str:
    """Return how many of each kind were caught."""
    total, caught = Counter(m.kind for m, _ in rows), Counter(m.kind for m, by in rows if by)
    lines = ["| mutation | mutants | caught |", "|---|---:|---:|"]
    lines += [f"| {kind} | {count} | {caught[kind]} |" for kind, count in sorted(total.items())]
    lines.append(f"| all | {total.total()} | {caught.total()} |")
    return "\n".join(lines)


def table(rows: Sequence[tuple[Mutant, str | None]], known: dict[str, str]) -> str:
    """Return the table of all mutants, survivors last."""
    lines = [summary(rows), "", "| check | mutation | caught by |", "|---|---|---|"]
    for mutant, by in sorted(rows, key=lambda row: (row[1] is None, str(row[0]))):
        reason = by or f"survives: {known.get(mutant.key, 'no reason stated')}"
        place = f"{mutant.module.removeprefix('pathae_codec.')}.{mutant.function}"
        shown = mutant.shown.replace("|", "\\|").replace("\n", " ")
        lines.append(f"| {place} | {mutant.kind}: `{shown:.160}` | {reason} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
