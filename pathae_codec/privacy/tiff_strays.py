"""What a TIFF holds beside what the binding says. Spec: v1, TIFF binding."""

import re
from collections.abc import Iterator

from pathae_codec.bitstream.limits import MAX_LEVEL_TILES, MAX_RECORD_BYTES
from pathae_codec.plain_text import readable
from pathae_codec.privacy.icc_profile import profile_disclosures
from pathae_codec.storage.location import Storage
from pathae_codec.tiff.directory import SeekedFile, TiffDirectory, read_directories
from pathae_codec.tiff.levels import icc_profile
from pathae_codec.tiff.tags import COMPRESSION, COMPRESSION_TAG, NODATA_TAG

_WIDTH, _HEIGHT, _DESCRIPTION = 256, 257, 270
_MAX_TEXT = 1 << 16
# What levels and associated images are made of, the ICC profile, record and codec parameters.
_KNOWN = {
    254, 256, 257, 258, 259, 262, 273, 277, 278, 279, 282, 283, 284, 296, 317, 322, 323, 324, 325,
    338, 339, 347, 530, 531, 532, 34675, 65501, 65502, 65503,
}  # fmt: skip
_ICC, _TABLES = 34675, 347
_BINARY = {_ICC, _TABLES, 65501, 65502, 65503}
"""Known tags that are no numbers: each is looked into by itself."""
_NUMBERS = {1, 3, 4, 5, 16}
_COUNTS = {
    258: 3, 273: MAX_LEVEL_TILES, 279: MAX_LEVEL_TILES, 324: MAX_LEVEL_TILES,
    325: MAX_LEVEL_TILES, 338: 3, 339: 3, 530: 2, 532: 6,
}  # fmt: skip
"""Values of a known tag, where it may have more than one."""
_NAMES = {
    269: "DocumentName", 271: "Make", 272: "Model", 285: "PageName", 305: "Software",
    306: "DateTime", 315: "Artist", 316: "HostComputer", 700: "XMP", 33432: "Copyright",
    33723: "IPTC", 34377: "Photoshop", 34665: "EXIF", 34853: "GPS",
}  # fmt: skip
_LEVEL = re.compile(
    r"Aperio Image Library PathAE\n\d+x\d+ \[0,0 \d+x\d+\] \(\d+x\d+\)( -> \d+x\d+)? PathAE"
    r"(\|AppMag = [\d.e+]+)?(\|MPP = [\d.e+-]+)?"
)
_IMAGE = re.compile(r"Aperio Image Library PathAE\n(thumbnail|label|macro) \d+x\d+")


def tiff_strays(storage: Storage) -> Iterator[tuple[str, str]]:
    """Return all that the binding does not have: other images, tags and descriptions.

    Returns:
        Of each its place, and its text or what it is.

    Raises:
        FormatError: The directories cannot be read.
    """
    with storage.open("") as opened:
        directories = list(read_directories(SeekedFile(opened, "TIFF")))
        first = icc_profile(directories[0])
        for directory in directories:
            yield from _image(directory)
            yield from _tags(directory)
            yield from _profile(directory, first)


def _image(directory: TiffDirectory) -> Iterator[tuple[str, str]]:
    if directory.number(COMPRESSION_TAG, 1) == COMPRESSION:
        return
    found = _IMAGE.fullmatch(_text(directory, _DESCRIPTION) or "")
    name = found[1] if found else "without a name"
    if name != "thumbnail":
        size = f"{directory.number(_WIDTH, 0)} x {directory.number(_HEIGHT, 0)} pixels"
        yield f"image {name}", f"{size}; it can show names and numbers"


def _tags(directory: TiffDirectory) -> Iterator[tuple[str, str]]:
    for tag, entry in directory.entries.items():
        if tag in _KNOWN:
            yield from _surplus(directory, tag)
            continue
        text = _text(directory, tag)
        known = text is not None and (
            (tag == _DESCRIPTION and (_LEVEL.fullmatch(text) or _IMAGE.fullmatch(text)))
            or (tag == NODATA_TAG and text == "255")
        )
        if not known:
            name = f"TIFF directory {directory.place} tag {tag}"
            label = f" ({_NAMES[tag]})" if tag in _NAMES else ""
            yield name + label, text or f"{entry.count} values"


def _surplus(directory: TiffDirectory, tag: int) -> Iterator[tuple[str, str]]:
    """Return a known tag that is a text, or has more values than it needs, where it is numbers."""
    most = _COUNTS.get(tag, 1)
    entry = directory.entries[tag]
    if tag in _BINARY or (entry.kind in _NUMBERS and entry.count <= most):
        return
    data = directory.content(tag, _MAX_TEXT) if entry.count <= _MAX_TEXT else b""
    yield (
        f"TIFF directory {directory.place} tag {tag}",
        readable(data.rstrip(b"\0")) or f"{entry.count} values",
    )


def _profile(directory: TiffDirectory, first: bytes | None) -> Iterator[tuple[str, str]]:
    """Return what another ICC profile than that of level 0 says."""
    if _ICC not in directory.entries:
        return
    profile = directory.content(_ICC, MAX_RECORD_BYTES)
    if profile != first:
        yield f"TIFF directory {directory.place} ICC profile", "another than that of level 0"
        for where, what in profile_disclosures(profile):
            yield f"TIFF directory {directory.place} ICC profile {where}", what


def _text(directory: TiffDirectory, tag: int) -> str | None:
    if tag not in directory.entries:
        return None
    data = directory.content(tag, _MAX_TEXT).rstrip(b"\0")
    return data.decode() if data.isascii() else readable(data)
