"""The texts of a TIFF's tags: descriptions, names, dates, whatever a program left there."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pathae_codec.plain_text import readable

if TYPE_CHECKING:
    from tifffile import TiffPage

_NO_TEXTS = {347, 34675}
"""JPEG tables and ICC profile: what they hold is bytes, whatever these look like."""


def tag_texts(page: "TiffPage") -> dict[str, str]:
    """Return the texts of a page, by `tiff.` and the tag's name; those of EXIF and GPS too."""
    texts: dict[str, str] = {}
    for tag in page.tags:
        if tag.code in _NO_TEXTS:
            continue
        for name, text in _texts(f"tiff.{tag.name}", tag.value):
            texts.setdefault(name, text)
    return texts


def _texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _texts(f"{name}.{key}", part)
    elif isinstance(value, str) and value.strip():
        yield name, value
    elif isinstance(value, bytes) and (text := readable(value)):
        yield name, text
