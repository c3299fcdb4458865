"""Files -> pixels: the one opener of source slides."""

from pathlib import Path

from pathae_codec.errors import SlideNotFoundError, UnsupportedSlideError
from pathae_codec.slide.interface import SlideReader


def open_slide(path: Path) -> SlideReader:
    """Open a slide with the reader that keeps most of it, with a full pyramid.

    OpenSlide reads what it knows as a slide; everything else that tifffile opens, plain and
    OME-TIFF among it (of which OpenSlide would lose levels and resolution), goes to tifffile.

    Args:
        path: Of the file.

    Raises:
        SlideNotFoundError: There is no such file.
        UnsupportedSlideError: Neither understands it.
    """
    from pathae_codec.slide.downsampled import with_pyramid
    from pathae_codec.slide.openslide_reader import OpenSlideReader, knows
    from pathae_codec.slide.tifffile_reader import TifffileReader

    if not path.exists():
        raise SlideNotFoundError(f"slide {path}: no such file")
    if knows(path):
        try:
            return with_pyramid(OpenSlideReader(path))
        except UnsupportedSlideError:
            # OpenSlide goes by the description: tifffile may know a compression that it does not.
            pass
    try:
        return with_pyramid(TifffileReader(path))
    except UnsupportedSlideError as error:
        raise UnsupportedSlideError(
            f"slide {path}: neither OpenSlide nor tifffile opens it as an image pyramid ({error})"
        ) from None
