"""`slides.json`: what the page shows, and where it finds it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pathae_codec.viewing.shown import SERVED_TILE, Shown


def describe(
    shown: Sequence[Shown], urls: Sequence[str], against: int | None, regions: str | None
) -> dict[str, Any]:
    """Return what `slides.json` says.

    Args:
        shown: The slides, that which the others are compared with among them.
        urls: Of each: the file, or the pictures that the server makes of it.
        against: Which of them the first one is compared with; None for none.
        regions: Address of a GeoJSON that is drawn over the slides.
    """
    entries = [_entry(one, url) for one, url in zip(shown, urls, strict=True)]
    listing: dict[str, Any] = {"slides": entries}
    if against is not None:
        listing["against"] = against
    if regions is not None:
        listing["regions"] = regions
    return listing


def _entry(shown: Shown, url: str) -> dict[str, Any]:
    if shown.reader is None:
        return {"name": shown.path.name, "decode": "page", "url": url}
    properties = shown.reader.properties
    levels = [{"width": one.width, "height": one.height} for one in shown.reader.levels]
    return {
        "name": shown.path.name,
        "decode": "server",
        "pixels": url,
        "tile": SERVED_TILE,
        "levels": levels,
        "mpp": properties.mpp,
        "magnification": properties.magnification,
        "record": shown.record,
    }


def file_url(folder: str, name: str) -> str:
    """Return the address of a file in a folder of a site."""
    return f"{folder}/{quote(name)}"
