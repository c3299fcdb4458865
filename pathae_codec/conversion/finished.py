"""Whether a conversion that is asked for was finished before, by what its destination says."""

from pathlib import Path

from pathae_codec.container import open_container
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import DestinationExistsError, NotPathAEError
from pathae_codec.fidelity import Floor
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.record.tally import NOT_COUNTED
from pathae_codec.slide.interface import SlideReader
from pathae_codec.storage.destination import Partial


def is_finished(
    destination: Path,
    slide: SlideReader,
    model: ModelArtifact,
    quality: int,
    floor: Floor,
    settings: ConvertSettings,
) -> bool:
    """Say whether `--resume` finds the destination whole, by what its record says of it.

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
    tiles = record.tiles or NOT_COUNTED
    stated = {
        "--model": (record.model.decoder, model.decoder_id),
        "--quality": (record.quality, quality),
        "--tile": (record.tile, settings.tile),
        "the size of the source": (
            record.levels,
            tuple((level.width, level.height) for level in slide.levels),
        ),
        "--min-psnr": (tiles.min_psnr, floor.min_psnr),
        "--max-error": (tiles.max_error, floor.max_error),
    }
    if differing := [name for name, (found, asked) in stated.items() if found != asked]:
        raise DestinationExistsError(
            f"destination {destination}: exists, and {', '.join(differing)} differs from what is "
            "asked for; use --overwrite to replace it"
        )
    return True
