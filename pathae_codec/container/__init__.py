"""Bytes <-> files: the one door to containers, whichever binding they have."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pathae_codec.container.interface import ContainerReader, ContainerWriter
from pathae_codec.container.writable import check_description
from pathae_codec.errors import SettingError, SlideNotFoundError
from pathae_codec.record.checks import not_pathae
from pathae_codec.record.description import SlideDescription
from pathae_codec.storage.address import shown
from pathae_codec.storage.location import Location, find_storage
from pathae_codec.storage.replaceable import Kind

TIFF_ENDINGS = (".tif", ".tiff")
OME_TIFF_ENDINGS = (".ome.tif", ".ome.tiff")
ZARR_ENDINGS = (".zarr",)
NGFF_VERSIONS = ("0.5", "0.4")


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
        SettingError: The ending or the version is not known; or readers would not take it.
    """
    check_destination(path, ngff)
    check_description(description, container_kind(path), ngff)
    writer: ContainerWriter
    if container_kind(path) == "tiff":
        from pathae_codec.tiff.writer import TiffContainer

        with TiffContainer(path, description) as writer:
            yield writer
            writer.finish()
    else:
        from pathae_codec.ome_zarr.writer import OmeZarrContainer

        writer = OmeZarrContainer(path, description, ngff)
        yield writer
        writer.finish()


def check_destination(path: Path, ngff: str) -> None:
    """Refuse what no container can be made of, before any work is done.

    Raises:
        SettingError: The ending or the version of OME-Zarr is not known, or promises an OME-TIFF.
    """
    container_kind(path)
    if path.name.lower().endswith(OME_TIFF_ENDINGS):
        raise SettingError(
            f"destination {path.name}: the ending promises an OME-TIFF, which a PathAE TIFF is "
            "not; name it .tif, or make an OME-TIFF of that by pathae export"
        )
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


def destination_kind(path: Path) -> Kind:
    """Return what a container of that ending replaces; see `check_replaceable`.

    Raises:
        SettingError: It has neither ending.
    """
    return "TIFF" if container_kind(path) == "tiff" else "OME-Zarr"


def open_container(location: Location) -> ContainerReader:
    """Open a PathAE TIFF or OME-Zarr at a path or URL.

    Raises:
        SlideNotFoundError: There is nothing at a local path, or no TIFF at a URL.
        SlideReadError: A server does not give it, see `http_answer`.
        NotPathAEError: It is something else.
        FormatError: It breaks a rule of its binding.
        BackendUnavailableError: A URL, and fsspec or what it needs is not installed.
    """
    storage = find_storage(location)
    name = shown(location)
    try:
        if storage.is_folder():
            from pathae_codec.ome_zarr.reader import OmeZarrReader

            return OmeZarrReader(storage, name)
        from pathae_codec.tiff.reader import TiffReader

        return TiffReader(storage, name)
    except FileNotFoundError as error:
        if storage.remote and not storage.is_folder():
            raise SlideNotFoundError(
                f"{name}: expected a file, found none; is the address right, does the host answer?"
            ) from error
        raise not_pathae(name) from error
