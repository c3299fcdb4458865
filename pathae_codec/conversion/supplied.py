"""What a user says of a slide that its file does not say, and is told of how it was read."""

from collections.abc import Iterator
from dataclasses import replace

from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import SettingError
from pathae_codec.slide.interface import UPRIGHT, SlideProperties, SlideReader
from pathae_codec.slide.view import SlideView


def supplied(slide: SlideReader, settings: ConvertSettings) -> SlideReader:
    """Return a slide with the microns per pixel and magnification that a user supplies.

    Raises:
        SettingError: The source states them itself.
    """
    if settings.mpp is None and settings.magnification is None:
        return slide
    properties, names = slide.properties, []
    if settings.mpp is not None:
        if properties.mpp is not None and "mpp" not in properties.supplied:
            stated = " x ".join(f"{side:g}" for side in properties.mpp)
            raise SettingError(
                f"mpp: expected none, since the source states {stated} microns per pixel, got "
                f"{settings.mpp[0]:g} x {settings.mpp[1]:g}"
            )
        x, y = settings.mpp
        properties = replace(properties, mpp=(float(x), float(y)))
        names.append("mpp")
    if settings.magnification is not None:
        if properties.magnification is not None and "magnification" not in properties.supplied:
            raise SettingError(
                f"magnification: expected none, since the source states "
                f"{properties.magnification:g}, got {settings.magnification:g}"
            )
        properties = replace(properties, magnification=float(settings.magnification))
        names.append("magnification")
    known = tuple(sorted({*properties.supplied, *names}))
    return SlideView(slide, properties=replace(properties, supplied=known))


def describe_reading(properties: SlideProperties, settings: ConvertSettings) -> Iterator[str]:
    """Return what was done to the picture, or could have been, a line each."""
    if properties.orientation != UPRIGHT:
        yield (
            f"its pixels are stored in TIFF's Orientation {properties.orientation}; they were "
            "turned upright"
        )
    bounds, crop = properties.bounds, properties.crop
    if crop is not None:
        yield f"cropped to its bounds: {crop[2]} x {crop[3]} pixels at {crop[0]}, {crop[1]}"
    elif settings.crop is not None and bounds is None:
        yield "the source states no bounds within its canvas; it was not cropped"
    elif bounds is not None and settings.crop is None:
        yield (
            f"it was scanned in {bounds[2]} x {bounds[3]} pixels of its canvas only; --crop "
            "bounds leaves out the rest"
        )
