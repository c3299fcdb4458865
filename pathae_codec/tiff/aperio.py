"""How Aperio lays out a slide in a TIFF: descriptions, resolution tags, associated images.

Spec: v1, TIFF binding. Readers that know SVS find levels, microns per pixel, magnification and
associated images by these.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pathae_codec.arrays import Pixels
from pathae_codec.geometry import Level

if TYPE_CHECKING:
    from tifffile import TiffWriter

CLASSIC_LIMIT = 2**32 - 2**25
"""Bytes that a classic TIFF may hold; there is room for what is not pixels."""
_REDUCED, _MACRO = 1, 9


def needs_bigtiff(levels: tuple[Level, ...], ledger: int = 0) -> bool:
    """Say whether the samples of all levels, stored as they are, could leave a classic TIFF.

    Args:
        levels: The pyramid.
        ledger: Bytes of a ledger beside them.
    """
    return sum(level.width * level.height for level in levels) * 3 + ledger > CLASSIC_LIMIT


def describe_level(
    levels: tuple[Level, ...],
    level: Level,
    tile: int,
    coding: str,
    mpp: tuple[float, float] | None,
    magnification: float | None,
) -> str:
    """Return the ImageDescription of a level.

    Args:
        levels: The pyramid, finest first.
        level: One of them.
        tile: Side of a tile in pixels.
        coding: A word for the compression.
        mpp: Microns per pixel of level 0. A description has one value for both axes: where they
            differ it has none, and the resolution tags say both.
        magnification: Of the objective.
    """
    full = levels[0]
    size = f"{full.width}x{full.height} [0,0 {full.width}x{full.height}] ({tile}x{tile})"
    reduced = f" -> {level.width}x{level.height}" if level.index else ""
    fields = [f"Aperio Image Library PathAE\n{size}{reduced} {coding}"]
    if magnification is not None:
        fields.append(f"AppMag = {magnification:g}")
    if mpp is not None and mpp[0] == mpp[1]:
        fields.append(f"MPP = {mpp[0]:.10g}")
    return "|".join(fields)


def resolution(mpp: tuple[float, float] | None, level: Level) -> dict[str, Any]:
    """Return tifffile's arguments for pixels per centimetre; none where the mpp is not known."""
    if mpp is None:
        return {}
    per_cm = tuple(1e4 / (side * level.downsample) for side in mpp)
    return {"resolution": per_cm, "resolutionunit": "CENTIMETER"}


def write_associated(
    writer: "TiffWriter",
    images: Mapping[str, Pixels],
    name: str,
    icc_profile: bytes | None,
    *,
    lossless: bool = False,
) -> None:
    """Write label, macro or thumbnail, uint8 (H, W, 3), if it is among the images."""
    pixels = images.get(name)
    if pixels is None:
        return
    height, width = pixels.shape[:2]
    # A label is text: it stays lossless.
    compression: dict[str, Any] = (
        {"compression": "zlib"}
        if lossless or name == "label"
        else {"compression": "jpeg", "compressionargs": {"level": 75}}
    )
    writer.write(
        pixels,
        photometric="rgb",
        subfiletype={"label": _REDUCED, "macro": _MACRO}.get(name, 0),
        description=f"Aperio Image Library PathAE\n{name} {width}x{height}",
        rowsperstrip=height,
        metadata=None,
        software=False,
        iccprofile=icc_profile,
        **compression,
    )
