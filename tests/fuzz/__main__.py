"""Run the fuzz targets and print what they did.

    python -m tests.fuzz --inputs 200000 [--target NAME] [--engine atheris|mutation]
    python -m tests.fuzz --minutes 120

Each target has a process of its own, whose memory is measured. Exit code 1 for an error that is
none of this package, for 1 GB of memory or more, for an input of 10 seconds or more, and for a
process that died.
"""

import argparse
import logging
import math
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz import NAMES
from tests.fuzz.outcome import MOST_SECONDS, Outcome, load_outcome

MOST_MEMORY = 10**9


def main() -> int:
    """Run the targets one after the other."""
    options = _options()
    if options.result:
        return _run_one(options)
    names = [options.target] if options.target else list(NAMES)
    outcomes, died = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            result = Path(folder, f"{name}.json")
            command = [sys.executable, "-m", "tests.fuzz", "--target", name, "--result", result]
            command += ["--engine", options.engine, "--seed", str(options.seed)]
            command += ["--inputs", str(options.inputs // len(names))]
            command += ["--crashers", options.crashers]
            if options.minutes:
                command += ["--minutes", str(options.minutes / len(names))]
            run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            least = 1 if options.minutes else options.inputs // len(names)
            if not result.exists() or load_outcome(result).inputs < least:
                died.append(f"{name}: {run.stderr.decode(errors='replace')[-2000:]}")
            if result.exists():
                outcomes.append(load_outcome(result))
                print(_line(outcomes[-1]), flush=True)
    total = sum(outcome.inputs for outcome in outcomes)
    bad = [*died, *(bug for outcome in outcomes for bug in _faults(outcome))]
    print(f"{total} inputs, {len(bad)} faults")
    for fault in bad:
        print(f"  {fault}")
    return 1 if bad else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    default = "atheris" if find_spec("atheris") else "mutation"
    parser.add_argument("--inputs", type=int, default=200_000, help="of all targets together")
    parser.add_argument(
        "--minutes", type=float, help="of all targets together, in place of inputs: by mutation"
    )
    parser.add_argument("--target", choices=NAMES)
    parser.add_argument("--engine", choices=("atheris", "mutation"), default=default)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--crashers", type=Path, default=Path("build", "fuzz", "crashers"))
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.minutes:
        options.engine, options.inputs = "mutation", sys.maxsize
    return options


def _run_one(options: argparse.Namespace) -> int:
    # tifffile logs what it then also raises.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    arguments = (options.target, options.inputs, options.seed, options.crashers)
    if options.engine == "atheris":
        import atheris

        # What is imported in here tells atheris which of its branches were taken.
        with atheris.instrument_imports(include=["pathae_codec"]):
            from tests.fuzz.engines import run_atheris
        run_atheris(*arguments, options.result)
    else:
        from tests.fuzz.engines import run_mutation

        seconds = 60 * options.minutes if options.minutes else math.inf
        run_mutation(*arguments, seconds).save(options.result)
    return 0


def _line(outcome: Outcome) -> str:
    ends = ", ".join(f"{count} {end}" for end, count in outcome.ends.most_common())
    return (
        f"{outcome.target:9} {outcome.engine}: {outcome.inputs} inputs in {outcome.seconds:.0f} s, "
        f"slowest {outcome.slowest:.2f} s, peak {outcome.peak / 1e6:.0f} MB; {ends}"
    )


def _faults(outcome: Outcome) -> list[str]:
    faults = [f"{outcome.target}: {bug}" for bug in outcome.bugs]
    if outcome.peak >= MOST_MEMORY:
        faults.append(f"{outcome.target}: took {outcome.peak / 1e6:.0f} MB")
    if outcome.slowest >= MOST_SECONDS:
        faults.append(f"{outcome.target}: an input took {outcome.slowest:.1f} s")
    return faults


if __name__ == "__main__":
    sys.exit(main())
