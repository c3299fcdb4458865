"""Slide -> tiles -> container: the one place that knows all three.

While one batch of tiles is encoded, the next one is read; nothing else is held, so that memory
goes with the tiles in flight and never with the slide. The tiles that are done lie in a spool
beside the destination; when all are there, the container is written from it.
"""

import logging
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from pathae_codec.bitstream.limits import MAX_PARAMETERS_BYTES
from pathae_codec.codec.assured import AssuredEncoder
from pathae_codec.codec.batches import check_embeddable
from pathae_codec.codec.spool import TileSpool
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.container import check_destination, create_container, destination_kind
from pathae_codec.container.check_written import check_written
from pathae_codec.container.writable import check_stated
from pathae_codec.conversion.encode_tiles import encode_rest
from pathae_codec.conversion.finished import Wishes, is_finished
from pathae_codec.conversion.identity import conversion_digest, conversion_identity
from pathae_codec.conversion.jpeg_sets import find_jpeg_sets
from pathae_codec.conversion.keep_regions import load_regions
from pathae_codec.conversion.new_record import slide_record
from pathae_codec.conversion.notices import conversion_notices
from pathae_codec.conversion.settings import (
    DEFAULTS,
    ConvertSettings,
    check_settings,
    choose_floor,
    choose_quality,
    with_realism,
)
from pathae_codec.conversion.supplied import supplied
from pathae_codec.conversion.tile_counts import count_tiles, describe_pixels, known_tiles
from pathae_codec.conversion.tile_plan import TilePlan
from pathae_codec.conversion.tile_side import choose_side
from pathae_codec.conversion.worth_it import size_notices, sizes_skipped, skip_if_larger
from pathae_codec.errors import SettingError, SlideChangedError
from pathae_codec.export.overview import check_overview, overview_path, write_overview
from pathae_codec.fidelity import Floor
from pathae_codec.geometry import Level
from pathae_codec.model.artifact import codec_parameters
from pathae_codec.model.artifact_file import save_artifact, stated_digest
from pathae_codec.model.library import find_model
from pathae_codec.model.realism import STEPS
from pathae_codec.privacy.associated import associated_images
from pathae_codec.privacy.deidentification import deidentified
from pathae_codec.record.description import SlideDescription
from pathae_codec.record.ledger_draft import KnownTiles
from pathae_codec.record.tally import Tally
from pathae_codec.regions.stored_source import open_source
from pathae_codec.slide import Part
from pathae_codec.slide.blanking import with_blanks
from pathae_codec.slide.dicom_series import source_bytes
from pathae_codec.slide.identity import source_identity
from pathae_codec.slide.interface import SlideProperties, SlideReader
from pathae_codec.slide.source_streams import open_streams
from pathae_codec.storage.destination import partial_destination
from pathae_codec.storage.stored_files import stored_bytes

_log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ConvertSummary:
    """What a conversion did: sizes in bytes, time in seconds, notices for the user.

    Attributes:
        realism: What the file states, and the floor is held at; None of a model with one face.
        tally: The tiles by mode, the worst of them, those that were blanked; None where an earlier
            run had finished all but its clearing up.
        already_there: An earlier run had finished; nothing was done.
        skipped: The result, of `destination_bytes`, was larger than the source and was not kept.
    """

    source_bytes: int
    destination_bytes: int
    levels: tuple[Level, ...]
    tiles: int
    quality: int
    floor: Floor
    realism: float | None
    tally: Tally | None
    seconds: float
    notices: tuple[str, ...]
    already_there: bool = False
    skipped: bool = False


def convert_slide(
    source: str | PathLike[str],
    destination: str | PathLike[str],
    settings: ConvertSettings = DEFAULTS,
    progress: Progress | None = None,
) -> ConvertSummary:
    """Convert a slide to PathAE tiles in OME-Zarr or TIFF, as the destination's ending says.

    Args:
        source: Anything that `slide.open_slide` opens, a folder of DICOM files among it, or a
            PathAE file. It is only read.
        destination: Ends in `.ome.zarr`, `.zarr`, `.tif` or `.tiff`.
        settings: How to convert.
        progress: Called after each batch with tiles done and tiles in all.

    Raises:
        SlideError, ModelError, EncodingError: See `errors`. The destination is then as it was.
    """
    started = time.monotonic()
    source, destination = Path(source), Path(destination)
    model = with_realism(find_model(settings.model), settings.realism)
    _check_paths(source, destination, settings)
    replaced = settings.overwrite or settings.resume
    overview = overview_path(destination) if settings.jpeg_sidecar else None
    if overview:
        check_overview(overview, overwrite=replaced)
    check_settings(settings, model)
    if settings.embed_model:
        check_embeddable(model, settings.tile)
    regions = load_regions(settings.keep_region) if settings.keep_region else None
    quality = choose_quality(model, settings)
    floor = choose_floor(settings, quality)
    tally, as_pixels = None, tuple[str, ...]()
    blank = settings.on_bad_tile == "blank"
    part = Part(settings.series, cropped=settings.crop is not None)
    with open_source(source, part) as opened, open_streams(source, opened) as streams:
        slide = supplied(opened, settings)
        streams = replace(streams, texts=settings.keep_metadata)
        settings = replace(settings, tile=choose_side(settings, model, streams))
        stated = _stated(slide, settings)
        check_stated(stated.metadata, stated.icc_profile)
        shown = with_blanks(slide) if blank else slide
        began = source_identity(source)
        plan = TilePlan(slide.levels, settings.tile)
        identity = conversion_identity(began, model, quality, floor, settings)
        already = settings.resume and is_finished(
            destination,
            Wishes(slide, model, quality, floor, settings, regions),
            lambda: conversion_digest(identity, source),
        )
        unfinished = (
            nullcontext()
            if already
            else partial_destination(
                destination,
                identity,
                destination_kind(destination),
                overwrite=settings.overwrite,
                resume=settings.resume,
                restart=settings.restart,
                goes_on=True,
            )
        )
        with sizes_skipped() as skipped, unfinished as partial:
            if partial is not None:
                codec = TileCodec(
                    model,
                    backend=settings.backend,
                    threads=settings.threads,
                    effort=settings.effort,
                )
                sets = find_jpeg_sets(streams) if floor != Floor() or regions else ()
                encoder = AssuredEncoder(codec, quality, floor, sets)
                with TileSpool(partial.tiles, plan.whole_batches) as spool:
                    if spool.entries:
                        _log.info(
                            "%s: going on: %d of %d tiles are done",
                            destination,
                            len(spool.entries),
                            plan.total,
                        )
                    encode_rest(slide, streams, encoder, spool, plan, regions, blank, progress)
                    tally = count_tiles(zip(plan.places(), spool.entries, strict=True), floor)
                    if settings.lossless:
                        placed = zip(plan.places(), spool.entries, strict=True)
                        as_pixels = tuple(describe_pixels(placed, streams, plan.tile))
                    size = sum(entry.size for entry in spool.entries)
                    description = _describe(
                        shown,
                        encoder,
                        settings,
                        tally,
                        size,
                        conversion_digest(identity, source),
                        known_tiles(spool.entries),
                    )
                    with create_container(
                        partial.container, description, ngff=settings.ngff
                    ) as container:
                        for level in slide.levels:
                            order = container.tile_order(level)
                            numbers = (plan.number(level, index) for index in order)
                            container.write_level(level, map(spool.read, numbers))
                    check_written(
                        partial.container,
                        description,
                        lambda level, index: spool.read(plan.number(level, index)),
                    )
                if settings.skip_if_larger:
                    skip_if_larger(partial, _source_bytes(source, slide))
                if overview:
                    write_overview(shown, _stated(slide, settings), overview, overwrite=replaced)
                if source_identity(source) != began:
                    raise SlideChangedError(
                        f"slide {source}: changed while it was being converted; convert it again"
                    )
        before = _source_bytes(source, slide)
        after = skipped[0] if skipped else stored_bytes(destination)
        return ConvertSummary(
            source_bytes=before,
            destination_bytes=after,
            levels=slide.levels,
            tiles=plan.total,
            quality=quality,
            floor=floor,
            realism=model.realism.default / STEPS if model.realism else None,
            tally=tally,
            seconds=time.monotonic() - started,
            notices=(
                *conversion_notices(slide.properties, settings, tally),
                *as_pixels,
                *size_notices(before, after),
            ),
            already_there=already,
            skipped=bool(skipped),
        )


def _check_paths(source: Path, destination: Path, settings: ConvertSettings) -> None:
    check_destination(destination, settings.ngff)
    if source.exists() and destination.exists() and source.samefile(destination):
        raise SettingError(f"destination {destination}: expected another path than the source")


def _source_bytes(source: Path, slide: SlideReader) -> int:
    """Return the bytes of a source: one file of DICOM stands for all of its series."""
    found = source_bytes if slide.properties.format == "dicom" else stored_bytes
    return found(source)


def _stated(slide: SlideReader, settings: ConvertSettings) -> SlideProperties:
    """Return what may be said of a slide."""
    return slide.properties if settings.keep_metadata else deidentified(slide.properties)


def _describe(
    slide: SlideReader,
    encoder: AssuredEncoder,
    settings: ConvertSettings,
    tally: Tally,
    size: int,
    conversion: str,
    known: KnownTiles,
) -> SlideDescription:
    properties, model = _stated(slide, settings), encoder.model
    rungs = sorted({encoder.quality, *map(int, tally.rungs)})
    sets = encoder.jpeg_sets if tally.modes.get("exact") else ()
    parameters = save_artifact(
        codec_parameters(model, rungs, encoder.canary, sets, embed=settings.embed_model)
    )
    if len(parameters) > MAX_PARAMETERS_BYTES:
        raise SettingError(
            f"embed_model: expected {MAX_PARAMETERS_BYTES} bytes at most, got {len(parameters)}; "
            "leave it out and hand the model's file on"
        )
    return SlideDescription(
        levels=slide.levels,
        icc_profile=properties.icc_profile,
        associated=associated_images(slide, settings.keep),
        parameters=parameters,
        record=slide_record(
            properties,
            model,
            encoder.quality,
            settings.tile,
            slide.levels,
            tally,
            size,
            conversion,
            encoder.effort,
        ),
        parameters_digest=stated_digest(parameters),
        known=known,
    )
