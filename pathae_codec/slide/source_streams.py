"""Slide -> its own compressed tiles, where the picture is read as it is stored."""

from pathlib import Path

from pathae_codec.slide.interface import UPRIGHT, SlideReader
from pathae_codec.slide.streams import SlideStreams

_NOT_AS_STORED = "its pixels are not taken as they are stored"


def open_streams(path: Path, slide: SlideReader) -> SlideStreams:
    """Open the compressed tiles of a slide; none where its file has none that can be told apart.

    What a stream decodes to has to be compared with the slide's own pixels before it is used: a
    vendor's reader may show a level otherwise than its tiles lie in the file.

    Args:
        path: That the slide was opened by.
        slide: Open; its levels are looked for in the file.
    """
    properties, numbers = slide.properties, [level.index for level in slide.levels]
    if properties.orientation != UPRIGHT or properties.crop is not None:
        return SlideStreams(reasons=dict.fromkeys(numbers, _NOT_AS_STORED))
    from pathae_codec.slide.dicom_streams import open_dicom_streams
    from pathae_codec.slide.tiff_streams import open_tiff_streams

    opener = open_dicom_streams if properties.format == "dicom" else open_tiff_streams
    try:
        return opener(path, slide.levels, properties.series)
    # What is no TIFF, or is damaged, gives every kind of error.
    except Exception:
        reason = "its file is none whose tiles can be taken as they are"
        return SlideStreams(reasons=dict.fromkeys(numbers, reason))
