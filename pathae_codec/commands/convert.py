"""`pathae convert`."""

import argparse
import sys
from pathlib import Path

from pathae_codec.commands.wording import count, megabytes


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("convert", help="convert a slide")
    add = parser.add_argument
    add("source", type=Path, metavar="SRC", help="a slide: SVS, DICOM, OME-TIFF, tiled TIFF, ...")
    add("destination", type=Path, metavar="DST", help=".ome.zarr, .zarr, .tif or .tiff")
    add("--quality", type=int, default=50, metavar="N", help="0 to 100 (default 50)")
    add("--model", default="he-f8c32", help="name, identity or path of a model")
    add("--profile", metavar="NAME", help="such as paper: one byte a latent; instead of --quality")
    add("--tile", type=int, default=512, metavar="SIDE", help="pixels (default 512)")
    add("--min-psnr", type=float, metavar="DB", help="least PSNR of every tile; else JPEG XL")
    add("--keep", default="", metavar="LIST", help="label,macro: they can identify a patient")
    add("--embed-model", action="store_true", help="store the decoder in the file")
    add("--ngff", default="0.5", choices=("0.5", "0.4"), help="OME-Zarr version (default 0.5)")
    add("--overwrite", action="store_true", help="replace an existing destination")
    add("--workers", type=int, default=0, metavar="N", help="threads of the network (default all)")
    parser.set_defaults(command=_convert)


def _convert(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from pathae_codec.convert import ConvertSettings, convert_slide

    settings = ConvertSettings(
        quality=options.quality,
        model=options.model,
        tile=options.tile,
        profile=options.profile,
        min_psnr=options.min_psnr,
        keep=frozenset(filter(None, options.keep.split(","))),
        embed_model=options.embed_model,
        ngff=options.ngff,
        overwrite=options.overwrite,
        threads=options.workers,
    )
    # None: tqdm stays quiet where standard error is no terminal.
    with tqdm(unit="tile", disable=None, desc=options.source.name) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        summary = convert_slide(options.source, options.destination, settings, progress)
    for notice in summary.notices:
        print(f"pathae: warning: {options.source.name}: {notice}", file=sys.stderr)
    ratio = summary.source_bytes / summary.destination_bytes
    print(
        f"{options.destination}: {count(len(summary.levels), 'level')}, "
        f"{count(summary.tiles, 'tile')}, quality {summary.quality}, "
        f"{megabytes(summary.source_bytes)} -> {megabytes(summary.destination_bytes)} "
        f"({ratio:.2f} times smaller than the source file), "
        f"{summary.seconds:.1f} s"
    )
