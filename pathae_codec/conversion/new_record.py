"""The slide record of a slide whose tiles are encoded. Spec: v1, section 6."""

from collections.abc import Sequence

from pathae_codec.codec.effort import LEAST
from pathae_codec.geometry import Level
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.realism import STEPS
from pathae_codec.record.lossy_history import PATHAE, LossyStep, appended
from pathae_codec.record.slide_record import NO_ROOT, ModelReference, SlideRecord, Source
from pathae_codec.record.tally import Tally
from pathae_codec.slide.interface import UPRIGHT, SlideProperties
from pathae_codec.version import ADDRESS, SOFTWARE

INTENDED_USE = "research only; not for primary diagnosis"


def slide_record(
    properties: SlideProperties,
    model: ModelArtifact,
    quality: int,
    tile: int,
    levels: Sequence[Level],
    tally: Tally,
    size: int,
    conversion: str,
    effort: int,
) -> SlideRecord:
    """Return the record of a slide whose tiles are all encoded, `size` bytes of tiles.

    Its root is settled when they are written. All that `properties` say comes along: see
    `deidentification` for what they should not say.
    """
    history = properties.history
    realism = model.realism.default / STEPS if model.realism else None
    if tally.is_lossy:
        pixels = sum(level.width * level.height for level in levels)
        step = LossyStep(
            PATHAE,
            ratio=3 * pixels / size,
            quality=quality,
            software=SOFTWARE,
            parameters={
                "model": model.name,
                "decoder": model.decoder_id,
                "min_psnr": tally.min_psnr,
                "max_error": tally.max_error,
                # What the floor is held at.
                **({} if realism is None else {"realism": realism}),
                **({"effort": effort} if effort > LEAST else {}),
            },
        )
        history = appended(history, step)
    research_only = properties.research_only or model.card.get("research_only") is not False
    return SlideRecord(
        software=SOFTWARE,
        address=ADDRESS or None,
        model=ModelReference(
            name=model.name,
            decoder=model.decoder_id,
            encoder=model.encoder_id,
            license=model.card.get("license"),
            sources=tuple(model.card.get("sources", [])),
            realism=realism,
        ),
        quality=quality,
        tile=tile,
        levels=tuple((level.width, level.height) for level in levels),
        tiles=tally,
        root=NO_ROOT,
        conversion=conversion,
        mpp=properties.mpp,
        magnification=properties.magnification,
        source=_source(properties),
        lossy_history=history,
        research_only=research_only,
        intended_use=INTENDED_USE if research_only else "as the card of the model says",
    )


def _source(properties: SlideProperties) -> Source:
    """Return what was converted, and how it was read where that is not all of it as it lies."""
    turned = properties.orientation != UPRIGHT
    return Source(
        properties.format,
        properties.compression,
        series=properties.series,
        orientation=properties.orientation if turned else None,
        crop=properties.crop,
        supplied=properties.supplied or None,
        metadata=properties.metadata or None,
    )
