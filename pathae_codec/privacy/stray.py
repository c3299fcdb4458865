"""What a container holds beside what its binding says: one such thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stray:
    """Something that no reader of tiles needs.

    Attributes:
        where: Its place: `TIFF directory 2 tag 306`, `0/zarr.json attributes.note`, ...
        what: Its text, or what it is.
    """

    where: str
    what: str
