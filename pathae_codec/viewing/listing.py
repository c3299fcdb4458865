"""`slides.json`: what the page shows, and where it finds it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pathae_codec.viewing.shown import Shown


def describe(
    shown: Sequence[Shown],
    files: Sequence[str],
    pictures: Sequence[str] | None,
    against: int | None,
    regions: str | None,
) -> dict[str, Any]:
    """Return what `slides.json` says.

    Args:
        shown: The slides, that which the others are compared with among them.
        files: Address of each slide's file.
        pictures: Address of the pictures that a server makes of each; None without a server.
        against: Which of them the first one is compared with; None for none.
        regions: Address of a GeoJSON that is drawn over the slides.
    """
    listing: dict[str, Any] = {"slides": []}
    for number, one in enumerate(shown):
        entry = {"name": one.path.name, "decode": one.decoded_by}
        if pictures:
            entry["pixels"] = pictures[number]
        entry |= {"url": files[number]} if one.decoded_by == "page" else _pyramid(one)
        listing["slides"].append(entry)
    if against is not None:
        listing["against"] = against
    if regions is not None:
        listing["regions"] = regions
    return listing


def _pyramid(shown: Shown) -> dict[str, Any]:
    properties = shown.reader.properties
    return {
        "tile": shown.served_tile,
        "levels": [{"width": one.width, "height": one.height} for one in shown.reader.levels],
        "mpp": properties.mpp,
        "magnification": properties.magnification,
        "record": shown.record,
    }


def file_url(folder: str, name: str) -> str:
    """Return the address of a file in a folder of a site."""
    return f"{folder}/{quote(name)}"
