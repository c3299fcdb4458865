"""The command line, `pathae`: a command is a file of `commands`.

Every error of this package ends as one line on standard error and exit code 2. What a command finds
out about a file is no error of the command: that it is not sound is exit code 3, that this machine
cannot decode it is exit code 4; see `commands`.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from pathae_codec.commands import (
    EXIT_INTERRUPTED,
    completion,
    convert,
    export,
    info,
    kerchunk,
    models,
    transcode,
    validate,
    verify,
)
from pathae_codec.errors import PathAEError
from pathae_codec.version import SOFTWARE

EXIT_ERROR = 2
_COMMANDS = (
    convert,
    verify,
    validate,
    info,
    export,
    transcode,
    kerchunk,
    models,
    completion,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; give the exit code."""
    options = command_line().parse_args(arguments)
    command: Callable[[argparse.Namespace], int | None] = options.command
    # tifffile logs what it then also raises; a user is told once.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    try:
        return command(options) or 0
    except PathAEError as error:
        print(f"pathae: error: {error}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        nothing = (
            "--resume goes on" if getattr(options, "resume", False) else "nothing was left behind"
        )
        left = getattr(options, "left", nothing)
        print(f"pathae: interrupted; {left}", file=sys.stderr)
        return EXIT_INTERRUPTED


def command_line() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="pathae", description="Whole-slide images as autoencoder latents in TIFF and OME-Zarr."
    )
    parser.add_argument("--version", action="version", version=SOFTWARE)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(commands)
    parser.set_defaults(whole=parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
