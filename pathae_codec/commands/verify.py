"""`pathae verify`."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pathae_codec.commands import EXIT_UNSOUND
from pathae_codec.commands.local_path import local_path
from pathae_codec.commands.progress import progress_bar
from pathae_codec.commands.wording import count, megabytes, say, say_error
from pathae_codec.errors import DestinationWriteError, SettingError
from pathae_codec.storage.durable import write_durably
from pathae_codec.storage.surroundings import check_outside_zarr

if TYPE_CHECKING:
    from pathae_codec.verification.outcome import Verification

_REPORT_ENDINGS = (".html", ".htm")
_DESCRIPTION = """\
Check structure, metadata and checksums, then decode every tile of every level and
compare it with the source: PSNR, largest error, SSIM of luma, CIEDE2000, the seams
between tiles, and the floor that the file states. Where the model has two faces, at the
realism that the file states, whatever PATHAE_REALISM says.
"""
_EXAMPLES = """\
examples:
  pathae verify slide.tif --against slide.svs
  pathae verify slide.ome.zarr --against slide.svs --report slide.html
  pathae verify slide.tif --against slide.svs --sample 200 --seed 7

exit codes: 0 it passes; 3 it does not (a line for each problem on standard error);
2 it could not be verified at all.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "verify",
        help="compare a PathAE file with the slide that it was made from",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", type=local_path, metavar="FILE", help="a PathAE TIFF or OME-Zarr")
    add(
        "--against",
        type=local_path,
        required=True,
        metavar="SRC",
        help="the source; it is only read",
    )
    add("--report", type=Path, metavar="HTML", help="write a page that a person can look at")
    add("--sample", type=int, metavar="N", help="decode N tiles drawn at random (default all)")
    add("--seed", type=int, metavar="S", help="of the sample (default 0)")
    parser.set_defaults(command=_verify)


def _verify(options: argparse.Namespace) -> int:
    if options.seed is not None and options.sample is None:
        raise SettingError("--seed: expected --sample beside it, all tiles are compared")
    return verify_and_report(
        options.file, options.against, options.report, options.sample, options.seed or 0
    )


def check_report(report: Path | None) -> None:
    """Refuse a place for a report where it would do harm or could not lie, before any work.

    Raises:
        SettingError: It does not end in .html or .htm, or lies inside a Zarr.
        DestinationWriteError: There is no such folder, or a folder is in its place.
    """
    if report is None:
        return
    if not report.name.lower().endswith(_REPORT_ENDINGS):
        raise SettingError(f"report {report}: expected an ending of .html or .htm")
    if not report.parent.is_dir():
        raise DestinationWriteError(f"report {report}: there is no such folder")
    check_outside_zarr(report, "report")
    if report.is_dir():
        raise DestinationWriteError(f"report {report}: expected a file, there is a folder")


def verify_and_report(
    file: Path,
    source: Path,
    report: Path | None,
    sample: int | None = None,
    seed: int = 0,
    *,
    note: bool = False,
) -> int:
    """Verify a file, print what was found, write the report; return the exit code.

    Args:
        file: A PathAE TIFF or OME-Zarr.
        source: That it was made from.
        report: A page to write.
        sample: Tiles to compare; None for all.
        seed: Of the sample.
        note: Write the quality of tiles that was measured here into the file, where it has none.
    """
    from pathae_codec.verification.noted_quality import note_measured
    from pathae_codec.verification.report.page import draw_report
    from pathae_codec.verification.sample import Sample
    from pathae_codec.verification.verify import verify_file

    check_report(report)
    chosen = None if sample is None else Sample(sample, seed)
    with progress_bar(f"verify {file.name}") as progress:
        found = verify_file(file, source, sample=chosen, progress=progress)
    for problem in found.problems:
        say_error(f"pathae: problem: {file}: {problem}")
    for line in _describe(file, found):
        say(line)
    if note and not found.structure.problems:
        note_measured(file, found.levels)
    if report is not None:
        _write(report, draw_report(found))
        say(f"  report: {report}")
    return EXIT_UNSOUND if found.problems else 0


def _write(report: Path, page: str) -> None:
    try:
        write_durably(report, page.encode())
    except OSError as error:
        raise DestinationWriteError(f"report {report}: {error.strerror}") from error


def _describe(file: Path, found: "Verification") -> Iterator[str]:
    blanked = f", with {count(len(found.blanked), 'tile')} blanked" if found.blanked else ""
    verdict = f"passes{blanked}"
    if found.problems:
        verdict = f"does not pass, {count(len(found.problems), 'problem')}"
    drawn = f" (drawn with seed {found.sample.seed})" if found.sample else ""
    yield (
        f"{file}: {verdict}; {found.compared} of {count(found.tiles, 'tile')} compared{drawn}, "
        f"{megabytes(found.source_bytes)} -> {megabytes(found.file_bytes)}, {found.seconds:.1f} s"
    )
    if not found.compared:
        return
    yield from _describe_figures(found)
    yield f"  tiles: {_describe_codings(found)}"
    if found.streams:
        yield f"  bit for bit: {count(found.streams, 'compressed tile')} of the source came back"
    ratios = [
        f"{seams.steps.ratio:.2f} at level {level}"
        for level, seams in enumerate(found.seams)
        if seams.steps
    ]
    if ratios:
        yield f"  seams: {', '.join(ratios)} (1.00: no grid to be seen)"
    yield f"  {_describe_floor(found)}"
    if found.provenance.realism is not None:
        yield f"  decoded at realism {found.provenance.realism:g}, as the file states"
    if found.blanked:
        yield f"  blanked, as the file states: {count(len(found.blanked), 'tile')}"


def _describe_figures(found: "Verification") -> Iterator[str]:
    from pathae_codec.verification.figures import count_exact, distribution, pooled_psnr

    exact = count_exact(found.levels)
    psnr, luma_ssim, colour, error = (
        distribution(found.levels, name) for name in ("psnr", "luma_ssim", "colour", "max_error")
    )
    if psnr.values.size:
        yield (
            f"  PSNR: worst {psnr.least:.2f} dB ({found.worst[0].place}), 1 % "
            f"{psnr.quantile(0.01):.2f}, median {psnr.quantile(0.5):.2f}, mean {psnr.mean:.2f}; "
            f"all pixels together {pooled_psnr(found.levels):.2f} dB"
        )
        yield (
            f"  SSIM of luma: worst {luma_ssim.least:.4f}, median {luma_ssim.quantile(0.5):.4f}; "
            f"CIEDE2000: worst {colour.most:.2f}, median {colour.quantile(0.5):.2f}; largest error "
            f"of a sample {error.most:.0f}"
        )
    yield f"  exact: {count(exact, 'tile')}"


def _describe_codings(found: "Verification") -> str:
    import numpy as np

    from pathae_codec.verification.figures import describe_coding

    codes, numbers = np.unique(
        np.concatenate([level.coding.ravel() for level in found.levels]), return_counts=True
    )
    pairs = zip(codes.tolist(), numbers.tolist(), strict=True)
    return "; ".join(f"{number} {describe_coding(code)}" for code, number in pairs)


def _describe_floor(found: "Verification") -> str:
    floor = found.statement.floor.describe()
    if not floor:
        return "floor: the file states none"
    if not found.below:
        return f"floor: {floor}, as the file states: held by every tile compared"
    return f"floor: {floor}, as the file states: not held by {count(len(found.below), 'tile')}"
