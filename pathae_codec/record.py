"""The slide record: what a container says of itself. Spec: v1, section 6."""

from collections.abc import Mapping, Sequence
from typing import Any

from pathae_codec.container.description import FORMAT_VERSION
from pathae_codec.fidelity import Floor
from pathae_codec.geometry import Level
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.slide import SlideProperties
from pathae_codec.tally import Tally

SOFTWARE = "pathae 0.1.0"
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
    """Give the record of a slide whose tiles are all encoded."""
    earlier = [{"method": properties.compression}] if properties.compression else []
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
        "source": {"format": properties.format, "compression": properties.compression},
        "lossy_history": [
            *earlier,
            {"method": "PathAE", "software": SOFTWARE, "quality": quality},
        ],
        "intended_use": INTENDED_USE,
    }
