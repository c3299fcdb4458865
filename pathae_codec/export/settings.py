"""What may be asked of an export, checked before any work is done."""

from dataclasses import dataclass
from pathlib import Path

from pathae_codec.entry_numbers import whole
from pathae_codec.errors import SettingError
from pathae_codec.record.lossy_history import History, LossyStep, appended

JPEG_QUALITY = 90
CODECS = {
    "tiff": ("jpeg", "deflate", "jpegxl"),
    "ome-tiff": ("jpeg", "deflate", "jpegxl"),
    "ome-zarr": ("zstd", "blosc"),
    "dicom": ("jpeg",),
}
"""Formats, and the codecs of each; the first is the default."""
LOSSY = ("jpeg", "jpegxl")
ORIGINAL = "original"
ORIGINAL_FORMATS = ("tiff", "dicom")
_ENDINGS = {
    ".ome.tif": "ome-tiff",
    ".ome.tiff": "ome-tiff",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".svs": "tiff",
    ".zarr": "ome-zarr",
    ".dcm": "dicom",
}


@dataclass(frozen=True)
class ExportSettings:
    """How to export.

    Attributes:
        format: `tiff`, `ome-tiff`, `ome-zarr` or `dicom`; None goes by the destination's ending.
        codec: Of `CODECS` of the format; None takes the first.
        quality: Of a lossy codec, 1 to 100 as JPEG counts; None takes `JPEG_QUALITY`.
        overwrite: Replace an existing destination.
        original: Write the source's own compressed tiles, byte for byte; TIFF and DICOM only.
        drop_damaged_images: Leave out a thumbnail, label or macro that does not decode.
    """

    format: str | None = None
    codec: str | None = None
    quality: int | None = None
    overwrite: bool = False
    original: bool = False
    drop_damaged_images: bool = False

    def __post_init__(self) -> None:
        if self.quality is not None:
            object.__setattr__(self, "quality", whole(self.quality, "quality"))


@dataclass(frozen=True)
class Coding:
    """How the pixels of an export are coded.

    Attributes:
        codec: One of `CODECS`, or `original`.
        quality: 1 to 100; None where the codec is lossless.
    """

    codec: str
    quality: int | None

    def after(self, history: History) -> History:
        """Return a lossy history with the step that this is; as it is where it loses nothing."""
        names = {"jpeg": "JPEG", "jpegxl": "JPEG XL"}
        if self.quality is None:
            return history
        return appended(history, LossyStep(names[self.codec], quality=self.quality))


def choose_format(destination: Path, settings: ExportSettings) -> str:
    """Return the format that is asked for, or that the destination's ending names.

    Raises:
        SettingError: Neither names one.
    """
    if settings.format is not None:
        if settings.format not in CODECS:
            raise SettingError(f"format: expected one of {list(CODECS)}, got {settings.format!r}")
        return settings.format
    name = destination.name.lower()
    for ending, chosen in _ENDINGS.items():
        if name.endswith(ending):
            return chosen
    raise SettingError(
        f"destination {destination.name}: expected an ending of {', '.join(_ENDINGS)}; "
        "--format dicom writes a folder of any name"
    )


def choose_coding(chosen: str, settings: ExportSettings) -> Coding:
    """Return how the pixels are coded in a format.

    Raises:
        SettingError: The format has no such codec, or the codec no such quality.
    """
    if settings.original:
        return _original(chosen, settings)
    codec = settings.codec or CODECS[chosen][0]
    if codec not in CODECS[chosen]:
        raise SettingError(
            f"codec of {chosen}: expected one of {list(CODECS[chosen])}, got {codec!r}"
        )
    if codec not in LOSSY:
        if settings.quality is not None:
            raise SettingError(f"quality: expected none, since {codec} is lossless")
        return Coding(codec, None)
    quality = JPEG_QUALITY if settings.quality is None else settings.quality
    if not 1 <= quality <= 100:
        raise SettingError(f"quality: expected 1 to 100, got {quality}")
    return Coding(codec, quality)


def _original(chosen: str, settings: ExportSettings) -> Coding:
    if settings.codec is not None or settings.quality is not None:
        raise SettingError(
            "original: expected no --codec or --quality, since nothing is coded anew"
        )
    if chosen not in ORIGINAL_FORMATS:
        raise SettingError(f"original: expected one of {list(ORIGINAL_FORMATS)}, got {chosen!r}")
    return Coding(ORIGINAL, None)
