"""A PathAE file against the slide that it was made from."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from pathae_codec.bitstream.header import TileHeader
from pathae_codec.bitstream.limits import MAX_QUALITY
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import FormatError, SettingError
from pathae_codec.geometry import TileIndex
from pathae_codec.privacy.associated import associated_images
from pathae_codec.record.tally import MODES, NOT_COUNTED, Tally
from pathae_codec.regions.stored_source import open_source
from pathae_codec.slide import WHOLE, Part
from pathae_codec.slide.blanking import with_blanks
from pathae_codec.slide.dicom_series import source_bytes
from pathae_codec.slide.interface import SlideReader
from pathae_codec.storage.stored_files import stored_bytes
from pathae_codec.verification.comparison import (
    BelowFloor,
    Compared,
    TileComparison,
)
from pathae_codec.verification.figures import (
    BIT_FOR_BIT,
    CONSTANT,
    LOSSLESS,
    LOSSY,
    LevelFigures,
    State,
)
from pathae_codec.verification.metadata import Comparison, compare_metadata
from pathae_codec.verification.outcome import Seams, Verification
from pathae_codec.verification.provenance import read_provenance
from pathae_codec.verification.sample import Sample, choose_tiles
from pathae_codec.verification.streams import StreamsCompared, compare_streams
from pathae_codec.verification.structure import (
    Structure,
    check_container,
    open_checked,
    tile_count,
    unopened,
)

Progress = Callable[[int, int], None]


def verify_file(
    file: Path, source: Path, *, sample: Sample | None = None, progress: Progress | None = None
) -> Verification:
    """Check a file's structure, metadata and CRCs, then decode its tiles and compare the pixels.

    Levels that the source does not have are compared with what a conversion makes them from. Only
    pixels that are on a level count; what pads its last tiles does not.

    Args:
        file: A PathAE TIFF or OME-Zarr.
        source: The slide that it was made from, a PathAE file maybe. It is only read.
        sample: Which tiles are decoded; None for all. All are read, and their CRCs checked.
        progress: Called with steps done and steps in all.

    Raises:
        SlideError: The source, or the file, is not there, or the source is no slide.
        FormatError: The source is a PathAE file too, and damaged.
        NotPathAEError, SettingError: As `open_checked`; or both are the same file.
        ModelError: This machine cannot decode the file.
    """
    started = time.monotonic()
    if file.exists() and source.exists() and file.samefile(source):
        raise SettingError(f"source {source}: expected the slide that the file was made from")
    reader = open_checked(file)
    with open_source(source, _part(reader)) as slide:
        statement, compared, streams = NOT_COUNTED, Compared(()), StreamsCompared()
        metadata: tuple[Comparison, ...] = ()
        record, parameters = None, None
        if isinstance(reader, FormatError):
            structure = unopened(reader)
        else:
            record, parameters = reader.record, reader.parameters
            statement = record.tiles or NOT_COUNTED
            metadata = compare_metadata(
                slide.levels, slide.properties, reader.levels, record, reader.icc_profile
            )
            compared = Compared(tuple(LevelFigures(v, reader.tile) for v in reader.levels))
            comparison = TileComparison(reader, slide, statement)
            structure = _compare(comparison, reader, slide, compared, sample, progress)
            streams = compare_streams(reader, source, slide, compared.levels)
        return Verification(
            structure=structure,
            statement=statement,
            record=record,
            metadata=metadata,
            levels=compared.levels,
            seams=tuple(_seams(compared, level) for level in compared.levels),
            worst=compared.worst.ranked(),
            below=tuple(compared.below),
            streams=streams.same,
            blanked=tuple(compared.blanked),
            sample=sample,
            source_bytes=source_bytes(source),
            file_bytes=stored_bytes(file),
            thumbnail=associated_images(with_blanks(slide), frozenset())["thumbnail"],
            provenance=read_provenance(file, source, parameters),
            seconds=time.monotonic() - started,
            problems=tuple(
                _without_names(problem, file, source)
                for problem in (
                    *_problems(structure, statement, metadata, compared),
                    *streams.problems,
                )
            ),
        )


def describe_below(tile: BelowFloor, statement: Tally) -> str:
    """Return a line for a tile below the floor."""
    return (
        f"{tile.place}: {tile.fidelity.psnr:.2f} dB, a sample off by "
        f"{tile.fidelity.max_error}; the file states {statement.floor.describe()}"
    )


def _without_names(problem: str, file: Path, source: Path) -> str:
    """Leave paths out of a problem: names of files may name patients, and reports are handed on."""
    for path, word in ((file, "this file"), (source, "the source")):
        for name in (str(path.absolute()), str(path), path.name):
            problem = problem.replace(f"file {name}", word).replace(name, word)
    return problem


def _part(reader: ContainerReader | FormatError) -> Part:
    """Return the part of the source that a file says it was made from."""
    if isinstance(reader, FormatError):
        return WHOLE
    stated = reader.record.source
    return Part(stated.series, cropped=stated.crop is not None)


def _compare(
    comparison: TileComparison,
    reader: ContainerReader,
    slide: SlideReader,
    compared: Compared,
    sample: Sample | None,
    progress: Progress | None,
) -> Structure:
    comparable = tuple(
        ours
        for ours, theirs in zip(reader.levels, slide.levels, strict=False)
        if (ours.width, ours.height) == (theirs.width, theirs.height)
    )
    stored = sum(tile_count(level, reader.tile) for level in reader.levels)
    chosen = sum(count for _, count, _ in choose_tiles(comparable, reader.tile, sample))
    done = 0

    def step(tiles: int) -> None:
        nonlocal done
        done += tiles
        if progress:
            progress(done, stored + chosen)

    def seen(level: int, index: TileIndex, header: TileHeader | None, size: int) -> None:
        compared.levels[level].note_stored(index, header, size)
        step(1)

    structure = check_container(reader, seen=seen)
    done = stored
    comparison.compare(compared, comparable, sample, step)
    return structure


def _seams(compared: Compared, level: LevelFigures) -> Seams:
    """Return the seams of a level that was compared whole: borders in a sample are a chance few."""
    meter = compared.seams.get(level.level.index)
    if meter is None or (level.state == State.LEFT_OUT).any():
        return Seams()
    return Seams(meter.borders, meter.steps())


def _problems(
    structure: Structure,
    statement: Tally,
    metadata: tuple[Comparison, ...],
    compared: Compared,
) -> Iterator[str]:
    yield from structure.problems
    for line in metadata:
        if not line.same:
            yield f"{line.name}: the source has {line.source}, the file {line.file}"
    yield from compared.unread
    for tile in compared.below:
        yield describe_below(tile, statement)
    if all((v.state == State.COMPARED).all() for v in compared.levels):
        yield from _miscounted(statement, compared.levels)


def _miscounted(statement: Tally, levels: tuple[LevelFigures, ...]) -> Iterator[str]:
    """Return where the file counts its tiles otherwise than they were found."""
    codings = np.concatenate([np.empty(0, np.uint8), *(v.coding.ravel() for v in levels)])
    found = {
        "constant": int((codings == CONSTANT).sum()),
        "latent": int((codings <= MAX_QUALITY).sum()),
        "lossy": int((codings == LOSSY).sum()),
        "lossless": int((codings == LOSSLESS).sum()),
        "exact": int((codings == BIT_FOR_BIT).sum()),
    }
    for mode in MODES if statement.modes else ():
        stated = statement.modes.get(mode, 0)
        if stated != found[mode]:
            yield f"slide record tiles: the file states {stated} {mode}, found {found[mode]}"
    same = found["constant"] + found["lossless"] + found["exact"]
    if statement.kept > same:
        yield f"slide record tiles: the file states {statement.kept} kept, found {same} lossless"
