"""`pathae validate`."""

import argparse

from pathae_codec.commands import EXIT_UNSOUND
from pathae_codec.commands.local_path import local_path
from pathae_codec.commands.progress import progress_bar
from pathae_codec.commands.wording import count, say, say_error

_EXAMPLES = """\
examples:
  pathae validate slide.tif
  pathae validate slide.ome.zarr --decode && rsync -a slide.ome.zarr archive/
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "validate",
        help="check a PathAE file by itself",
        description="Check structure, metadata, codec parameters, decoder and the CRC of every "
        "tile of a PathAE file.\nPrints a line a problem; exit code 3 if there is one.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=local_path, help="a PathAE TIFF or OME-Zarr")
    parser.add_argument("--decode", action="store_true", help="decode every tile too (slower)")
    parser.set_defaults(command=_validate)


def _validate(options: argparse.Namespace) -> int:
    from pathae_codec.verification.structure import validate_file

    with progress_bar(options.file.name) as progress:
        found = validate_file(options.file, decode=options.decode, progress=progress)
    for problem in found.problems:
        say_error(f"pathae: problem: {options.file}: {problem}")
    modes = ", ".join(f"{n} {mode.name.lower()}" for mode, n in sorted(found.tiles.items()))
    left_out = f", {found.left_out} white and left out" if found.left_out else ""
    verdict = count(len(found.problems), "problem") if found.problems else "sound"
    say(
        f"{options.file}: {verdict}; {count(len(found.levels), 'level')}, "
        f"{count(found.tiles.total(), 'sound tile')} ({modes or 'none'}){left_out}"
    )
    return EXIT_UNSOUND if found.problems else 0
