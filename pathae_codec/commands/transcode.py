"""`pathae transcode`."""

import argparse

from pathae_codec.commands.local_path import local_path
from pathae_codec.commands.progress import progress_bar
from pathae_codec.commands.wording import DROP_DAMAGED, count, megabytes, say
from pathae_codec.storage.address import address_name

_DESCRIPTION = """\
Move a PathAE file between TIFF and OME-Zarr. The tiles keep every byte; thumbnail, label and macro
are coded anew. With --quality the stored latents are rounded anew to a lower quality, without a
decoder and without the slide; the result is a little worse than a conversion at that quality.
Tiles of one colour, JPEG XL tiles and exact ones stay as they are.
"""
_EXAMPLES = """\
examples:
  pathae transcode slide.tif slide.ome.zarr
  pathae transcode slide.ome.zarr small.tif --quality 20
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "transcode",
        help="move a PathAE file between TIFF and OME-Zarr, or lower its quality",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", metavar="FILE", help="a PathAE TIFF or OME-Zarr; a path or a URL")
    add("destination", type=local_path, metavar="DST", help=".ome.zarr, .zarr, .tif or .tiff")
    add("--quality", type=int, metavar="Q", help="requantize; below that of the file")
    add("--ngff", default="0.5", choices=("0.5", "0.4"), help="OME-Zarr version (default 0.5)")
    add("--drop-damaged-images", action="store_true", help=DROP_DAMAGED)
    add("--overwrite", action="store_true", help="replace an existing destination")
    parser.set_defaults(command=_transcode)


def _transcode(options: argparse.Namespace) -> None:
    from pathae_codec.storage.stored_files import stored_bytes
    from pathae_codec.transcoding.transcode import TranscodeSettings, transcode_slide

    settings = TranscodeSettings(
        options.quality, options.ngff, options.overwrite, options.drop_damaged_images
    )
    name = address_name(options.file)
    with progress_bar(name) as progress:
        summary = transcode_slide(options.file, options.destination, settings, progress)
    how = (
        "every tile as it was"
        if summary.quality is None
        else f"requantized to quality {summary.quality}"
    )
    if summary.quality is not None and summary.exact:
        how += f", {count(summary.exact, 'exact tile')} left as found"
    say(
        f"{options.destination}: {count(summary.levels, 'level')}, "
        f"{count(summary.tiles, 'tile')}, {how}, {megabytes(stored_bytes(options.destination))}, "
        f"{summary.seconds:.1f} s"
    )
