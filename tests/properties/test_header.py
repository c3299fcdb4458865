"""The header: an exact inverse, and FormatError for all that is no header."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pathae_codec.bitstream.header import HEADER, MAGIC, TileHeader, pack_header, parse_header
from pathae_codec.bitstream.tile import pack_tile, unpack_tile
from pathae_codec.errors import FormatError, TruncatedError
from tests.properties.strategies import headers


@given(headers())
def test_parsing_inverts_packing(header: TileHeader) -> None:
    data = pack_header(header)
    assert len(data) == HEADER.size
    assert parse_header(data) == header


@given(
    st.binary(max_size=40) | st.binary(min_size=13, max_size=20).map(lambda b: MAGIC + b"\1" + b)
)
@example(b"")
@example(MAGIC)
def test_any_bytes_parse_or_are_refused(data: bytes) -> None:
    """Covers R-3.1-range, R-3.1-magic and R-3.1-version."""
    try:
        header = parse_header(data)
    except FormatError:
        return
    assert pack_header(header) == data[: HEADER.size]


@given(headers(), st.binary(max_size=100))
def test_unpacking_inverts_packing(header: TileHeader, payload: bytes) -> None:
    header = TileHeader(**(vars(header) | {"payload_length": len(payload)}))
    assert unpack_tile(pack_tile(header, payload)) == (header, payload)


@given(st.binary(max_size=60))
def test_any_bytes_unpack_or_are_refused(data: bytes) -> None:
    try:
        header, payload = unpack_tile(data)
    except FormatError:
        return
    assert pack_tile(header, payload) == data


@given(headers())
def test_a_stated_length_allocates_nothing(header: TileHeader) -> None:
    """Covers R-3.1-before-allocation: up to 4 GiB are stated, none are there."""
    data = pack_header(header)
    if header.payload_length:
        with pytest.raises(TruncatedError):
            unpack_tile(data + b"\0\0\0\0")
