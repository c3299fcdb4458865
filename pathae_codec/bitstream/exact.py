"""Exact tiles: the compressed tiles of a source, to be given back bit for bit. Spec: v1, 3.7.

A JPEG is held as JPEG XL with reconstruction data, a JPEG 2000 codestream as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import unpack_from

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.header import Mode, StreamCoding, TileHeader
from pathae_codec.bitstream.jpeg_segments import with_tables, without_tables
from pathae_codec.bitstream.limits import MAX_STREAMS_SIDE
from pathae_codec.bitstream.recompressed_jpeg import (
    RecompressedJpeg,
    codestream_size,
    recompress_jpeg,
    restore_jpeg,
)
from pathae_codec.bitstream.stream_pixels import check_stream, decode_stream
from pathae_codec.bitstream.tile import pack_tile
from pathae_codec.errors import FieldError, PayloadError

WHITE = 255
Grid = tuple[int, int]
"""Rows and columns of a source's tiles in one of ours."""


@dataclass(frozen=True)
class JpegSet:
    """What JPEG streams have in common, stored once in a file's codec parameters.

    Attributes:
        tables: As TIFF stores them for all tiles of a level (JPEGTables, 347), SOI to EOI; empty
            where each stream has its own.
        reconstruction: See `RecompressedJpeg`; of the streams that have no other.
    """

    tables: bytes
    reconstruction: bytes


@dataclass(frozen=True)
class StreamLayout:
    """What the streams of a tile are, how they lie in it, and their tables: see `SourceStreams`."""

    coding: StreamCoding
    grid: Grid
    tables: bytes


@dataclass(frozen=True)
class SourceStreams:
    """The compressed tiles of a source that one tile covers.

    Attributes:
        coding: What they are, and which colours they mean, whatever their own markers say.
        grid: Rows and columns; all have the same sides.
        streams: As the source stores them, row by row; None where the source has no tile.
        tables: That the source shares between them; see `JpegSet`.
    """

    coding: StreamCoding
    grid: Grid
    streams: tuple[bytes | None, ...]
    tables: bytes = b""


def encode_exact(source: SourceStreams, side: int, sets: Sequence[JpegSet]) -> bytes | None:
    """Encode compressed tiles of a source as a tile; None where they cannot be held bit for bit.

    Args:
        source: Those that it covers.
        side: Of the tile in pixels, a multiple of the rows and columns of the source's.
        sets: Of the file: one that has the source's tables is named, unless it is JPEG 2000.

    Raises:
        BackendUnavailableError: imagecodecs is not installed.
    """
    sides = side // source.grid[0], side // source.grid[1]
    try:
        for stream in source.streams:
            if stream is not None:
                check_stream(with_tables(stream, source.tables), source.coding, *sides)
    except PayloadError:
        return None
    if source.coding is StreamCoding.JPEG_2000:
        kept = [RecompressedJpeg(stream or b"", b"") for stream in source.streams]
        return _pack(source, side, 0, b"", kept)
    recompressed = [
        recompress_jpeg(with_tables(stream, source.tables)) if stream else None
        for stream in source.streams
    ]
    if any(s and not r for s, r in zip(source.streams, recompressed, strict=True)):
        return None
    absent = RecompressedJpeg(b"", b"")
    tiles = [
        _pack(source, side, number, one.reconstruction, [jpeg or absent for jpeg in recompressed])
        for number, one in enumerate(sets)
        if one.tables == source.tables
    ]
    return min(tiles, key=len, default=None)


def decode_exact(header: TileHeader, payload: bytes, sets: Sequence[JpegSet]) -> Pixels:
    """Decode the source's streams to uint8 (H, W, 3); what has no stream is white.

    Args:
        header: Of an exact tile.
        payload: Its payload.
        sets: Of the file's codec parameters.

    Raises:
        FieldError: The header does not fit the parameters.
        PayloadError: The payload is not what the header states.
        BackendUnavailableError: imagecodecs is not installed.
    """
    coding, (rows, columns) = StreamCoding(header.coding), _grid(header, payload)
    high, wide = header.height // rows, header.width // columns
    pixels: Pixels = np.full((header.height, header.width, 3), WHITE, np.uint8)
    for number, whole in enumerate(_whole_streams(header, payload, sets)):
        if whole is not None:
            row, column = divmod(number, columns)
            part = pixels[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
            part[...] = decode_stream(whole, coding, high, wide)
    return pixels


def original_streams(header: TileHeader, payload: bytes, sets: Sequence[JpegSet]) -> SourceStreams:
    """Return the source's compressed tiles, byte for byte.

    Raises:
        As `decode_exact`, which see for the arguments too.
    """
    layout = stream_layout(header, payload, sets)
    streams = (
        None if whole is None else without_tables(whole, layout.tables)
        for whole in _whole_streams(header, payload, sets)
    )
    return SourceStreams(layout.coding, layout.grid, tuple(streams), layout.tables)


def stream_layout(header: TileHeader, payload: bytes, sets: Sequence[JpegSet]) -> StreamLayout:
    """Say what the streams of an exact tile are; all that can be checked without one is checked.

    Raises:
        As `decode_exact`, which see for the arguments too.
    """
    coding = StreamCoding(header.coding)
    for _ in _stored(header, payload):
        pass
    tables = b"" if coding is StreamCoding.JPEG_2000 else _jpeg_set(header, sets).tables
    return StreamLayout(coding, _grid(header, payload), tables)


def _pack(
    source: SourceStreams, side: int, number: int, shared: bytes, kept: list[RecompressedJpeg]
) -> bytes:
    own = [b"" if one.reconstruction == shared else one.reconstruction for one in kept]
    pairs = list(zip(own, (one.codestream for one in kept), strict=True))
    lengths = [len(part) for pair in pairs for part in pair]
    head = bytes(source.grid) + np.array(lengths, "<u4").tobytes()
    payload = head + b"".join(part for pair in pairs for part in pair)
    header = TileHeader(Mode.EXACT, side, side, 3, 0, number, source.coding, len(payload))
    return pack_tile(header, payload)


def _whole_streams(
    header: TileHeader, payload: bytes, sets: Sequence[JpegSet]
) -> Iterator[bytes | None]:
    """Return each stream with its tables, checked against the header; None where there is none."""
    coding, (rows, columns) = StreamCoding(header.coding), _grid(header, payload)
    sides = header.height // rows, header.width // columns
    jpeg = coding is not StreamCoding.JPEG_2000
    shared = _jpeg_set(header, sets) if jpeg else JpegSet(b"", b"")
    for stored in _stored(header, payload):
        if not stored.codestream:
            yield None
            continue
        whole = stored.codestream
        if jpeg:
            if (found := codestream_size(whole)) != sides:
                raise PayloadError(f"exact payload: expected sides {sides}, got {found}")
            reconstruction = stored.reconstruction or shared.reconstruction
            whole = restore_jpeg(RecompressedJpeg(whole, reconstruction))
            if without_tables(whole, shared.tables) is None:
                raise PayloadError("exact payload: expected the tables of its JPEG set, got others")
        check_stream(whole, coding, *sides)
        yield whole


def _stored(header: TileHeader, payload: bytes) -> Iterator[RecompressedJpeg]:
    rows, columns = _grid(header, payload)
    start = 2 + 8 * rows * columns
    lengths = np.frombuffer(payload, "<u4", 2 * rows * columns, 2).astype(np.int64)
    if start + lengths.sum() != len(payload):
        raise PayloadError(
            f"exact payload: expected lengths that fill it, {len(payload)} bytes, "
            f"got {start + lengths.sum()}"
        )
    jpeg = header.coding != StreamCoding.JPEG_2000
    for reconstruction, codestream in lengths.reshape(-1, 2).tolist():
        if reconstruction and not (jpeg and codestream):
            raise PayloadError("exact payload: expected no reconstruction data, got some")
        end = start + reconstruction
        yield RecompressedJpeg(payload[end : end + codestream], payload[start:end])
        start = end + codestream


def _grid(header: TileHeader, payload: bytes) -> Grid:
    rows, columns = unpack_from("BB", payload) if len(payload) >= 2 else (0, 0)
    inside = all(1 <= count <= MAX_STREAMS_SIDE for count in (rows, columns))
    if not inside or header.height % rows or header.width % columns:
        raise PayloadError(
            f"exact payload: expected rows and columns of 1 to {MAX_STREAMS_SIDE} that divide "
            f"{header.height} and {header.width}, got {rows} and {columns}"
        )
    if len(payload) < 2 + 8 * rows * columns:
        raise PayloadError(
            f"exact payload: expected {2 + 8 * rows * columns} bytes or more, got {len(payload)}"
        )
    return rows, columns


def _jpeg_set(header: TileHeader, sets: Sequence[JpegSet]) -> JpegSet:
    if header.table_set >= len(sets):
        raise FieldError(
            f"tile table_set: expected below {len(sets)}, the file's JPEG sets, "
            f"got {header.table_set}"
        )
    return sets[header.table_set]
