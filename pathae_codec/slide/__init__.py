"""Files -> pixels: the one opener of source slides."""

from collections.abc import Callable
from pathlib import Path

from pathae_codec.errors import UnsupportedSlideError
from pathae_codec.slide.interface import SlideReader
from pathae_codec.storage.location import check_readable


def open_slide(path: Path, wrap: Callable[[SlideReader], SlideReader] | None = None) -> SlideReader:
    """Open a slide with the reader that keeps most of it, with a full pyramid.

    OpenSlide reads what it knows as a slide; everything else that tifffile opens, plain and
    OME-TIFF among it (of which OpenSlide would lose levels and resolution), goes to tifffile.

    Args:
        path: Of the file.
        wrap: Is put between the file's reader and the pyramid that is computed on top of it.

    Raises:
        SlideNotFoundError: There is no such file.
        SlideReadError: The system does not let it be read.
        UnsupportedSlideError: Neither understands it.
    """
    from pathae_codec.slide.downsampled import with_pyramid
    from pathae_codec.slide.openslide_reader import OpenSlideReader, knows
    from pathae_codec.slide.tifffile_reader import TifffileReader

    def wrapped(reader: SlideReader) -> SlideReader:
        return wrap(reader) if wrap else reader

    check_readable(path, "slide")
    if knows(path):
        try:
            return with_pyramid(wrapped(OpenSlideReader(path)))
        except UnsupportedSlideError:
            # OpenSlide goes by the description: tifffile may know a compression that it does not.
            pass
    try:
        return with_pyramid(wrapped(TifffileReader(path)))
    except UnsupportedSlideError as error:
        raise UnsupportedSlideError(
            f"slide {path}: neither OpenSlide nor tifffile opens it as an image pyramid ({error})"
        ) from None
