"""`pathae validate`."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pathae_codec.commands import EXIT_UNSOUND
from pathae_codec.commands.local_path import local_path
from pathae_codec.commands.progress import progress_bar
from pathae_codec.commands.wording import count, say, say_error
from pathae_codec.errors import SettingError

if TYPE_CHECKING:
    from pathae_codec.verification.structure import Structure

_EXAMPLES = """\
examples:
  pathae validate slide.tif
  pathae validate slide.ome.zarr --decode && rsync -a slide.ome.zarr archive/
  pathae validate slide.tif --digest > slide.root
  pathae validate archive/slide.ome.zarr --digest "$(cat slide.root)"
"""
_DESCRIPTION = """\
Check structure, metadata, codec parameters, decoder, and that every tile of a PathAE file
is there and the one that was written. Prints a line a problem; exit code 3 if there is one.
"""
_DIGEST = (
    "print the root of the tiles, the same in TIFF and OME-Zarr; with ROOT, compare it too: exit "
    "code 3 if it differs. It says that the tiles are the same, not who made them"
)
_ROOT = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "validate",
        help="check a PathAE file by itself",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # Without one, what stands behind `--digest` is it.
    parser.add_argument("file", type=local_path, nargs="?", help="a PathAE TIFF or OME-Zarr")
    parser.add_argument("--decode", action="store_true", help="decode every tile too (slower)")
    parser.add_argument("--digest", nargs="?", const="", metavar="ROOT", help=_DIGEST)
    parser.set_defaults(command=_validate)


def _validate(options: argparse.Namespace) -> int:
    from pathae_codec.verification.structure import validate_file

    file, digest = options.file, options.digest
    if file is None:
        if not digest or _ROOT.fullmatch(digest):
            raise SettingError("file: expected a PathAE TIFF or OME-Zarr, got none")
        file, digest = local_path(digest), ""
    expected = _expected_root(digest) if digest else None
    with progress_bar(file.name) as progress:
        found = validate_file(file, decode=options.decode, progress=progress)
    problems = list(found.problems)
    if expected and found.root not in (None, expected):
        problems.append(
            f"root: expected {expected}, got {found.root}; these are other tiles, or are shown by "
            "other parameters"
        )
    for problem in problems:
        say_error(f"pathae: problem: {file}: {problem}")
    if digest is None:
        _describe(file, found)
    elif not problems:
        say(str(found.root))
    return EXIT_UNSOUND if problems else 0


def _describe(file: Path, found: "Structure") -> None:
    modes = ", ".join(f"{n} {mode.name.lower()}" for mode, n in sorted(found.tiles.items()))
    omitted = f", {found.omitted} white and omitted" if found.omitted else ""
    verdict = count(len(found.problems), "problem") if found.problems else "sound"
    say(
        f"{file}: {verdict}; {count(len(found.levels), 'level')}, "
        f"{count(found.tiles.total(), 'sound tile')} ({modes or 'none'}){omitted}"
    )


def _expected_root(text: str) -> str:
    found = _ROOT.fullmatch(text.strip().lower())
    if found is None:
        raise SettingError(f"--digest: expected sha256: and 64 hexadecimal digits, got {text:.80}")
    return f"sha256:{found[1]}"
