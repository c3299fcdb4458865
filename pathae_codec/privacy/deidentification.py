"""What of a source may come along unasked: an allow-list, and colours without names."""

from dataclasses import replace

from pathae_codec.privacy.icc_profile import neutral_profile
from pathae_codec.slide.interface import SlideProperties


def deidentified(properties: SlideProperties) -> SlideProperties:
    """Return the properties that identify no patient, no person, no device and no time.

    Kept are the format's name, microns per pixel, magnification, compression, lossy history, how
    the file was read, and of the ICC profile what the colours depend on; one that cannot be read is
    left behind.
    """
    profile = properties.icc_profile
    return replace(
        properties, icc_profile=neutral_profile(profile) if profile else None, metadata={}
    )
