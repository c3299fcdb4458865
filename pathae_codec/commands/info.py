"""`pathae info`."""

import argparse
import json
from pathlib import Path


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("info", help="say what a PathAE file holds and needs")
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="print the record as JSON")
    parser.set_defaults(command=_info)


def _info(options: argparse.Namespace) -> None:
    from pathae_codec.info import describe_file, read_file_parameters, read_file_record

    record = read_file_record(options.file)
    if options.json:
        print(json.dumps(record, indent=2))
    else:
        print(describe_file(options.file, record, read_file_parameters(options.file)))
