"""A DICOM slide is a series of files: a folder, or any one of the files, names it."""

from collections.abc import Iterable
from pathlib import Path

from pathae_codec.errors import SettingError, UnsupportedSlideError
from pathae_codec.slide.dicom_header import WHOLE_SLIDE, read_dicom_header
from pathae_codec.storage.stored_files import stored_bytes


def file_of_folder(folder: Path, number: int | None) -> tuple[Path, tuple[str, ...]]:
    """Return a file of the slide in a folder, and what a user should know of the choice.

    Args:
        folder: With the files of one slide or more, maybe in folders below it.
        number: Of the slide, counted from 0; None takes the first.

    Raises:
        UnsupportedSlideError: No file in it is of a DICOM slide.
        SettingError: There are fewer slides.
    """
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    slides = list(_slides(files).values())
    if not slides:
        raise UnsupportedSlideError(f"slide {folder}: {_describe_other(folder, files)}")
    if number is not None and not 0 <= number < len(slides):
        raise SettingError(
            f"series: expected 0 to {len(slides) - 1}, the DICOM series of the folder, got {number}"
        )
    chosen = slides[number or 0]
    if len(slides) == 1 or number is not None:
        return chosen[0], ()
    names = ", ".join(f"{n}: {files[0].name}" for n, files in enumerate(slides))
    return chosen[0], (
        f"the folder holds {len(slides)} DICOM series, each a slide; the first was taken "
        f"({names}); --series N takes another",
    )


def siblings(file: Path) -> tuple[Path, ...]:
    """Return the files of the series that a file belongs to, itself too; none if it is no DICOM."""
    header = read_dicom_header(file)
    if header is None:
        return ()
    beside = (other for other in file.parent.iterdir() if other.is_file() and other != file)
    return (file, *sorted(other for other in beside if read_dicom_header(other) == header))


def source_bytes(path: Path) -> int:
    """Return the bytes of a source: of a folder, of a file, of all files of a file's series."""
    return sum(map(stored_bytes, siblings(path) if path.is_file() else ())) or stored_bytes(path)


def _slides(files: Iterable[Path]) -> dict[tuple[Path, str], list[Path]]:
    slides: dict[tuple[Path, str], list[Path]] = {}
    for file in files:
        header = read_dicom_header(file)
        if header is not None and header.sop_class == WHOLE_SLIDE:
            slides.setdefault((file.parent, header.series), []).append(file)
    return slides


def _describe_other(folder: Path, files: list[Path]) -> str:
    expected = "expected a folder of DICOM whole slide images, found"
    if any((folder / name).exists() for name in ("zarr.json", ".zgroup", ".zattrs")):
        return f"{expected} an OME-Zarr that is none of PathAE's"
    if any(read_dicom_header(file) for file in files):
        return f"{expected} DICOM images of another kind"
    return f"{expected} none in {len(files)} files"
