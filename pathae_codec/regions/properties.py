"""What a stored slide says of itself in OpenSlide's words."""

import json

from pathae_codec.codec.decode_queue import codec_for
from pathae_codec.errors import ContainerError
from pathae_codec.model.realism import STEPS
from pathae_codec.regions.stored_slide import StoredSlide

VENDOR = "pathae"


def slide_properties(slide: StoredSlide) -> dict[str, str]:
    """Return the properties by name, in the order of the names; all values are text.

    `openslide.*` as OpenSlide has them, as far as the file states them (there is no quickhash);
    `pathae.*` from the slide record, and under their own names those of its source that were kept.

    Args:
        slide: Its container and levels.

    Raises:
        ContainerError: What the slide record says of the scale is wrong.
    """
    container, record = slide.container, slide.container.record
    if "mpp" in record.problems:
        raise ContainerError(record.problems["mpp"])
    model, source, kept = record.model, record.source, record.source.metadata or {}
    stated: dict[str, object] = {
        "openslide.vendor": VENDOR,
        "openslide.level-count": len(slide.sizes),
        "openslide.mpp-x": record.mpp and record.mpp[0],
        "openslide.mpp-y": record.mpp and record.mpp[1],
        "openslide.objective-power": record.magnification,
        "openslide.icc-size": len(container.icc_profile) if container.icc_profile else None,
        "pathae.quality": None if "quality" in record.problems else record.quality,
        "pathae.software": record.software,
        "pathae.model": model.name,
        "pathae.decoder": model.decoder,
        "pathae.encoder": model.encoder,
        "pathae.realism": _realism(slide),
        "pathae.source-format": source.format,
        "pathae.source-compression": source.compression,
        "pathae.lossy-history": json.dumps([step.as_json() for step in record.lossy_history]),
        "pathae.research-only": json.dumps(record.research_only is not False),
        "pathae.intended-use": record.intended_use,
    }
    for index, (width, height) in enumerate(slide.sizes):
        level = f"openslide.level[{index}]"
        stated[f"{level}.downsample"] = slide.downsamples[index]
        stated[f"{level}.width"], stated[f"{level}.height"] = width, height
        stated[f"{level}.tile-width"] = stated[f"{level}.tile-height"] = container.tile
    for name, (width, height) in container.associated.items():
        stated[f"openslide.associated.{name}.height"] = height
        stated[f"openslide.associated.{name}.width"] = width
    texts = {n: t for n, t in kept.items() if n not in stated and not n.startswith("openslide.")}
    # What is wrong in the record is empty.
    texts |= {name: _text(value) for name, value in stated.items() if value not in (None, "")}
    return dict(sorted(texts.items()))


def _realism(slide: StoredSlide) -> float | None:
    """Return the realism at which pixels are read; None where the model has one face."""
    model = codec_for(slide.parameters).model
    if slide.realism is not None or model.realism is None:
        return slide.realism
    return model.realism.default / STEPS


def _text(value: object) -> str:
    """Return a number in its shortest exact form, a whole one without a point."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
