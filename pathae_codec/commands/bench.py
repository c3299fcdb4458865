"""`pathae bench run | page`: hands over to the folder `benchmarks` of a checkout."""

import argparse
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from pathae_codec.errors import SettingError

CHECKOUT = Path(__file__).parents[2]
DATA = ("tiles", "classes", "nuclei", "slides")

_EXAMPLES = """\
examples:
  pathae bench run smoke
  pathae bench run full --processes 2
  pathae bench run --tiles my-tiles --only feature_similarity --out my-results
  pathae bench page --out my-results
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its actions to the command line."""
    parser = commands.add_parser(
        "bench",
        help="measure codecs on tasks (needs a checkout)",
        description="Measure codecs on what tiles are used for: a matrix of codecs times tasks, "
        "a JSON Lines file a task, and a results page, whose summary README.md shows where --out is "
        "not given. What is there is not measured again.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
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


def _run(options: argparse.Namespace) -> None:
    _benchmarks().run_bench(
        options.config,
        out=options.out,
        work=options.work,
        only=tuple(filter(None, options.only.split(","))),
        root=options.data,
        given={kind: getattr(options, kind) for kind in DATA},
        processes=options.processes,
    )


def _page(options: argparse.Namespace) -> None:
    _benchmarks().render_bench(
        options.config,
        out=options.out,
        root=options.data,
        given={kind: getattr(options, kind) for kind in DATA},
    )


def _benchmarks() -> ModuleType:
    """Import the code of the benchmarks, which no wheel carries."""
    if (CHECKOUT / "benchmarks" / "bench").is_dir() and str(CHECKOUT) not in sys.path:
        sys.path.append(str(CHECKOUT))
    try:
        found = find_spec("benchmarks.bench.command")
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise SettingError(
            "bench: expected the folder benchmarks of a checkout of the repository, found none; "
            "run python -m benchmarks.bench in one"
        )
    missing = [name for name in ("torch", "PIL", "scipy") if not find_spec(name)]
    if missing:
        raise SettingError(
            f"bench: expected {', '.join(missing)}, found none; "
            "pip install 'pathae[torch,benchmarks]'"
        )
    return import_module("benchmarks.bench.command")
