"""Whether a conversion that is asked for was finished before, by what its destination says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pathae_codec.codec.effort import LEAST
from pathae_codec.container import container_kind, open_container
from pathae_codec.container.interface import ContainerReader
from pathae_codec.conversion.keep_regions import Regions
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.conversion.tile_plan import TilePlan
from pathae_codec.errors import DestinationExistsError, NotPathAEError
from pathae_codec.fidelity import Floor
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.model.realism import STEPS
from pathae_codec.record.lossy_history import PATHAE
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.record.tally import NOT_COUNTED
from pathae_codec.slide.interface import SlideReader
from pathae_codec.storage.partial import Partial

_KINDS = {"0.5": "zarr3", "0.4": "zarr2"}


@dataclass(frozen=True)
class Wishes:
    """What a conversion is asked for, once its settings are settled.

    Attributes:
        slide: The source.
        model: What encodes it.
        quality: A rung of it.
        floor: What every tile must hold.
        settings: As the user gave them.
        regions: Whose tiles are kept; None for no such.
    """

    slide: SlideReader
    model: ModelArtifact
    quality: int
    floor: Floor
    settings: ConvertSettings
    regions: Regions | None


def is_finished(destination: Path, wishes: Wishes, digest: Callable[[], str]) -> bool:
    """Say whether `--resume` finds the destination whole, by what it says of itself.

    The record's digest of the conversion decides; what else it says names what differs.

    Args:
        destination: Where it may be.
        wishes: What is asked for.
        digest: Gives the digest of this conversion, for which all of the source is read.

    Raises:
        DestinationExistsError: It is there, and was converted by other settings or from another
            slide.
    """
    settings = wishes.settings
    if settings.overwrite or settings.restart or not destination.exists():
        return False
    if Partial(destination).is_begun:
        return False
    try:
        reader = open_container(destination)
    except NotPathAEError:
        return False
    stated = _stated(reader, wishes)
    differing = [name for name, (found, asked) in stated.items() if found != asked]
    if not differing and reader.record.conversion != digest():
        differing = ["the source, --keep-region or --on-bad-tile"]
    if differing:
        raise DestinationExistsError(
            f"destination {destination}: exists, and {', '.join(differing)} differs from what is "
            "asked for; use --overwrite to replace it"
        )
    return True


def _stated(reader: ContainerReader, wishes: Wishes) -> Mapping[str, tuple[object, object]]:
    """Return by the words of the user what a container states and what is asked for."""
    record, slide, settings, model = reader.record, wishes.slide, wishes.settings, wishes.model
    tiles, read = record.tiles or NOT_COUNTED, slide.properties
    images = slide.associated_images() if settings.keep else {}
    metadata = read.metadata if settings.keep_metadata else {}
    is_tiff = container_kind(Path(reader.location)) == "tiff"
    return {
        "--ngff": (reader.kind, "tiff" if is_tiff else _KINDS[settings.ngff]),
        "--keep": (
            set(reader.associated) - {"thumbnail"},
            {name for name in settings.keep if name in images},
        ),
        "--keep-metadata": (dict(record.source.metadata or {}), dict(metadata)),
        "--embed-model": (
            load_artifact(reader.parameters).synthesis is not None,
            settings.embed_model,
        ),
        "--model": (record.model.decoder, model.decoder_id),
        "--quality": (record.quality, wishes.quality),
        "--realism": (
            record.model.realism,
            model.realism.default / STEPS if model.realism else None,
        ),
        "--effort": (_effort(record, settings.effort), settings.effort),
        "--tile": (record.tile, settings.tile),
        "--series": (record.source.series, read.series),
        "--crop": (record.source.crop, read.crop),
        "--mpp": (record.mpp, read.mpp),
        "--magnification": (record.magnification, read.magnification),
        "the size of the source": (
            record.levels,
            tuple((level.width, level.height) for level in slide.levels),
        ),
        "--min-psnr": (tiles.min_psnr, wishes.floor.min_psnr),
        "--max-error": (tiles.max_error, wishes.floor.max_error),
        "--keep-region": (tiles.kept, _touched(slide, settings.tile, wishes.regions)),
    }


def _effort(record: SlideRecord, asked: int) -> object:
    """Return the effort that a record states; what is asked for where nothing lossy was coded."""
    steps = [step for step in record.lossy_history[-1:] if step.method == PATHAE]
    return (steps[0].parameters or {}).get("effort", LEAST) if steps else asked


def _touched(slide: SlideReader, tile: int, regions: Regions | None) -> int:
    """Return how many tiles of all levels touch a region."""
    if regions is None:
        return 0
    return sum(
        sum(regions.touched_tiles(level, batch, tile))
        for level, batch in TilePlan(slide.levels, tile).batches(0)
    )
