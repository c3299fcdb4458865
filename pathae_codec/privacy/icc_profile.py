"""ICC profiles: the colours without the people and devices. Source: ICC.1:2022, sections 7 to 10.

A profile's header has a time and the signatures of device and maker, its texts name scanners by
their serial numbers, its private tags hold anything. What the colours depend on is numbers.
"""

from collections.abc import Iterator, Mapping
from struct import pack, unpack_from

from pathae_codec.plain_text import readable

HEADER_BYTES = 128
MAX_TAGS = 256
NEUTRAL_DATE = pack(">6H", 2000, 1, 1, 0, 0, 0)
NEUTRAL_TEXT = "not stated"
# Section 9.2: tags whose values are numbers that transforms are computed from.
COLOUR_TAGS = frozenset(
    b"wtpt bkpt rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC chad chrm gamt lumi meas view tech cicp "
    b"A2B0 A2B1 A2B2 A2B3 B2A0 B2A1 B2A2 B2A3 D2B0 D2B1 D2B2 D2B3 B2D0 B2D1 B2D2 B2D3 "
    b"pre0 pre1 pre2 rig0".split()
)
# Section 10: types that hold numbers only.
NUMBER_TYPES = frozenset(
    {b"XYZ ", b"curv", b"para", b"sf32", b"chrm", b"view", b"meas", b"sig ", b"cicp"}
    | {b"mft1", b"mft2", b"mAB ", b"mBA ", b"mpet"}
)
_FIXED = {b"XYZ ": 20, b"view": 36, b"meas": 36, b"sig ": 12, b"cicp": 12, b"sf32": 44}
"""Bytes of an element of the types that have one size."""
CLASSES = {b"scnr", b"mntr", b"prtr", b"spac"}
COLOUR_SPACES, CONNECTION_SPACES = {b"RGB ", b"GRAY"}, {b"XYZ ", b"Lab "}
PLATFORMS = {b"APPL", b"MSFT", b"SGI ", b"SUNW"}
TEXT_TYPES = (b"text", b"desc", b"mluc")
KNOWN_NAMES = frozenset(
    {"sRGB IEC61966-2.1", "sRGB", "sRGB built-in", "Adobe RGB (1998)", "Display P3", "ProPhoto RGB"}
)
"""Of standard colour spaces: they say nothing of a device."""


def neutral_profile(profile: bytes) -> bytes | None:
    """Return a profile of the same colours without times, devices, names and private tags.

    Kept are the tags of `COLOUR_TAGS` of the types that hold numbers, bit for bit. Date, maker,
    model, creator, preferred CMM, profile ID and reserved bytes of the header are neutral ones;
    description and copyright say nothing, but for the names of standard colour spaces.

    Args:
        profile: Any bytes.

    Returns:
        The profile; None where the bytes are none, or one of no picture in RGB or grey.
    """
    tags = read_tags(profile)
    if tags is None or not _is_of_pictures(profile):
        return None
    kept = {
        tag: _exactly(data)
        for tag, data in tags.items()
        if tag in COLOUR_TAGS and data[:4] in NUMBER_TYPES
    }
    described = " ".join(text_of(tags.get(b"desc", b"")))
    version = profile[8]
    known = described in KNOWN_NAMES
    texts = {b"desc": described if known else NEUTRAL_TEXT, b"cprt": NEUTRAL_TEXT}
    written = {tag: _pack_text(tag, text, version) for tag, text in texts.items()}
    return _pack_profile(_neutral_header(profile), written | kept)


def profile_disclosures(profile: bytes) -> Iterator[tuple[str, str]]:
    """Return what a profile says beside its colours: where, and what.

    Args:
        profile: Any bytes. Of what `neutral_profile` gives there is nothing to say.
    """
    tags = read_tags(profile)
    if tags is None:
        yield "all of it", readable(profile) or f"{len(profile)} bytes that are no profile"
        return
    found = [*_header_disclosures(profile), *_tag_disclosures(tags)]
    yield from found
    if not found and neutral_profile(profile) != profile:
        yield "bytes", "more than its colours take"


def _header_disclosures(profile: bytes) -> Iterator[tuple[str, str]]:
    if profile[24:36] != NEUTRAL_DATE and any(profile[24:36]):
        year, month, day, hour, minute, second = unpack_from(">6H", profile, 24)
        yield "creation date", f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
    for name, start, end in (("maker", 48, 52), ("model", 52, 56), ("creator", 80, 84)):
        if any(profile[start:end]):
            yield name, readable(profile[start:end]) or profile[start:end].hex()
    for name, start, end in (("profile ID", 84, 100), ("reserved bytes", 100, HEADER_BYTES)):
        if any(profile[start:end]):
            yield name, readable(profile[start:end]) or profile[start:end].hex()


def _tag_disclosures(tags: Mapping[bytes, bytes]) -> Iterator[tuple[str, str]]:
    for tag, element in tags.items():
        if tag in COLOUR_TAGS and element[:4] in NUMBER_TYPES:
            continue
        texts = [text for text in text_of(element) if text]
        if element[:4] not in TEXT_TYPES:
            texts = [readable(element[8:]) or f"{len(element)} bytes"]
        for text in texts:
            if text != NEUTRAL_TEXT and not (tag == b"desc" and text in KNOWN_NAMES):
                yield f"tag {tag.decode('latin-1').strip()}", text


def read_tags(profile: bytes) -> Mapping[bytes, bytes] | None:
    """Return the elements of a profile by their tags' signatures; None where it is no profile."""
    if len(profile) < HEADER_BYTES + 4 or profile[36:40] != b"acsp":
        return None
    (count,) = unpack_from(">I", profile, HEADER_BYTES)
    if count > MAX_TAGS or HEADER_BYTES + 4 + 12 * count > len(profile):
        return None
    table = range(HEADER_BYTES + 4, HEADER_BYTES + 4 + 12 * count, 12)
    places = {name: span for name, *span in (unpack_from(">4sII", profile, at) for at in table)}
    spans = {(offset, size) for offset, size in places.values()}
    if any(size < 8 or offset + size > len(profile) for offset, size in spans):
        return None
    # Tags may share an element; a table of overlapping ones would take many times the memory.
    if sum(size for _, size in spans) > len(profile):
        return None
    elements = {span: profile[span[0] : sum(span)] for span in spans}
    return {name: elements[offset, size] for name, (offset, size) in places.items()}


def _is_of_pictures(profile: bytes) -> bool:
    return (
        profile[12:16] in CLASSES
        and profile[16:20] in COLOUR_SPACES
        and profile[20:24] in CONNECTION_SPACES
    )


def text_of(element: bytes) -> Iterator[str]:
    """Return the texts of an element of one of the types of text: `text`, `desc`, `mluc`."""
    kind = element[:4]
    if kind == b"text":
        yield _plain(element[8:].decode("latin-1"))
    elif kind == b"desc" and len(element) >= 12:
        (count,) = unpack_from(">I", element, 8)
        yield _plain(element[12 : 12 + count].decode("latin-1"))
    elif kind == b"mluc" and len(element) >= 16:
        number, size = unpack_from(">II", element, 8)
        for record in range(min(number, MAX_TAGS)):
            place = 16 + record * size
            if place + 12 > len(element):
                return
            length, offset = unpack_from(">II", element, place + 4)
            yield _plain(element[offset : offset + length].decode("utf-16-be", "replace"))


def _plain(text: str) -> str:
    return text.partition("\0")[0].strip()


def _exactly(element: bytes) -> bytes:
    """Cut off what follows the numbers of an element whose size its own count tells."""
    size = len(element)
    if element[:4] == b"curv" and size >= 12:
        size = 12 + 2 * unpack_from(">I", element, 8)[0]
    elif element[:4] == b"para" and size >= 12:
        numbers = (1, 3, 4, 5, 7)
        size = 12 + 4 * numbers[min(unpack_from(">H", element, 8)[0], 4)]
    elif element[:4] in _FIXED:
        size = _FIXED[element[:4]]
    elif element[:4] in (b"mft1", b"mft2") and size >= 52:
        size = _table_size(element)
    return element[:4] + bytes(4) + element[8:size]


def _table_size(element: bytes) -> int:
    """Return the bytes of a table of colours. Source: ICC.1:2022, 10.10 and 10.11."""
    inputs, outputs, side = element[8:11]
    wide = element[:4] == b"mft2"
    above, below = unpack_from(">2H", element, 48) if wide else (256, 256)
    numbers = above * inputs + min(side**inputs, len(element)) * outputs + below * outputs
    return int(52 + 2 * numbers if wide else 48 + numbers)


def _neutral_header(profile: bytes) -> bytes:
    """Return the header with its size and what tells of device, maker and time made neutral."""
    header = bytearray(profile[:HEADER_BYTES])
    header[4:8] = bytes(4)  # Preferred CMM.
    header[10:12] = bytes(2)  # Reserved.
    header[24:36] = NEUTRAL_DATE
    if profile[40:44] not in PLATFORMS:
        header[40:44] = bytes(4)
    header[44:46] = bytes(2)  # Flags of the maker's own.
    header[48:60] = bytes(12)  # Maker and model of the device, attributes of the maker's own.
    header[80:128] = bytes(48)  # Creator, profile ID, reserved.
    return bytes(header)


def _pack_text(name: bytes, text: str, version: int) -> bytes:
    """Return an element of text in the type that the version of the profile asks for."""
    if version >= 4:
        data = text.encode("utf-16-be")
        return pack(">4s4xII4sII", b"mluc", 1, 12, b"enUS", len(data), 28) + data
    data = text.encode("ascii") + b"\0"
    if name == b"cprt":
        return b"text" + bytes(4) + data
    # ICC.1:2001, 6.5.17: without a text in Unicode and one in Macintosh's ScriptCode.
    return pack(">4s4xI", b"desc", len(data)) + data + bytes(4 + 4 + 2 + 1 + 67)


def _pack_profile(header: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """Lay elements out in the order of their signatures, equal ones once, at multiples of four."""
    start = HEADER_BYTES + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    table, body = pack(">I", len(tags)), b""
    for name in sorted(tags):
        data = tags[name]
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        table += pack(">4sII", name, places[data], len(data))
    size = start + len(body)
    return pack(">I", size) + header[4:] + table + body
