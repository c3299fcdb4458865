"""The slide record: what a container says of itself. Spec: v1, section 6."""

from collections.abc import Mapping, Sequence
from typing import Any

from pathae_codec.container.description import FORMAT_VERSION
from pathae_codec.fidelity import Floor
from pathae_codec.geometry import Level
from pathae_codec.lossy_history import PATHAE, LossyStep, appended
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.record.tally import Tally
from pathae_codec.slide import SlideProperties
from pathae_codec.version import SOFTWARE

INTENDED_USE = "research only; not for primary diagnosis"


def slide_record(
    properties: SlideProperties,
    model: ModelArtifact,
    quality: int,
    tile: int,
    levels: Sequence[Level],
    floor: Floor,
    tally: Tally,
) -> Mapping[str, Any]:
    """Return the record of a slide whose tiles are all encoded.

    All that `properties` say comes along: see `deidentification` for what they should not say.
    """
    history = properties.history
    if tally.is_lossy:
        history = appended(history, _own_step(levels, model, quality, floor, tally))
    research_only = properties.research_only or model.card.get("research_only") is not False
    metadata = {"metadata": dict(properties.metadata)} if properties.metadata else {}
    return {
        "format": "pathae",
        "version": FORMAT_VERSION,
        "software": SOFTWARE,
        "install": "pip install pathae",
        "model": {
            "name": model.name,
            "decoder": model.decoder_id,
            "encoder": model.encoder_id,
            "license": model.card.get("license"),
            "sources": model.card.get("sources", []),
        },
        "quality": quality,
        "tile": tile,
        "levels": [[level.width, level.height] for level in levels],
        "tiles": tally.as_json(floor),
        "mpp": list(properties.mpp) if properties.mpp else None,
        "magnification": properties.magnification,
        "source": {
            "format": properties.format,
            "compression": properties.compression,
            **metadata,
        },
        "lossy_history": [dict(step) for step in history],
        "research_only": research_only,
        "intended_use": INTENDED_USE if research_only else "as the card of the model says",
    }


def _own_step(
    levels: Sequence[Level], model: ModelArtifact, quality: int, floor: Floor, tally: Tally
) -> LossyStep:
    """Return the step that an encoding was; its ratio is that of all levels' tiles."""
    pixels = sum(level.width * level.height for level in levels)
    return LossyStep(
        PATHAE,
        ratio=3 * pixels / tally.bytes,
        quality=quality,
        software=SOFTWARE,
        parameters={
            "model": model.name,
            "decoder": model.decoder_id,
            "min_psnr": floor.min_psnr,
            "max_error": floor.max_error,
        },
    )
