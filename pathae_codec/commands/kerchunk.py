"""`pathae kerchunk`."""

import argparse
from pathlib import Path

from pathae_codec.commands.wording import count, say, say_error
from pathae_codec.storage.address import address_name, is_address, shown, without_secrets

_DESCRIPTION = """\
Write references (kerchunk JSON) that open a PathAE TIFF as OME-Zarr 0.4, chunk by chunk by ranges
of bytes, where it lies: on a disk, a web server, in a bucket. Needs fsspec, and pathae for the
codec; nothing is copied. A FILE in the folder of JSON, or below it, is named relative to JSON:
a reader in another folder says where it is, see below. Any other is named by its URL or its
absolute path.
"""
_EXAMPLES = """\
examples:
  pathae kerchunk https://host/slide.tif -o slide.json
  pathae kerchunk slide.tif --url s3://bucket/slide.tif

  import fsspec, zarr
  fs = fsspec.filesystem("reference", fo="slide.json", asynchronous=True,
                         remote_protocol="https", remote_options={"asynchronous": True})
  level = zarr.open_group(zarr.storage.FsspecStore(fs, read_only=True, path=""), mode="r")["0"]

  # Beside each other on a disk, and read from another folder than theirs:
  fs = fsspec.filesystem("reference", fo="folder/slide.json", asynchronous=True,
                         template_overrides={"u": "folder/slide.tif"})
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "kerchunk",
        help="write references that open a PathAE TIFF as Zarr",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", metavar="FILE", help="a PathAE TIFF; a path or a URL")
    add("-o", "--output", type=Path, metavar="JSON", help="(default FILE's name with .json)")
    add("--url", help="where readers will find FILE (see above)")
    add("--overwrite", action="store_true", help="replace an existing JSON")
    parser.set_defaults(command=_kerchunk)


def _kerchunk(options: argparse.Namespace) -> None:
    from pathae_codec.export.kerchunk import (
        tiff_references,
        where_readers_find,
        write_references,
    )

    output = options.output
    if output is None:
        local = not is_address(options.file)
        output = Path(options.file if local else address_name(options.file))
        output = output.with_suffix(".json")
    url = options.url or where_readers_find(options.file, output)
    if url != without_secrets(url):
        say_error(
            f"pathae: warning: {shown(url)}: user, password and query are left out, since whoever "
            "gets the references would get them; readers add their own"
        )
    references = tiff_references(options.file, url)
    write_references(references, output, overwrite=options.overwrite)
    chunks = sum(isinstance(value, list) for value in references["refs"].values())
    levels = sum(key.endswith("/.zarray") for key in references["refs"])
    say(
        f"{output}: {count(levels, 'level')}, {count(chunks, 'tile')} of "
        f"{references['templates']['u']}"
    )
