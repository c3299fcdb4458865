"""Files -> pixels: the one opener of source slides."""

import os
from collections.abc import Callable
from pathlib import Path

from pathae_codec.errors import SlideNotFoundError, UnsupportedSlideError
from pathae_codec.slide.interface import UPRIGHT, SlideReader


def open_slide(
    path: str | os.PathLike[str], wrap: Callable[[SlideReader], SlideReader] | None = None
) -> SlideReader:
    """Open a slide with the reader that keeps most of it, upright, with a full pyramid.

    OpenSlide reads what it knows as a slide; everything else that tifffile opens, plain and
    OME-TIFF among it (of which OpenSlide would lose levels and resolution), goes to tifffile.

    Args:
        path: Of the file.
        wrap: Is put between the file's reader and the pyramid that is computed on top of it.

    Raises:
        SlideNotFoundError: There is no such file.
        UnsupportedSlideError: Neither understands it.
    """
    from pathae_codec.slide.downsampled import with_pyramid
    from pathae_codec.slide.openslide_reader import OpenSlideReader, knows
    from pathae_codec.slide.tifffile_reader import TifffileReader
    from pathae_codec.slide.upright import upright

    def wrapped(reader: SlideReader) -> SlideReader:
        return wrap(upright(reader)) if wrap else upright(reader)

    path = Path(path)
    if not path.exists():
        raise SlideNotFoundError(f"slide {path}: no such file")
    refusals: list[UnsupportedSlideError] = []
    if knows(path):
        try:
            reader = OpenSlideReader(path)
        except UnsupportedSlideError as error:
            # OpenSlide goes by the description: tifffile may know a compression that it does not.
            refusals.append(error)
        else:
            stated = reader.properties
            if stated.orientation != UPRIGHT:
                reader.close()
                # Of some compressions it turns each tile in its place, of others none.
                raise UnsupportedSlideError(
                    f"slide {path}: expected upright pixels in a file of the kind {stated.format}, "
                    f"found TIFF's Orientation {stated.orientation} (tag 274), which OpenSlide "
                    "does not follow"
                )
            return with_pyramid(wrapped(reader))
    try:
        return with_pyramid(wrapped(TifffileReader(path)))
    except UnsupportedSlideError as error:
        refusals.append(error)
    raise _refusal(path, refusals)


def _refusal(path: Path, refusals: list[UnsupportedSlideError]) -> UnsupportedSlideError:
    """Return the error with every reason; that a vendor's file is no TIFF is none."""
    from pathae_codec.slide.dicom_header import WHOLE_SLIDE, read_dicom_header
    from pathae_codec.slide.openslide_reader import can_be_asked
    from pathae_codec.slide.tifffile_reader import is_tiff

    header = read_dicom_header(path)
    if header is not None and header.sop_class != WHOLE_SLIDE:
        return UnsupportedSlideError(
            f"slide {path}: expected a DICOM whole slide microscopy image, found a DICOM file of "
            f"another kind (SOP class {header.sop_class})"
        )
    told = refusals if len(refusals) == 1 or is_tiff(path) else refusals[:1]
    reasons = "; ".join(str(error).removeprefix(f"slide {path}: ") for error in told)
    if not can_be_asked():
        reasons += "; OpenSlide, which reads the slides of scanners, cannot be imported here"
    return UnsupportedSlideError(
        f"slide {path}: neither OpenSlide nor tifffile opens it as an image pyramid ({reasons})"
    )
