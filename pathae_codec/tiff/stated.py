"""What a PathAE TIFF says twice: in its tags, its descriptions and its record.

Readers differ in which of them they believe; where they say the same, all show the same.
Spec: v1, TIFF binding.
"""

import re
from collections.abc import Iterable, Iterator
from math import isclose

from pathae_codec.errors import FormatError
from pathae_codec.geometry import Level, grid_downsample
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.tiff.directory import TiffDirectory
from pathae_codec.tiff.levels import X_RESOLUTION_TAG, description

_Y_RESOLUTION_TAG, _UNIT_TAG, _CENTIMETRE = 283, 296, 3
_MICRONS = 1e4
"""In a centimetre."""
_STRIPS = (273, 279)
_FIELD = re.compile(r"\|([^=|]+?) *= *([^|]*)")
_STORED = 1e-5
"""Relative: what a rational, or ten digits, leave of a number."""
_ROUNDED = 0.05
"""Relative: levels lose up to a pixel a side to whole numbers."""


def order_problems(directories: Iterable[TiffDirectory]) -> Iterator[str]:
    """Return the directories whose tags are not in ascending order: libraries then search in vain.

    That a tag is there twice is an error of its own, see `TiffDirectory.check_each_once`.
    """
    for directory in directories:
        tags = list(directory.entries)
        if tags != sorted(tags):
            yield f"TIFF directory {directory.place}: expected its tags in ascending order"


def stated_problems(
    directories: Iterable[TiffDirectory], levels: Iterable[Level], tile: int, record: SlideRecord
) -> Iterator[str]:
    """Return where the tags and descriptions of levels say something else than the record.

    Args:
        directories: Of the levels, finest first.
        levels: What they are.
        tile: Side of a tile in pixels.
        record: Of the file.
    """
    levels = tuple(levels)
    finest = levels[0].width, levels[0].height
    for directory, level in zip(directories, levels, strict=True):
        where = f"level {level.index}"
        down = grid_downsample(finest, (level.width, level.height))
        if directory.entries.keys() & set(_STRIPS):
            yield f"{where}: expected tiles alone, found tags of strips beside them"
        text = description(directory).rstrip("\0")
        if f" ({tile}x{tile}) " not in text or f"[0,0 {finest[0]}x{finest[1]}]" not in text:
            yield f"{where}: its description states another size of level 0, or of its tiles"
        yield from _field_problems(text, where, record)
        yield from _resolution_problems(directory, where, record.mpp, down, level.index == 0)


def _field_problems(text: str, where: str, record: SlideRecord) -> Iterator[str]:
    found = _FIELD.findall(text)
    names = [name for name, _ in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{where}: its description states {name:.20} {names.count(name)} times"
    square = record.mpp is not None and record.mpp[0] == record.mpp[1]
    stated = {
        "AppMag": record.magnification,
        "MPP": record.mpp[0] if record.mpp is not None and square else None,
    }
    fields = dict(found)
    wrong = {"magnification": "AppMag", "mpp": "MPP"}.items()
    unknown = {field for key, field in wrong if key in record.problems}
    for name, expected in stated.items():
        if name not in unknown and not _same(fields.get(name), expected):
            yield (
                f"{where}: the record states {name} {expected}, its description "
                f"{fields.get(name)!s:.20}"
            )


def _same(text: str | None, expected: float | None) -> bool:
    if text is None or expected is None:
        return text is None and expected is None
    try:
        return isclose(float(text), expected, rel_tol=_STORED)
    except ValueError:
        return False


def _resolution_problems(
    directory: TiffDirectory,
    where: str,
    mpp: tuple[float, float] | None,
    downsample: float,
    exact: bool,
) -> Iterator[str]:
    tags = {"x": X_RESOLUTION_TAG, "y": _Y_RESOLUTION_TAG}
    there = [axis for axis, tag in tags.items() if tag in directory.entries]
    if mpp is None:
        # A unit of pixels and a ratio of one say nothing; libraries write them by themselves.
        if there and directory.number(_UNIT_TAG, 2) != 1:
            yield f"{where}: the record states no mpp, its tags a resolution"
        return
    try:
        if directory.number(_UNIT_TAG, 2) != _CENTIMETRE:
            yield f"{where}: expected a resolution in centimetres"
            return
        for number, (axis, tag) in enumerate(tags.items()):
            found = _MICRONS / directory.ratio(tag)
            expected = mpp[number] * downsample
            if not isclose(found, expected, rel_tol=_STORED if exact else _ROUNDED):
                yield (
                    f"{where}: the record states {expected:g} microns per pixel of {axis}, its "
                    f"tags {found:g}"
                )
    except FormatError as error:
        yield f"{where}: {error}"
