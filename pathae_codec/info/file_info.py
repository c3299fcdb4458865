"""What a PathAE file says of itself, read without decoding a tile."""

from collections.abc import Mapping, Sequence

from pathae_codec.info.measured_tiles import MeasuredTiles
from pathae_codec.info.needs import DecodingNeeds
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.library import how_to_get, models_of_encoder
from pathae_codec.model.realism import STEPS
from pathae_codec.record.lossy_history import History, describe_step
from pathae_codec.record.slide_record import FORMAT_VERSION, SlideRecord
from pathae_codec.record.tally import NOT_COUNTED

PACKAGE_LICENSE = "Apache-2.0"


def describe_file(
    name: str,
    record: SlideRecord,
    parameters: ModelArtifact,
    needs: DecodingNeeds,
    tiles: MeasuredTiles,
) -> str:
    """Put record and parameters into lines for people, with what of it is on this machine.

    Raises:
        ContainerError: The record is not what the schema allows.
    """
    record = record.sound()
    mpp = record.mpp
    decoder, others = _decoders(parameters, list(record.model.sources))
    locality = ", tile-global: a tile is decoded whole" if parameters.tile_global else ""
    lines = {
        "file": name,
        "format": f"PathAE {FORMAT_VERSION}, written by {record.software}",
        "quality": record.quality,
        "levels": _describe_levels(record),
        "tile": f"{record.tile} pixels",
        "microns per pixel": f"{mpp[0]:g} x {mpp[1]:g}" if mpp else "not stated by the source",
        **({"tiles": tiles.describe()} if tiles.measured or tiles.equal else {}),
        "magnification": record.magnification or "not stated by the source",
        **_exact_line(record),
        "source": record.source.format,
        **_history_lines(record.lossy_history),
        "model": f"{parameters.name}{locality}",
        **_realism_line(parameters),
        "encoder": parameters.encoder_id,
        "decoder": f"{parameters.decoder_id}, {decoder}",
        **{f"other decoder{number}": line for number, line in others.items()},
        "licence of weights": record.model.license or "not stated",
        "licence of pathae": PACKAGE_LICENSE,
        "decodes here": _describe_backend(needs),
        "use": record.intended_use,
    }
    # A text of the file takes one line: what it breaks into could pass for lines of ours.
    return "\n".join(
        f"{name + ':':20}{' '.join(str(value).splitlines())}" for name, value in lines.items()
    )


def _describe_levels(record: SlideRecord) -> str:
    if record.levels is None:
        return "not stated"
    return ", ".join(f"{width} x {height}" for width, height in record.levels) + " pixels"


def _exact_line(record: SlideRecord) -> dict[str, str]:
    tiles = record.tiles or NOT_COUNTED
    count = tiles.modes.get("exact", 0)
    if not count:
        return {}
    return {
        "exact tiles": f"{count} of {sum(tiles.modes.values())}: the source's own, bit for bit; "
        "pathae export --original"
    }


def _realism_line(parameters: ModelArtifact) -> dict[str, str]:
    if parameters.realism is None:
        return {}
    return {
        "realism": f"{parameters.realism.default / STEPS:g} of 0 (faithful) to 1 (natural); "
        "for another: pathae_codec.open(FILE, realism=), PATHAE_REALISM"
    }


def _history_lines(history: History) -> dict[str, str]:
    """Return a line a step, the oldest first."""
    if not history:
        return {"lossy steps": "none"}
    return {f"lossy step {n}": describe_step(step) for n, step in enumerate(history, 1)}


def _decoders(parameters: ModelArtifact, sources: Sequence[str]) -> tuple[str, Mapping[str, str]]:
    """Say where the file's decoder is, and which others decode the same latents, numbered."""
    places = models_of_encoder(parameters.encoder_id)
    own = [place for place in places if place.decoder_id == parameters.decoder_id]
    if parameters.synthesis is not None:
        said = "embedded in the file"
    elif own:
        said = f"here: {own[0].name}, {own[0].path}"
    else:
        said = f"not on this machine; {how_to_get(parameters.name, sources)}"
    different = {p.decoder_id: p for p in places if p.decoder_id != parameters.decoder_id}
    return said, {
        f" {number}" if len(different) > 1 else "": f"{place.decoder_id}, here: {place.name}, "
        f'{place.path}; pathae_codec.open(FILE, decoder="{place.name}")'
        for number, place in enumerate(different.values(), 1)
    }


def _describe_backend(needs: DecodingNeeds) -> str:
    if needs.lacking:
        return "no"
    if needs.decoder is None:
        return "yes, with no network: no tile is a latent"
    return f"yes, the network on {needs.backend}" if needs.backend else "yes"
