"""Files -> pixels: the one opener of source slides."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from pathae_codec.errors import SettingError, SlideNotFoundError, UnsupportedSlideError
from pathae_codec.slide.interface import UPRIGHT, SlideProperties, SlideReader
from pathae_codec.storage.location import check_readable


@dataclass(frozen=True)
class Part:
    """What of a source is read.

    Attributes:
        series: The image of a file, or the slide of a folder, that holds several, counted from 0;
            None takes the largest image, the first slide.
        cropped: Only the part of the canvas that the source says was scanned.
    """

    series: int | None = None
    cropped: bool = False


WHOLE = Part()


def open_slide(path: str | os.PathLike[str], part: Part = WHOLE) -> SlideReader:
    """Open a slide with the reader that keeps most of it, upright, with a full pyramid.

    OpenSlide reads what it knows as a slide; everything else that tifffile opens, plain and
    OME-TIFF among it (of which OpenSlide would lose levels and resolution), goes to tifffile.

    Args:
        path: Of the file; of a DICOM slide, the folder too.
        part: What of it is read.

    Raises:
        SlideNotFoundError: There is no such file.
        SlideReadError: The system does not let it be read.
        UnsupportedSlideError: Neither understands it.
        SettingError: It holds no such series.
    """
    from pathae_codec.slide.downsampled import with_pyramid

    path = Path(path)
    if not path.exists():
        raise SlideNotFoundError(f"slide {path}: no such file")
    reader = _open_reader(path, part)
    if reader.properties.orientation != UPRIGHT:
        from pathae_codec.slide.upright import UprightSlide

        reader = UprightSlide(reader)
    if part.cropped and reader.properties.bounds is not None:
        from pathae_codec.slide.cropped import CroppedSlide

        reader = CroppedSlide(reader, reader.properties.bounds)
    return with_pyramid(reader)


def _open_reader(path: Path, part: Part) -> SlideReader:
    from pathae_codec.slide.dicom_series import file_of_folder, siblings
    from pathae_codec.slide.view import SlideView

    if path.is_dir():
        file, notes = file_of_folder(path, part.series)
        reader = _open_file(file, None)
        stated = replace(reader.properties, series=part.series, notes=notes)
        return SlideView(reader, properties=stated)
    reader = _open_file(path, part.series)
    if reader.properties.format == "dicom" and (count := len(siblings(path))) > 1:
        note = (
            f"it is one of {count} files of one DICOM series: all of them are the slide, and each "
            "gives the same; name the folder, once"
        )
        return SlideView(reader, properties=replace(reader.properties, notes=(note,)))
    return reader


def _open_file(path: Path, series: int | None) -> SlideReader:
    from pathae_codec.slide.openslide_reader import OpenSlideReader, knows
    from pathae_codec.slide.tifffile_reader import TifffileReader

    check_readable(path, "slide")
    refusals: list[UnsupportedSlideError] = []
    if knows(path):
        try:
            reader = OpenSlideReader(path)
        except UnsupportedSlideError as error:
            # OpenSlide goes by the description: tifffile may know a compression that it does not.
            refusals.append(error)
        else:
            try:
                _check_whole(path, reader.properties, series)
            except Exception:
                reader.close()
                raise
            return reader
    try:
        return TifffileReader(path, series)
    except UnsupportedSlideError as error:
        refusals.append(error)
    raise _refusal(path, refusals)


def _check_whole(path: Path, stated: SlideProperties, series: int | None) -> None:
    """Refuse what OpenSlide would give of a file otherwise than it is asked for."""
    if series:
        raise SettingError(
            f"series: expected 0, since OpenSlide gives one slide of {stated.format} files, "
            f"got {series}"
        )
    if stated.orientation != UPRIGHT:
        # Of some compressions it turns each tile in its place, of others none.
        raise UnsupportedSlideError(
            f"slide {path}: expected upright pixels in a file of the kind {stated.format}, found "
            f"TIFF's Orientation {stated.orientation} (tag 274), which OpenSlide does not follow"
        )


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
