"""What a conversion tells its user about the source and what became of it."""

from pathlib import Path

from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.conversion.supplied import describe_reading
from pathae_codec.privacy.deidentification import deidentified
from pathae_codec.record.tally import Tally
from pathae_codec.slide.interface import SlideProperties


def conversion_notices(
    properties: SlideProperties, settings: ConvertSettings, tally: Tally | None
) -> tuple[str, ...]:
    """Return what the user should know of the slide, the reading and the tiles, a line each.

    Args:
        properties: Of the slide, nothing left out.
        settings: Of the conversion.
        tally: Of the tiles; None where an earlier run had finished them.
    """
    notices = [*properties.notes, *describe_reading(properties, settings)]
    if properties.mpp is None:
        notices.append("the source states no microns per pixel; none were written")
    profile = properties.icc_profile
    if profile and not settings.keep_metadata and deidentified(properties).icc_profile is None:
        notices.append("its ICC profile cannot be read; it was left behind")
    if properties.magnification is None:
        notices.append("the source states no magnification; none was written")
    if tally is not None and settings.keep_region is not None and not tally.kept:
        name = Path(settings.keep_region).name
        notices.append(f"no tile touches a region of {name}; none was kept")
    if tally is not None and tally.blanked:
        notices.append(
            f"the source could not give all pixels of {len(tally.blanked)} of the tiles; white "
            "stands for them (pathae info --json lists the tiles)"
        )
    return tuple(notices)
