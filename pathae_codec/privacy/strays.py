"""What a container holds beside what its binding says: images, tags, attributes, files."""

from collections.abc import Iterator
from pathlib import Path

from pathae_codec.container import container_kind
from pathae_codec.privacy.stray import Stray
from pathae_codec.privacy.tiff_strays import tiff_strays
from pathae_codec.privacy.zarr_strays import zarr_strays


def find_strays(path: Path) -> Iterator[Stray]:
    """Return what a PathAE file holds beside levels, thumbnail and slide record.

    Raises:
        FormatError: Its directories or its metadata cannot be read.
        SettingError: The ending is not known.
    """
    if container_kind(path) == "tiff":
        yield from tiff_strays(path)
    else:
        yield from zarr_strays(path)
