"""The ledger and the root: their bytes are those of the specification, worked out anew here."""

import struct
import zlib
from collections.abc import Callable
from hashlib import sha256
from math import inf

import numpy as np
import pytest

from pathae_codec.bitstream.constant import encode_white
from pathae_codec.errors import (
    ChecksumError,
    ContainerError,
    FormatError,
    MissingTileError,
    TruncatedError,
    UnsupportedVersionError,
)
from pathae_codec.geometry import Level, TileIndex
from pathae_codec.record.ledger import (
    Ledger,
    LedgerLayout,
    quality_psnr,
    quality_value,
    unpack_ledger,
)
from pathae_codec.record.ledger_draft import KnownTiles, LedgerDraft
from pathae_codec.record.root import slide_root
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.record.stored_ledger import BLOCK, StoredLedger
from pathae_codec.record.tile_hash import tile_hash
from tests.record.test_slide_record import FULL

TILE = 64
LEVELS = (Level(0, 300, 130, 1.0), Level(1, 150, 65, 2.0), Level(2, 40, 20, 7.5))
GRIDS = [(3, 5), (2, 3), (1, 1)]
WHITE = encode_white(TILE)


def places() -> list[tuple[int, TileIndex]]:
    return [
        (level, TileIndex(row, column))
        for level, (rows, columns) in enumerate(GRIDS)
        for row in range(rows)
        for column in range(columns)
    ]


def tile(level: int, index: TileIndex) -> bytes:
    """Return what stands for a tile: each has other bytes, every fourth is white."""
    number = places().index((level, index))
    return WHITE if number % 4 == 1 else bytes([number]) * (number + 20)


def drafted(known: KnownTiles | None = None) -> Ledger:
    draft = LedgerDraft(LEVELS, TILE)
    for level, index in reversed(places()):
        data = tile(level, index)
        draft.note(level, index, data, omitted=data == WHITE)
    return draft.finish(known)


def known_tiles() -> KnownTiles:
    quality = np.arange(len(places()), dtype=np.uint8)
    return KnownTiles(quality, quality % 3 == 0)


def by_hand() -> bytes:
    """Return the ledger as the table of section 10.1 says."""
    known, white, number = known_tiles(), [], 0
    data = b"PAEL" + struct.pack("<HH", 1, 3)
    for rows, columns in GRIDS:
        data += struct.pack("<II", rows, columns)
    white = [tile(*place) == WHITE for place in places()]
    for bits in (white, known.glass.tolist()):
        number = 0
        for rows, columns in GRIDS:
            bitmap = bytearray(-(-rows * columns // 8))
            for k in range(rows * columns):
                bitmap[k // 8] |= bits[number] << k % 8
                number += 1
            data += bitmap
    data += known.quality.tobytes()
    for level, index in places():
        place = struct.pack("<III", level, index.row, index.column)
        data += sha256(place + tile(level, index)).digest()[:8]
    return data + struct.pack("<I", zlib.crc32(data))


def test_a_ledger_is_the_bytes_of_the_table() -> None:
    packed = drafted(known_tiles()).pack()
    assert packed == by_hand()
    layout = LedgerLayout.of_levels(LEVELS, TILE)
    assert layout.size == len(packed)
    found = unpack_ledger(packed, layout)
    assert found.pack() == packed
    assert [layout.number(*place) for place in places()] == list(range(22))
    assert [layout.place(number) for number in range(22)] == places()


CHANGES: dict[str, tuple[Callable[[bytearray], object], type[FormatError]]] = {
    "magic": (lambda data: data.__setitem__(0, 0), ContainerError),
    "version": (lambda data: data.__setitem__(4, 2), UnsupportedVersionError),
    "levels": (lambda data: data.__setitem__(6, 2), ContainerError),
    "grid": (lambda data: data.__setitem__(8, 5), ContainerError),
    "spare bit": (lambda data: data.__setitem__(33, data[33] | 128), ContainerError),
    "cut": (lambda data: data.pop(), ContainerError),
    "longer": (lambda data: data.append(0), ContainerError),
    "quality": (lambda data: data.__setitem__(45, 99), ChecksumError),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_ledger_is_refused(name: str) -> None:
    """Covers R-10.1-version, R-10.1-grids, R-10.1-length, R-10.1-spare-bits and R-10.1-crc."""
    change, error = CHANGES[name]
    data = bytearray(by_hand())
    change(data)
    if name == "spare bit":
        data[-4:] = struct.pack("<I", zlib.crc32(data[:-4]))
    with pytest.raises(error, match="ledger"):
        unpack_ledger(bytes(data), LedgerLayout.of_levels(LEVELS, TILE))


def stored(data: bytes) -> StoredLedger:
    layout = LedgerLayout.of_levels(LEVELS, TILE)
    return StoredLedger(layout, TILE, lambda start, stop: data[start:stop])


def test_every_tile_is_held_against_its_hash() -> None:
    """Covers R-10.1-hash, R-10.1-lost and R-10.1-omitted."""
    ledger = stored(by_hand())
    for level, index in places():
        data = tile(level, index)
        ledger.check_tiles(level, [index], [None if data == WHITE else data])
        with pytest.raises(FormatError, match=f"level {level}, row {index.row}, column"):
            ledger.check_tiles(level, [index], [data + b"?"])
        if data != WHITE:
            with pytest.raises(MissingTileError, match=f"level {level}, row {index.row}, column"):
                ledger.check_tiles(level, [index], [None])


def test_a_tile_that_was_later_called_omitted_is_told() -> None:
    data = bytearray(by_hand())
    data[32] |= 1
    with pytest.raises(ChecksumError, match="level 0, row 0, column 0: tile hash"):
        stored(bytes(data)).check_tiles(0, [TileIndex(0, 0)], [None])


def test_a_swapped_tile_is_called_another_and_a_damaged_one_damaged() -> None:
    draft = LedgerDraft(LEVELS, TILE)
    for place in places():
        draft.note(*place, WHITE)
    ledger = stored(draft.finish(None).pack())
    other = encode_white(TILE // 2)
    with pytest.raises(ChecksumError, match="another tile was written or moved here"):
        ledger.check_tiles(0, [TileIndex(0, 0)], [other])
    with pytest.raises(ChecksumError, match="row 0, column 0: tile crc"):
        ledger.check_tiles(0, [TileIndex(0, 0)], [other[:-1] + b"?"])
    with pytest.raises(TruncatedError):
        ledger.check_tiles(0, [TileIndex(0, 0)], [other[:-1]])


def test_a_tile_takes_some_bytes_of_a_large_ledger() -> None:
    levels = (Level(0, 100_000, 100_000, 1.0), Level(1, 50_000, 50_000, 2.0))
    draft = LedgerDraft(levels, 512)
    index = TileIndex(150, 7)
    draft.note(0, index, WHITE)
    data, asked = draft.finish(None).pack(), []

    def read(start: int, stop: int) -> bytes:
        asked.append(stop - start)
        return data[start:stop]

    ledger = StoredLedger(draft.layout, 512, read)
    for _ in range(3):
        ledger.check_tiles(0, [index], [WHITE])
    assert len(data) > 400_000
    assert len(asked) == 1
    assert asked[0] <= BLOCK


@pytest.mark.parametrize(("place", "error"), [(4, UnsupportedVersionError), (8, ContainerError)])
def test_a_ledger_of_another_form_is_told_and_no_tile(place: int, error: type[FormatError]) -> None:
    data = bytearray(by_hand())
    data[place] += 1
    with pytest.raises(error, match="ledger"):
        stored(bytes(data)).check_tiles(0, [TileIndex(0, 0)], [b"other"])


@pytest.mark.parametrize(
    ("psnr", "value"),
    [
        (None, 0),
        (0.0, 1),
        (0.25, 1),
        (0.49, 1),
        (30.0, 120),
        (30.249, 120),
        (30.25, 121),
        (63.49, 253),
        (63.5, 254),
        (90.0, 254),
        (inf, 255),
    ],
)
def test_quality_is_rounded_down_to_quarters(psnr: float | None, value: int) -> None:
    assert quality_value(psnr) == value
    back = quality_psnr(value)
    assert back is None if psnr is None else back is not None
    if psnr is not None and back is not None and psnr >= 0.25:
        assert back <= psnr


def test_a_tile_that_is_written_anew_is_not_measured() -> None:
    before = drafted(known_tiles())
    hashes = before.hashes.copy()
    hashes[5] += 1
    known = KnownTiles(before.quality, before.glass, hashes)
    assert [*drafted(known).quality] == [0 if n == 5 else n for n in range(22)]


def test_the_root_is_worked_out_from_the_table() -> None:
    """Covers R-10.2-root as far as its value goes."""
    record = SlideRecord.parse(FULL | {"tile": TILE, "mpp": [0.5, 0.25]})
    sizes = tuple((level.width, level.height) for level in LEVELS)
    ledger, digest = drafted(), f"sha256:{'ab' * 32}"
    data = b"PAEroot1" + struct.pack("<II", TILE, 3)
    data += b"".join(struct.pack("<II", *size) for size in sizes)
    data += struct.pack("<ddd", 0.5, 0.25, 20.0) + bytes(32) + bytes.fromhex("ab" * 32)
    hashes = b"".join(tile_hash(level, index, tile(level, index)) for level, index in places())
    for profile in (b"profile", None):
        stated = sha256(profile).digest() if profile else bytes(32)
        expected = f"sha256:{sha256(data + stated + hashes).hexdigest()}"
        assert slide_root(record, sizes, profile, digest, ledger.hash_bytes) == expected
