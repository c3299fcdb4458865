"""What a stored slide says of itself in OpenSlide's words."""

import json

from pathae_codec.errors import ContainerError
from pathae_codec.record.checks import is_mpp
from pathae_codec.regions.stored_slide import StoredSlide

VENDOR = "pathae"


def slide_properties(slide: StoredSlide) -> dict[str, str]:
    """Return the properties by name, in the order of the names; all values are text.

    `openslide.*` as OpenSlide has them, as far as the file states them (there is no quickhash);
    `pathae.*` from the slide record, and under their own names those of its source that were kept.

    Args:
        slide: Its container and levels.

    Raises:
        ContainerError: The mpp of the slide record is none.
    """
    container, record = slide.container, slide.container.record
    model, source = _object(record.get("model")), _object(record.get("source"))
    kept = _object(source.get("metadata"))
    stated: dict[str, object] = {
        **{name: text for name, text in kept.items() if not name.startswith("openslide.")},
        "openslide.vendor": VENDOR,
        "openslide.level-count": len(slide.sizes),
        "openslide.objective-power": record.get("magnification"),
        "openslide.icc-size": len(container.icc_profile) if container.icc_profile else None,
        "pathae.quality": record.get("quality"),
        "pathae.software": record.get("software"),
        "pathae.model": model.get("name"),
        "pathae.decoder": model.get("decoder"),
        "pathae.encoder": model.get("encoder"),
        "pathae.source-format": source.get("format"),
        "pathae.source-compression": source.get("compression"),
        "pathae.lossy-history": json.dumps(record.get("lossy_history", [])),
        "pathae.research-only": json.dumps(record.get("research_only", True)),
        "pathae.intended-use": record.get("intended_use"),
    }
    if (mpp := record.get("mpp")) is not None:
        if not is_mpp(mpp):
            raise ContainerError(f"slide record mpp: expected two numbers, got {mpp!r:.40}")
        stated |= {
            f"openslide.mpp-{axis}": float(side) for axis, side in zip("xy", mpp, strict=True)
        }
    for index, (width, height) in enumerate(slide.sizes):
        level = f"openslide.level[{index}]"
        stated[f"{level}.downsample"] = slide.downsamples[index]
        stated[f"{level}.width"], stated[f"{level}.height"] = width, height
        stated[f"{level}.tile-width"] = stated[f"{level}.tile-height"] = container.tile
    for name, (width, height) in container.associated.items():
        stated[f"openslide.associated.{name}.height"] = height
        stated[f"openslide.associated.{name}.width"] = width
    known = {name: _text(value) for name, value in stated.items() if value is not None}
    return dict(sorted(known.items()))


def _object(value: object) -> dict[str, object]:
    """Return an object of JSON; an empty one for anything else: nothing is stated then."""
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """Return a number in its shortest exact form, a whole one without a point."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
