"""`pathae convert`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pathae_codec.commands import EXIT_INTERRUPTED
from pathae_codec.commands.local_path import local_path
from pathae_codec.commands.progress import progress_bar
from pathae_codec.commands.verify import check_report, verify_and_report
from pathae_codec.commands.wording import count, megabytes, say, say_error
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.storage.stored_files import compared_size

if TYPE_CHECKING:
    from pathae_codec.conversion.convert import ConvertSummary

_KEEP = "images of the source to store: label,macro; they can identify a patient"
_MODEL = f"name, identity or path of a model (default {DEFAULT_MODEL})"
_ON_BAD_TILE = "a tile that SRC cannot give: stop, or store white (default fail)"
_RESUME = "keep the tiles that are done after an error too; a finished DST counts as success"
_KEEP_METADATA = "all that the source says of itself: it can identify people too"
_KEEP_REGION = "store what these touch losslessly (needs pathae[regions])"
_LOSSLESS = "the source's own JPEG, a quarter smaller, to be given back bit for bit; else pixels"
_REALISM = "0 (least error) to 1 (the look of tissue), in eighths: what readers get by default"
_EFFORT = "1 (default) to 9: search longer for fewer bytes; above 1 it needs pathae[torch]"
_MIN_PSNR = "least PSNR of every tile (default: by quality, 25 at 50); none: no such floor"

_SKIP = "write nothing where the result would be larger than SRC"

_MODES = {
    "lossy": "lossy JPEG XL",
    "lossless": "lossless JPEG XL",
    "exact": "exact, the source's own bit for bit",
}
"""Fallback tiles, as `verify` calls them; the other modes have their own names."""

_EXAMPLES = """\
examples:
  pathae convert slide.svs slide.ome.zarr
  pathae convert slide.svs slide.tif --min-psnr 32 --keep-region regions.geojson
  pathae convert slide.svs slide.tif --verify --report slide.html
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "convert",
        help="convert a slide",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "source",
        type=local_path,
        metavar="SRC",
        help="a slide: SVS, OME-TIFF, tiled TIFF, a folder of DICOM files",
    )
    add("destination", type=local_path, metavar="DST", help=".ome.zarr, .zarr, .tif or .tiff")
    add("--quality", type=int, default=50, metavar="N", help="0 to 100 (default 50)")
    add("--model", default=DEFAULT_MODEL, help=_MODEL)
    add("--effort", type=int, default=1, metavar="N", help=_EFFORT)
    add("--realism", type=float, metavar="R", help=_REALISM)
    add("--profile", metavar="NAME", help="such as paper: one byte a latent; instead of --quality")
    add(
        "--tile",
        type=int,
        default=0,
        metavar="SIDE",
        help="pixels a side (default 512, or what the source's tiles make)",
    )
    add("--lossless", action="store_true", help=_LOSSLESS)
    add("--min-psnr", type=_decibels, metavar="DB", help=_MIN_PSNR)
    add(
        "--max-error",
        type=int,
        metavar="N",
        help="largest error of any sample; 0: lossless",
    )
    add("--keep-region", type=Path, metavar="GEOJSON", help=_KEEP_REGION)
    add("--series", type=int, metavar="N", help="which of several slides in SRC, counted from 0")
    add("--crop", choices=("bounds",), help="only the part of the canvas that was scanned")
    add("--mpp", type=_microns, metavar="X[,Y]", help="microns per pixel, if SRC states none")
    add("--magnification", type=float, metavar="N", help="of the objective, if SRC states none")
    add("--keep", default="", metavar="LIST", help=_KEEP)
    add("--keep-metadata", action="store_true", help=_KEEP_METADATA)
    add("--embed-model", action="store_true", help="store the decoder in the file")
    add(
        "--jpeg-sidecar",
        action="store_true",
        help="write NAME.overview.tif, a small JPEG TIFF, too",
    )
    add("--ngff", default="0.5", choices=("0.5", "0.4"), help="OME-Zarr version (default 0.5)")
    add("--skip-if-larger", action="store_true", help=_SKIP)
    add("--overwrite", action="store_true", help="replace an existing destination")
    add("--resume", action="store_true", help=_RESUME)
    add("--restart", action="store_true", help="forget what a stopped run has done")
    add("--on-bad-tile", default="fail", choices=("fail", "blank"), help=_ON_BAD_TILE)
    add(
        "--verify",
        action="store_true",
        help="then compare every tile; exit code 3 if one fails",
    )
    add("--report", type=Path, metavar="HTML", help="verify, and write a page about it")
    add("--workers", type=int, default=0, metavar="N", help="threads of the network (default all)")
    parser.set_defaults(command=_convert, left=_left)


def _convert(options: argparse.Namespace) -> int:
    from pathae_codec.conversion.convert import convert_slide
    from pathae_codec.conversion.settings import ConvertSettings

    if options.report:
        check_report(options.report)
    settings = ConvertSettings(
        quality=options.quality,
        model=options.model,
        tile=options.tile,
        lossless=options.lossless,
        profile=options.profile,
        realism=options.realism,
        effort=options.effort,
        min_psnr=options.min_psnr,
        max_error=options.max_error,
        keep_region=options.keep_region,
        resume=options.resume,
        restart=options.restart,
        on_bad_tile=options.on_bad_tile,
        keep=frozenset(filter(None, options.keep.split(","))),
        keep_metadata=options.keep_metadata,
        embed_model=options.embed_model,
        ngff=options.ngff,
        jpeg_sidecar=options.jpeg_sidecar,
        overwrite=options.overwrite,
        threads=options.workers,
        series=options.series,
        crop=options.crop,
        mpp=options.mpp,
        magnification=options.magnification,
        skip_if_larger=options.skip_if_larger,
    )
    with progress_bar(options.source.name) as progress:
        summary = convert_slide(options.source, options.destination, settings, progress)
    if summary.already_there:
        say(f"{options.destination}: already there")
        return _verify(options) if options.verify or options.report else 0
    for notice in summary.notices:
        say_error(f"pathae: warning: {options.source.name}: {notice}")
    if summary.skipped:
        say(
            f"{options.destination}: skipped, nothing was written: "
            f"{megabytes(summary.source_bytes)} would become "
            f"{megabytes(summary.destination_bytes)}"
        )
        return 0
    compared = compared_size(summary.source_bytes, summary.destination_bytes)
    say(
        f"{options.destination}: {count(len(summary.levels), 'level')}, "
        f"{count(summary.tiles, 'tile')}, {_quality(summary)}"
        f"{megabytes(summary.source_bytes)} -> {megabytes(summary.destination_bytes)} "
        f"({compared} than the source file), "
        f"{summary.seconds:.1f} s"
    )
    for line in _describe_tiles(summary):
        say(f"  {line}")
    if options.verify or options.report:
        return _verify(options)
    return 0


def _verify(options: argparse.Namespace) -> int:
    try:
        return verify_and_report(options.destination, options.source, options.report, note=True)
    except KeyboardInterrupt:
        say_error("pathae: interrupted; the file is whole but was not verified")
        return EXIT_INTERRUPTED


def _quality(summary: "ConvertSummary") -> str:
    if summary.floor.max_error == 0:
        return "lossless, "
    realism = "" if summary.realism is None else f"realism {summary.realism:g}, "
    return f"quality {summary.quality}, {realism}"


def _left(options: argparse.Namespace) -> str:
    """Say what an interrupted conversion leaves."""
    from pathae_codec.storage.partial import Partial

    partial = Partial(options.destination)
    if not partial.has_tiles:
        return "nothing was left behind"
    return (
        f"the tiles that are done are kept in {partial.folder.name}; the same command goes on, "
        "--restart begins anew"
    )


def _decibels(text: str) -> float:
    return 0.0 if text == "none" else float(text)


def _microns(text: str) -> tuple[float, float]:
    x, _, y = text.partition(",")
    return float(x), float(y or x)


def _describe_tiles(summary: "ConvertSummary") -> list[str]:
    """Say how many tiles each mode took, and what and where the worst are."""
    tally, floor = summary.tally, summary.floor
    if tally is None:
        return ["an earlier run had finished it; what it left was cleared up"]
    rungs = ", ".join(f"{number} at quality {rung}" for rung, number in tally.rungs.items())
    modes = [
        f"{number} {_MODES.get(mode, mode)}" + (f" ({rungs})" if mode == "latent" else "")
        for mode, number in tally.modes.items()
        if number
    ]
    lines = [f"tiles: {', '.join(modes)}" + (f"; {tally.kept} kept" if tally.kept else "")]
    if floor.min_psnr is None and floor.max_error is None:
        return [*lines, "no floor was set: the tiles were not compared with the source"]
    if tally.worst_psnr is not None and tally.worst_error is not None:
        low, far = tally.worst_psnr, tally.worst_error
        lines.append(
            f"worst tiles: {low.psnr:.2f} dB at level {low.level}, row {low.row}, column "
            f"{low.column}; a sample off by {far.max_error} at level {far.level}, row "
            f"{far.row}, column {far.column}"
        )
    asked = [f"{floor.min_psnr:g} dB or more" if floor.min_psnr is not None else ""]
    asked.append(f"errors of {floor.max_error} at most" if floor.max_error is not None else "")
    return [*lines, f"every tile was decoded and holds {' and '.join(filter(None, asked))}"]
