"""What a container holds beside what its binding says: images, tags, attributes, files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathae_codec.container import container_kind


@dataclass(frozen=True)
class Stray:
    """Something that no reader of tiles needs.

    Attributes:
        where: Its place: `TIFF directory 2 tag 306`, `0/zarr.json attributes.note`, ...
        what: Its text, or what it is.
    """

    where: str
    what: str


def find_strays(path: Path) -> Iterator[Stray]:
    """Give what a PathAE file holds beside levels, thumbnail and slide record.

    Raises:
        FormatError: Its directories or its metadata cannot be read.
        SettingError: The ending is not known.
    """
    if container_kind(path) == "tiff":
        from pathae_codec.container.tiff_strays import tiff_strays

        yield from tiff_strays(path)
    else:
        from pathae_codec.container.zarr_strays import zarr_strays

        yield from zarr_strays(path)
