"""The command line, `pathae`: a command is a file of `commands`.

Every failure ends as one line on standard error, an expected one with exit code 2; see `ending`.
What a command finds out about a file is no error of the command: that it is not sound is exit code
3, that this machine cannot decode it is exit code 4; see `commands`.
"""

import argparse
import io
import logging
import sys
from collections.abc import Sequence

from pathae_codec.commands import (
    completion,
    convert,
    export,
    info,
    kerchunk,
    models,
    transcode,
    validate,
    verify,
    view,
)
from pathae_codec.commands.ending import run, unread_output
from pathae_codec.commands.suggesting import SuggestingParser
from pathae_codec.version import SOFTWARE

_COMMANDS = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        convert,
        verify,
        validate,
        info,
        export,
        transcode,
        kerchunk,
        view,
        models,
        completion,
    )
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A console without Unicode shows escapes in place of what it does not have.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    stated = sys.argv[1:] if arguments is None else list(arguments)
    with unread_output():
        options = command_line(_named(stated)).parse_args(stated)
    # tifffile logs what it then also raises; a user is told once.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    return run(options.command, options)


def _named(arguments: Sequence[str]) -> str | None:
    """Return the command that is given; None for one that there is not, or that is about all."""
    # No option before it takes a value.
    first = next((stated for stated in arguments if not stated.startswith("-")), None)
    return first if first in _COMMANDS and first != "completion" else None


def command_line(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of all commands, or of the one that is given."""
    parser = SuggestingParser(
        prog="pathae", description="Whole-slide images as autoencoder latents in TIFF and OME-Zarr."
    )
    parser.add_argument("--version", action="version", version=SOFTWARE)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        if only in (None, name):
            command.add_parser(commands)
    parser.set_defaults(whole=parser)
    _add_traceback(parser)
    return parser


def _add_traceback(parser: argparse.ArgumentParser) -> None:
    """Let every command take `--traceback`, before its name and after it."""
    parser.add_argument(
        "--traceback", action="store_true", default=argparse.SUPPRESS, help="print where it failed"
    )
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                _add_traceback(inner)


if __name__ == "__main__":
    sys.exit(main())
