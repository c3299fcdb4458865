"""The command line of `python -m benchmarks.bench`, in a checkout of the repository."""

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from pathae_codec.commands import EXIT_INTERRUPTED
from pathae_codec.errors import PathAEError, SettingError

EXIT_ERROR = 2
DATA = ("tiles", "classes", "nuclei", "slides")
LIBRARIES = ("torch", "PIL", "scipy", "filelock")
_EXAMPLES = """\
examples:
  python -m benchmarks.bench run smoke
  python -m benchmarks.bench run full --processes 2
  python -m benchmarks.bench run --tiles my-tiles --only feature_similarity --out my-results
  python -m benchmarks.bench page --out my-results
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure or write the page; return the exit code, as `pathae` has them."""
    options = parser().parse_args(arguments)
    try:
        _check_libraries()
        options.command(options)
    except PathAEError as error:
        print(f"bench: error: {error}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("bench: interrupted; what was measured is not measured again", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the two actions."""
    whole = argparse.ArgumentParser(
        prog="python -m benchmarks.bench",
        description="Measure codecs on what tiles are used for: a matrix of codecs times tasks, "
        "a JSON Lines file a task, and a results page, whose summary README.md shows where "
        "--out is not given. What is there is not measured again.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = whole.add_subparsers(required=True, metavar="ACTION")
    run = actions.add_parser("run", help="measure what is not there yet, write the page")
    run.set_defaults(command=_run)
    page = actions.add_parser("page", help="write the page from what is there")
    page.set_defaults(command=_page)
    for action in (run, page):
        add = action.add_argument
        add("config", nargs="?", default="full", help="full (default), smoke, or a TOML file")
        add("--out", type=Path, metavar="FOLDER", help="(default benchmarks/results/bench)")
        add("--data", type=Path, metavar="FOLDER", help="what the config's paths begin at")
        for kind in DATA:
            add(f"--{kind}", type=Path, metavar="FOLDER", help=f"your own {kind} alone")
    run.add_argument("--only", default="", metavar="LIST", help="tasks, separated by commas")
    run.add_argument(
        "--processes", type=int, default=1, metavar="N", help="of one thread each (default 1)"
    )
    run.add_argument(
        "--work",
        type=Path,
        default=Path("bench-work"),
        metavar="FOLDER",
        help="for what may be deleted (default bench-work)",
    )
    return whole


def _check_libraries() -> None:
    missing = [name for name in LIBRARIES if not find_spec(name)]
    if missing:
        raise SettingError(
            f"bench: expected {', '.join(missing)}, found none; "
            "pip install -e '.[torch,benchmarks]'"
        )


def _run(options: argparse.Namespace) -> None:
    from benchmarks.bench.command import run_bench

    run_bench(
        options.config,
        out=options.out,
        work=options.work,
        only=tuple(filter(None, options.only.split(","))),
        root=options.data,
        given={kind: getattr(options, kind) for kind in DATA},
        processes=options.processes,
    )


def _page(options: argparse.Namespace) -> None:
    from benchmarks.bench.command import render_bench

    render_bench(
        options.config,
        out=options.out,
        root=options.data,
        given={kind: getattr(options, kind) for kind in DATA},
    )
