"""`pathae info`."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pathae_codec.commands import EXIT_LACKING
from pathae_codec.commands.wording import count, say, say_error
from pathae_codec.errors import SettingError
from pathae_codec.storage.address import address_name, is_address, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathae_codec.privacy.disclosures import Disclosure

_PHI = "list what a file, or a source, says of where it comes from: people, dates, numbers"
_LONGEST = 200


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "info",
        help="say what a PathAE file holds and needs",
        description="Say what a PathAE file holds and what it needs to be decoded. Exit code 4 if "
        "this machine lacks that: the decoder network, or a backend that runs it.",
        epilog="example: pathae info slide.tif || echo 'see above for what to install'",
    )
    parser.add_argument(
        "file", help="a PathAE TIFF or OME-Zarr, a path or a URL; with --phi any slide, a path"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the slide record, and what it needs, as JSON"
    )
    parser.add_argument("--phi", action="store_true", help=_PHI)
    parser.set_defaults(command=_info)


def _info(options: argparse.Namespace) -> int:
    from pathae_codec.container import open_container
    from pathae_codec.info.file_info import describe_file
    from pathae_codec.info.measured_tiles import measured_tiles
    from pathae_codec.info.needs import decoding_needs
    from pathae_codec.model.artifact_file import load_artifact

    if options.phi:
        if is_address(options.file):
            raise SettingError(
                f"--phi: expected a path on this machine, got {shown(options.file)!r:.80}"
            )
        _list_disclosures(Path(options.file), as_json=options.json)
        return 0
    reader = open_container(options.file)
    parameters = load_artifact(reader.parameters)
    needs = decoding_needs(reader.record, parameters)
    tiles = measured_tiles(reader.ledger())
    if options.json:
        # As the container holds it: in an OME-Zarr with the ICC profile.
        profile = None if reader.kind == "tiff" else reader.icc_profile
        record = reader.record.with_profile(profile).as_json()
        say(json.dumps({**record, "needs": needs.as_json(), "measured": tiles.as_json()}, indent=2))
    else:
        say(describe_file(address_name(options.file), reader.record, parameters, needs, tiles))
    for thing in needs.lacking:
        say_error(f"pathae: lacking: {shown(options.file)}: {thing}")
    return EXIT_LACKING if needs.lacking else 0


def _list_disclosures(path: Path, *, as_json: bool) -> None:
    from pathae_codec.errors import NotPathAEError
    from pathae_codec.privacy.disclosures import file_disclosures, source_disclosures

    try:
        ours, found = True, file_disclosures(path)
    except NotPathAEError:
        ours, found = False, source_disclosures(path)
    if as_json:
        say(json.dumps([asdict(entry) for entry in found], indent=2))
    elif not found:
        looked = "images, metadata, times and texts" if ours else "images, metadata and profile"
        say(f"{path.name}: nothing found that says where the slide comes from, in {looked}")
    elif ours:
        say(f"{path.name}: {count(len(found), 'place')} that can say where the slide comes from:")
    else:
        say(f"{path.name}: a source; unless told to keep it, pathae convert leaves this behind:")
    if not as_json:
        _print_lines(found)
        say("The pixels of the slide were not looked at: they can show writing.")


def _print_lines(found: "Sequence[Disclosure]") -> None:
    for entry in found:
        text = " ".join(entry.what.split())
        shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
        say(f"  {entry.where}: {shown}")
