"""`pathae export`."""

import argparse

from pathae_codec.commands.local_path import local_path
from pathae_codec.commands.progress import progress_bar
from pathae_codec.commands.wording import DROP_DAMAGED, count, megabytes, say, say_error
from pathae_codec.storage.address import address_name

_DESCRIPTION = """\
Export a PathAE file to a standard format. The ending of DST names it:

  .tif, .svs   pyramidal TIFF as Aperio lays it out, for OpenSlide and what reads through it
  .ome.tif     OME-TIFF, its levels as SubIFDs
  .ome.zarr    OME-Zarr 0.5 in zstd, which zarr 3 reads without our plugin
  .dcm         a folder of this name: DICOM whole slide images, a file a level, which convert,
               verify --against and wsidicom take as one slide (needs pathae[dicom])

JPEG loses a little once more; deflate, zstd and blosc give the very pixels that PathAE decodes to.
With --original nothing is coded anew: exact tiles give back the source's, byte for byte.
OpenSlide does not read JPEG XL in TIFF, and of an OME-TIFF only level 0.
"""
_EXAMPLES = """\
examples:
  pathae export slide.ome.zarr slide.tif
  pathae export slide.tif exact.tif --codec deflate
  pathae export slide.tif slide.dcm --quality 95
  pathae export lossless.tif source.svs --original
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "export",
        help="write a PathAE file as JPEG TIFF, OME-TIFF, plain OME-Zarr or DICOM",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", metavar="FILE", help="a PathAE TIFF or OME-Zarr; a path or a URL")
    add("destination", type=local_path, metavar="DST", help="see above")
    add("--format", choices=("tiff", "ome-tiff", "ome-zarr", "dicom"), help="(default by DST)")
    add(
        "--codec",
        choices=("jpeg", "jpegxl", "deflate", "zstd", "blosc"),
        help="TIFF, OME-TIFF: jpeg (default), deflate, jpegxl; OME-Zarr: zstd (default), blosc",
    )
    add("--quality", type=int, metavar="Q", help="of JPEG and JPEG XL, 1 to 100 (default 90)")
    add(
        "--original",
        action="store_true",
        help="TIFF, DICOM: the source's own compressed tiles, of a file made with --lossless",
    )
    add("--drop-damaged-images", action="store_true", help=DROP_DAMAGED)
    add("--overwrite", action="store_true", help="replace an existing destination")
    parser.set_defaults(command=_export)


def _export(options: argparse.Namespace) -> None:
    from pathae_codec.export import ExportSettings, export_slide
    from pathae_codec.storage.stored_files import stored_bytes

    settings = ExportSettings(
        options.format,
        options.codec,
        options.quality,
        options.overwrite,
        options.original,
        options.drop_damaged_images,
    )
    name = address_name(options.file)
    with progress_bar(name) as progress:
        summary = export_slide(options.file, options.destination, settings, progress)
    for notice in summary.notices:
        say_error(f"pathae: warning: {name}: {notice}")
    what = "a folder of DICOM files" if summary.format == "dicom" else summary.format
    quality = "" if summary.coding.quality is None else f" {summary.coding.quality}"
    say(
        f"{options.destination}: {what}, {summary.coding.codec}{quality}, "
        f"{count(summary.levels, 'level')}, {count(summary.tiles, 'tile')}, "
        f"{megabytes(stored_bytes(options.destination))}, {summary.seconds:.1f} s"
    )
    if summary.format == "dicom":
        say("  pathae and wsidicom read the folder, OpenSlide any file in it")
