"""Files -> bytes: a container that was written before, opened for its tiles and its record."""

from pathae_codec.container.ome_zarr_reader import OmeZarrReader
from pathae_codec.container.reader import ContainerReader
from pathae_codec.container.tiff_reader import TiffReader
from pathae_codec.record.checks import not_pathae
from pathae_codec.storage.location import Location, find_storage


def open_container(location: Location) -> ContainerReader:
    """Open a PathAE TIFF or OME-Zarr at a path or URL.

    Raises:
        SlideNotFoundError: There is nothing at a local path.
        NotPathAEError: It is something else.
        FormatError: It breaks a rule of its binding.
        BackendUnavailableError: A URL, and fsspec or what it needs is not installed.
    """
    storage = find_storage(location)
    name = str(location)
    try:
        if storage.is_folder():
            return OmeZarrReader(storage, name)
        return TiffReader(storage, name)
    except FileNotFoundError as error:
        raise not_pathae(name) from error
