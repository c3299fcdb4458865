"""`pathae info`."""

import argparse
import json
import sys
from pathlib import Path

from pathae_codec.commands import EXIT_LACKING


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "info",
        help="say what a PathAE file holds and needs",
        description="Say what a PathAE file holds and what it needs to be decoded. Exit code 4 if "
        "this machine lacks that: the decoder network, or a backend that runs it.",
        epilog="example: pathae info slide.tif || echo 'see above for what to install'",
    )
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--json", action="store_true", help="print the slide record, and what it needs, as JSON"
    )
    parser.set_defaults(command=_info)


def _info(options: argparse.Namespace) -> int:
    from pathae_codec.info import describe_file, read_file_record
    from pathae_codec.needs import decoding_needs

    record, needs = read_file_record(options.file), decoding_needs(options.file)
    if options.json:
        print(json.dumps({**record, "needs": needs.as_json()}, indent=2))
    else:
        print(describe_file(options.file, record, needs))
    for thing in needs.lacking:
        print(f"pathae: lacking: {options.file}: {thing}", file=sys.stderr)
    return EXIT_LACKING if needs.lacking else 0
