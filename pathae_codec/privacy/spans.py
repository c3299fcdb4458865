"""Bytes of a file that nobody accounts for."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from pathae_codec.plain_text import readable

Span = tuple[int, int]
"""From the first byte up to the one behind the last."""
_PIECE = 1 << 20
_SHOWN = 1 << 12


def uncovered(spans: Iterable[Span], size: int) -> Iterator[Span]:
    """Return what of `size` bytes lies in none of the spans, in order."""
    place = 0
    for start, end in sorted(spans):
        if start > place:
            yield place, min(start, size)
        place = max(place, end)
    if place < size:
        yield place, size


def strays_in(file: BinaryIO, spans: Iterable[Span]) -> Iterator[tuple[str, str]]:
    """Return the spans that hold anything but zeros: where, and what.

    Args:
        file: That holds them.
        spans: Of bytes that nobody accounts for.
    """
    for start, end in spans:
        file.seek(start)
        left = end - start
        while left > 0 and (piece := file.read(min(left, _PIECE))):
            if any(piece):
                yield f"bytes {start} to {end}", describe_bytes(piece, end - start)
                break
            left -= len(piece)


def describe_bytes(data: bytes, size: int | None = None) -> str:
    """Return bytes as text where they look like it, else how many there are."""
    text = readable(data.strip(b"\0")[:_SHOWN])
    return text or f"{len(data) if size is None else size} bytes"
