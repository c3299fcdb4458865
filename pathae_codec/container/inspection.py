"""A local file under suspicion: all that its container says, held against itself and the file.

A reader is for whoever wants pixels, from a disk or over a network, and checks what it uses; this
is for whoever asks whether a file is whole, and checks every count and offset before anything is
allocated.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from pathae_codec.container import container_kind
from pathae_codec.errors import ContainerError, SlideNotFoundError
from pathae_codec.geometry import Level, TileIndex
from pathae_codec.record.slide_record import SlideRecord


class ContainerInspection(Protocol):
    """A container under inspection. Safe to read from several threads, and after a fork."""

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid, finest first; a downsample is the mean of both sides' ratios."""
        ...

    @property
    def tile(self) -> int:
        """Side of a tile in pixels."""
        ...

    @property
    def record(self) -> SlideRecord:
        """The slide record. Spec: v1, section 6."""
        ...

    @property
    def parameters(self) -> bytes:
        """The codec parameters, an artifact; not yet checked."""
        ...

    @property
    def icc_profile(self) -> bytes | None:
        """The ICC profile as stored."""
        ...

    def tile_bytes(self, level: int, index: TileIndex) -> bytes:
        """Read a tile bitstream as it is stored, unchecked; a tile left out is a white one.

        Args:
            level: Index into `levels`.
            index: On the grid of that level.

        Raises:
            FormatError: The container states a place for it that cannot be.
            ContainerError: The container was replaced since it was opened.
            SettingError: There is no such tile.
        """
        ...

    def stored_tiles(self, level: int) -> Iterator[tuple[TileIndex, int]]:
        """Return the tiles that are stored, and their bytes; in OME-Zarr white ones may be missing.

        Raises:
            FormatError: As `tile_bytes`.
        """
        ...

    def inconsistencies(self) -> Iterator[str]:
        """Return what contradicts itself in the container while it can still be read."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def inspect_container(path: Path) -> ContainerInspection:
    """Open a PathAE file; nothing is decoded, no tile is read.

    Args:
        path: Ends in `.ome.zarr`, `.zarr`, `.tif` or `.tiff`.

    Raises:
        SlideNotFoundError: There is nothing at `path`.
        NotPathAEError: It is something else than PathAE.
        FormatError: It breaks a rule of its binding.
        SettingError: The ending is not known.
    """
    if not path.exists():
        raise SlideNotFoundError(f"file {path}: no such file")
    kind = container_kind(path)
    try:
        if kind == "tiff":
            from pathae_codec.tiff.inspection import TiffInspection

            return TiffInspection(path)
        from pathae_codec.ome_zarr.inspection import ZarrInspection

        return ZarrInspection(path)
    except OSError as error:
        raise ContainerError(f"file {path}: cannot be read: {error.strerror}") from error
