"""A TIFF, packed tag by tag, so that any tag of any directory can be another one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from struct import pack

from format_spec.v1.vectors.container_ledger import ledger_of, root_of
from format_spec.v1.vectors.container_slide import LEVELS, MPP, TILE, SampleSlide

SHORT, LONG, ASCII, UNDEFINED, RATIONAL, LONG8 = 3, 4, 2, 7, 5, 16
CODES = {SHORT: "H", LONG: "I", LONG8: "Q"}
OFFSETS, SIZES, COMPRESSION = 324, 325, 259
LABEL = (8, 4)
"""Width and height of the label."""


@dataclass(frozen=True)
class Directory:
    """An image of a TIFF.

    Attributes:
        tags: Type and content of each, the content as it is stored; tiles get theirs when packed,
            unless they are here.
        tiles: The tiles, or strips, one after the other.
    """

    tags: Mapping[int, tuple[int, bytes]]
    tiles: Sequence[bytes] = field(default_factory=tuple)

    def having(self, **changed: tuple[int, bytes] | None) -> "Directory":
        """Return the directory with other tags, by `t` and their number; None leaves one out."""
        named = {int(name[1:]): value for name, value in changed.items()}
        tags = dict(self.tags) | {tag: value for tag, value in named.items() if value is not None}
        return replace(self, tags={t: v for t, v in tags.items() if named.get(t, v) is not None})


def short(*values: int) -> tuple[int, bytes]:
    """Return a tag of 16-bit numbers."""
    return SHORT, pack(f"<{len(values)}H", *values)


def long(*values: int) -> tuple[int, bytes]:
    """Return a tag of 32-bit numbers."""
    return LONG, pack(f"<{len(values)}I", *values)


def text(value: str) -> tuple[int, bytes]:
    """Return a tag of text."""
    return ASCII, value.encode() + b"\0"


def slide_directories(slide: SampleSlide) -> list[Directory]:
    """Return level 0, level 1 and a label."""
    found = [_level(slide, number) for number in range(len(LEVELS))]
    width, height = LABEL
    label = bytes(range(3 * width * height))
    found.append(
        Directory(
            {
                254: long(1), 256: long(width), 257: long(height), 258: short(8, 8, 8),
                COMPRESSION: short(1), 262: short(2), 270: text("Aperio Image Library\nlabel 8x4"),
                277: short(3), 278: long(height), 284: short(1),
                273: long(0), 279: long(len(label)),
            },
            [label],
        )
    )  # fmt: skip
    return found


def _level(slide: SampleSlide, number: int) -> Directory:
    (full, high), (width, height) = LEVELS[0], LEVELS[number]
    reduced = f" -> {width}x{height}" if number else ""
    size = f"{full}x{high} [0,0 {full}x{high}] ({TILE}x{TILE}){reduced} PathAE"
    per_cm = [pack("<II", round(1e4 / mpp) >> number, 1) for mpp in MPP]
    tags = {
        254: long(0), 256: long(width), 257: long(height), 258: short(8, 8, 8),
        COMPRESSION: short(44718), 262: short(2), 270: text(f"Aperio Image Library PathAE\n{size}"),
        277: short(3), 282: (RATIONAL, per_cm[0]), 283: (RATIONAL, per_cm[1]), 284: short(1),
        296: short(3), 322: long(TILE), 323: long(TILE), 42113: text("255"),
    }  # fmt: skip
    if number == 0:
        record = slide.record | {"root": root_of(slide.tiles, slide.record, slide.parameters)}
        tags[65501] = text(json.dumps(record, sort_keys=True))
        tags[65502] = (UNDEFINED, slide.parameters)
        tags[65503] = (UNDEFINED, ledger_of(slide.tiles))
    return Directory(tags, slide.tiles[number])


def pack_tiff(directories: Sequence[Directory], *, big: bool = False) -> bytes:
    """Return the bytes of a TIFF, classic or BigTIFF: tiles, then values and directories."""
    data = b"II+\0\x08\0\0\0" + bytes(8) if big else b"II*\0" + bytes(4)
    places = []
    for directory in directories:
        offsets = []
        for tile in directory.tiles:
            offsets.append(len(data))
            data += tile
        places.append(offsets)
    link = 8 if big else 4
    for directory, offsets in zip(directories, places, strict=True):
        tags = _placed(directory, offsets)
        data += b"\0" * (len(data) % 2)
        stored = {}
        for tag, (_, content) in sorted(tags.items()):
            if len(content) > (8 if big else 4):
                stored[tag] = len(data)
                data += content + b"\0" * (len(content) % 2)
        entries = b"".join(
            _entry(tag, kind, content, stored.get(tag), big=big)
            for tag, (kind, content) in sorted(tags.items())
        )
        here = len(data)
        data = data[:link] + pack("<Q" if big else "<I", here) + data[link + (8 if big else 4) :]
        data += pack("<Q" if big else "<H", len(tags)) + entries
        link = len(data)
        data += bytes(8 if big else 4)
    return data


def _placed(directory: Directory, offsets: Sequence[int]) -> dict[int, tuple[int, bytes]]:
    tags = dict(directory.tags)
    if 322 in tags:
        tags.setdefault(OFFSETS, long(*offsets))
        tags.setdefault(SIZES, long(*map(len, directory.tiles)))
    elif 273 in tags:
        tags[273] = long(*offsets)
    return tags


def _entry(tag: int, kind: int, content: bytes, place: int | None, *, big: bool) -> bytes:
    size = {SHORT: 2, LONG: 4, RATIONAL: 8, LONG8: 8}.get(kind, 1)
    count = len(content) // size
    room = 8 if big else 4
    value = content.ljust(room, b"\0") if place is None else place.to_bytes(room, "little")
    return pack("<HHQ" if big else "<HHI", tag, kind, count) + value
