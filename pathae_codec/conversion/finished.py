"""Whether a conversion that is asked for was finished before, by what its destination says."""

from pathlib import Path

from pathae_codec.container import open_container
from pathae_codec.conversion.keep_regions import Regions
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.conversion.tile_plan import TilePlan
from pathae_codec.errors import DestinationExistsError, NotPathAEError
from pathae_codec.fidelity import Floor
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.realism import STEPS
from pathae_codec.record.tally import NOT_COUNTED
from pathae_codec.slide.interface import SlideReader
from pathae_codec.storage.partial import Partial


def is_finished(
    destination: Path,
    slide: SlideReader,
    model: ModelArtifact,
    quality: int,
    floor: Floor,
    settings: ConvertSettings,
    regions: Regions | None,
) -> bool:
    """Say whether `--resume` finds the destination whole, by what its record says of it.

    A record does not say all that was asked for: not the source's own identity, and of regions only
    how many tiles they touch.

    Raises:
        DestinationExistsError: It is there, and was converted by other settings or from another
            slide.
    """
    if not settings.resume or settings.overwrite or settings.restart or not destination.exists():
        return False
    if Partial(destination).is_begun:
        return False
    try:
        record = open_container(destination).record
    except NotPathAEError:
        return False
    tiles, read = record.tiles or NOT_COUNTED, slide.properties
    stated = {
        "--model": (record.model.decoder, model.decoder_id),
        "--quality": (record.quality, quality),
        "--realism": (
            record.model.realism,
            model.realism.default / STEPS if model.realism else None,
        ),
        "--tile": (record.tile, settings.tile),
        "--series": (record.source.series, read.series),
        "--crop": (record.source.crop, read.crop),
        "--mpp": (record.mpp, read.mpp),
        "--magnification": (record.magnification, read.magnification),
        "the size of the source": (
            record.levels,
            tuple((level.width, level.height) for level in slide.levels),
        ),
        "--min-psnr": (tiles.min_psnr, floor.min_psnr),
        "--max-error": (tiles.max_error, floor.max_error),
        "--keep-region": (tiles.kept, _touched(slide, settings.tile, regions)),
    }
    if differing := [name for name, (found, asked) in stated.items() if found != asked]:
        raise DestinationExistsError(
            f"destination {destination}: exists, and {', '.join(differing)} differs from what is "
            "asked for; use --overwrite to replace it"
        )
    return True


def _touched(slide: SlideReader, tile: int, regions: Regions | None) -> int:
    """Return how many tiles of all levels touch a region."""
    if regions is None:
        return 0
    return sum(
        sum(regions.touched_tiles(level, batch, tile))
        for level, batch in TilePlan(slide.levels, tile).batches(0)
    )
