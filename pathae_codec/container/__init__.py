"""Bytes -> files: how a container stores the encoded tiles of a slide, and the one opener."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pathae_codec.errors import SettingError
from pathae_codec.geometry import Level, TileIndex
from pathae_codec.record.description import SlideDescription

TIFF_ENDINGS = (".tif", ".tiff")
ZARR_ENDINGS = (".zarr",)
NGFF_VERSIONS = ("0.5", "0.4")


class ContainerWriter(Protocol):
    """A container being written; levels come in order, finest first."""

    def tile_order(self, level: Level) -> Iterable[TileIndex]:
        """Return the order in which the container takes the tiles of a level."""
        ...

    def write_level(self, level: Level, tiles: Iterable[bytes]) -> None:
        """Store the tile bitstreams of a level, in `tile_order`."""
        ...

    def finish(self) -> None:
        """Store what is left when all levels are written."""
        ...


@contextmanager
def create_container(
    path: Path, description: SlideDescription, *, ngff: str = "0.5"
) -> Iterator[ContainerWriter]:
    """Create the container that the ending of `path` asks for; see `destination` for half files.

    Args:
        path: Ends in `.ome.zarr`, `.zarr`, `.tif` or `.tiff`; there is nothing at it.
        description: All but the tiles.
        ngff: Version of OME-Zarr, 0.5 or 0.4.

    Raises:
        SettingError: The ending or the version is not known.
    """
    check_destination(path, ngff)
    writer: ContainerWriter
    if container_kind(path) == "tiff":
        from pathae_codec.container.tiff import TiffContainer

        with TiffContainer(path, description) as writer:
            yield writer
            writer.finish()
    else:
        from pathae_codec.container.ome_zarr import OmeZarrContainer

        writer = OmeZarrContainer(path, description, ngff)
        yield writer
        writer.finish()


def check_destination(path: Path, ngff: str) -> None:
    """Refuse what no container can be made of, before any work is done.

    Raises:
        SettingError: The ending or the version of OME-Zarr is not known.
    """
    container_kind(path)
    if ngff not in NGFF_VERSIONS:
        raise SettingError(f"ngff: expected one of {list(NGFF_VERSIONS)}, got {ngff!r}")


def container_kind(path: Path) -> str:
    """Return `tiff` or `zarr` for the ending of a path.

    Raises:
        SettingError: It has neither ending.
    """
    if path.name.lower().endswith(TIFF_ENDINGS):
        return "tiff"
    if path.name.lower().endswith(ZARR_ENDINGS):
        return "zarr"
    raise SettingError(
        f"destination {path.name}: expected an ending of .ome.zarr, .zarr, .tif or .tiff"
    )
