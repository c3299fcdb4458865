"""A way out: PathAE file -> a standard format, tile by tile. A file a format, and the one entry."""

import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pathae_codec.errors import SettingError
from pathae_codec.export.settings import (
    CODECS,
    Coding,
    ExportSettings,
    choose_coding,
    choose_format,
)
from pathae_codec.storage.address import source_name
from pathae_codec.storage.destination import partial_destination
from pathae_codec.storage.replaceable import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from pathae_codec.export.pyramid import Progress, Pyramid
    from pathae_codec.storage.location import Location

DEFAULTS = ExportSettings()
_WRITERS = {
    "tiff": ("pathae_codec.export.tiff", "write_tiff"),
    "ome-tiff": ("pathae_codec.export.ome_tiff", "write_ome_tiff"),
    "ome-zarr": ("pathae_codec.export.ome_zarr", "write_ome_zarr"),
    "dicom": ("pathae_codec.export.dicom", "write_dicom"),
}
_ORIGINAL_WRITERS = {
    "tiff": ("pathae_codec.export.original_tiff", "write_original_tiff"),
    "dicom": ("pathae_codec.export.original_dicom", "write_original_dicom"),
}
_KINDS: dict[str, Kind] = {
    "tiff": "TIFF",
    "ome-tiff": "TIFF",
    "ome-zarr": "OME-Zarr",
    "dicom": "DICOM",
}
__all__ = ["CODECS", "ExportSettings", "ExportSummary", "export_slide"]


@dataclass(frozen=True)
class ExportSummary:
    """What an export did: the format and the coding that were chosen, notices for the user."""

    format: str
    coding: Coding
    levels: int
    tiles: int
    seconds: float
    notices: tuple[str, ...]


def export_slide(
    location: "Location",
    destination: Path,
    settings: ExportSettings = DEFAULTS,
    progress: "Progress | None" = None,
) -> ExportSummary:
    """Export a PathAE file to a standard format. Memory goes with the tiles in flight.

    Args:
        location: A PathAE TIFF or OME-Zarr: a path, or a URL that fsspec reads.
        destination: Its ending names the format unless the settings do.
        settings: How to export.
        progress: Called with tiles done and tiles in all.

    Raises:
        SlideError, FormatError, ModelError, EncodingError: See `errors`. The destination is then
            as it was.
        BackendUnavailableError: DICOM, and wsidicom is not installed.
    """
    from pathae_codec.export.pyramid import stored_pyramid, with_originals

    started = time.monotonic()
    chosen = choose_format(destination, settings)
    coding = choose_coding(chosen, settings)
    write = _writer(chosen, original=settings.original)
    if (
        destination.exists()
        and Path(str(location)).exists()
        and destination.samefile(str(location))
    ):
        raise SettingError(f"destination {destination}: expected another path than the file's")
    pyramid = stored_pyramid(location, drop_damaged_images=settings.drop_damaged_images)
    if settings.original:
        pyramid = with_originals(pyramid, location)
    identity = {"the file": source_name(location), "--format": chosen, "--codec": coding.codec}
    with partial_destination(
        destination, identity, _KINDS[chosen], overwrite=settings.overwrite
    ) as partial:
        if partial is not None:
            write(partial.container, pyramid, coding, progress)
    return ExportSummary(
        chosen,
        coding,
        len(pyramid.levels),
        sum(one.count for one in pyramid.originals) or pyramid.total,
        time.monotonic() - started,
        tuple(_notices(chosen, coding, pyramid)),
    )


def _writer(
    chosen: str, *, original: bool
) -> "Callable[[Path, Pyramid, Coding, Progress | None], None]":
    module, name = (_ORIGINAL_WRITERS if original else _WRITERS)[chosen]
    write: Callable[[Path, Pyramid, Coding, Progress | None], None]
    write = getattr(import_module(module), name)
    return write


def _notices(chosen: str, coding: Coding, pyramid: "Pyramid") -> list[str]:
    notices = [
        f"level {level.index} was left out: it was made when the slide was converted"
        for level in pyramid.left_out
    ]
    if pyramid.mpp is None:
        notices.append("it states no microns per pixel; none were written")
    elif chosen == "tiff" and pyramid.mpp[0] != pyramid.mpp[1]:
        notices.append(
            "microns per pixel of x and y differ; a plain TIFF holds both, but neither "
            "magnification nor associated images"
        )
    if coding.codec == "jpegxl":
        notices.append("OpenSlide does not read JPEG XL in TIFF; it reads --codec jpeg and deflate")
    return notices
