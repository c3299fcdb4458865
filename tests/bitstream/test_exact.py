"""Exact tiles: streams come back bit for bit, pixels as the source means them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from format_spec.v1.vectors.exact_streams import KINDS, Kind, draw_streams
from pathae_codec.bitstream.exact import (
    JpegSet,
    SourceStreams,
    decode_exact,
    encode_exact,
    original_streams,
    stream_layout,
)
from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.bitstream.jpeg_segments import with_tables
from pathae_codec.bitstream.recompressed_jpeg import recompress_jpeg
from pathae_codec.bitstream.stream_pixels import check_stream
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.errors import ArtifactError, PayloadError
from pathae_codec.model.artifact_file import load_artifact, save_artifact
from tests.conformance.vectors import folders, stored_model

EXACT = [folder for folder in folders("valid") if folder.name.startswith("exact-")]


def name(folder: Path) -> str:
    return folder.name


@pytest.mark.parametrize("folder", EXACT, ids=name)
def test_streams_of_the_vectors_come_back(folder: Path) -> None:
    """Covers R-3.7-restored, R-3.7-tables and R-3.7-layout."""
    sets = stored_model("exact.safetensors").jpeg_sets
    found = original_streams(*unpack_tile((folder / "tile.pae").read_bytes()), sets)
    stored = {f"stream-{n}": one for n, one in enumerate(found.streams) if one is not None}
    assert stored == {path.name: path.read_bytes() for path in folder.glob("stream-*")}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_streams_drawn_now_come_back(kind: Kind) -> None:
    source = draw_streams(kind)
    sets = [JpegSet(source.tables, b"")]
    tile = encode_exact(source, kind.side, sets)
    assert tile is not None
    layout = stream_layout(*unpack_tile(tile), sets)
    assert (layout.coding, layout.grid) == (source.coding, source.grid)
    assert original_streams(*unpack_tile(tile), sets) == source


def test_samples_are_what_the_coding_says() -> None:
    """Covers R-3.7-colours: without a marker, JPEG XL takes red, green and blue for YCbCr."""
    import imagecodecs

    source = draw_streams(KINDS["rgb-apart"])
    whole = with_tables(source.streams[0] or b"", source.tables)
    sets = [JpegSet(source.tables, b"")]
    tile = encode_exact(source, 16, sets)
    assert tile is not None
    pixels = decode_exact(*unpack_tile(tile), sets).astype(int)
    meant = imagecodecs.jpeg8_decode(whole, colorspace="RGB", outcolorspace="RGB")
    taken = imagecodecs.jpegxl_decode(imagecodecs.jpegxl_encode_jpeg(whole))
    assert np.array_equal(pixels, meant)
    assert np.abs(pixels - taken).mean() > 20


def test_shared_reconstruction_data_are_stored_once() -> None:
    source = draw_streams(KINDS["ycbcr-420"])
    recompressed = recompress_jpeg(source.streams[0] or b"")
    assert recompressed is not None
    sets = [JpegSet(b"", b"other"), JpegSet(b"", recompressed.reconstruction)]
    tile = encode_exact(source, 16, sets)
    own = encode_exact(source, 16, sets[:1])
    assert tile is not None
    assert own is not None
    assert unpack_tile(tile)[0].table_set == 1
    assert len(own) - len(tile) == len(recompressed.reconstruction)


def test_what_does_not_come_back_is_not_encoded() -> None:
    """Covers R-3.7-compared: a JPEG with metadata that JPEG XL moves elsewhere, and no JPEG."""
    exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"
    jpeg = draw_streams(KINDS["ycbcr-444"]).streams[0] or b""
    with_exif = jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif + jpeg[2:]
    for stream in (with_exif, jpeg[:200], b"no JPEG", b""):
        source = SourceStreams(StreamCoding.YCBCR_JPEG, (1, 1), (stream,))
        assert encode_exact(source, 16, [JpegSet(b"", b"")]) is None
    other = SourceStreams(StreamCoding.GREY_JPEG, (1, 1), (jpeg,))
    assert encode_exact(other, 16, [JpegSet(b"", b"")]) is None


@pytest.mark.parametrize(
    ("place", "value"), [(10, 1), (11, 0), (4, 1)], ids=["width", "height", "precincts"]
)
def test_many_small_blocks_of_jpeg_2000_are_refused(place: int, value: int) -> None:
    """Covers R-3.7-before-allocation: 16 million precincts in a tile of 200 bytes."""
    stream = bytearray(draw_streams(KINDS["jpeg-2000"]).streams[0] or b"")
    at = stream.index(b"\xff\x52")
    stream[at + place] = value
    if place == 4:
        # One byte for each resolution: precincts of a single sample.
        levels = stream[at + 9]
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4])
        stream[end:end] = bytes(levels + 1)
        stream[at + 2 : at + 4] = (end - at - 2 + levels + 1).to_bytes(2)
    with pytest.raises(PayloadError, match="expected a stream of"):
        check_stream(bytes(stream), StreamCoding.JPEG_2000, 16, 16)


def test_tables_of_another_set_are_refused() -> None:
    source = draw_streams(KINDS["rgb-apart"])
    tile = encode_exact(source, 16, [JpegSet(source.tables, b"")])
    assert tile is not None
    other = [JpegSet(source.tables[:-4] + b"\0\0\xff\xd9", b"")]
    with pytest.raises(PayloadError, match="tables of its JPEG set"):
        original_streams(*unpack_tile(tile), other)


def test_parameters_hold_jpeg_sets() -> None:
    """Covers R-model-jpeg-sets."""
    model = stored_model("exact.safetensors")
    again = load_artifact(save_artifact(model)).jpeg_sets
    assert again == model.jpeg_sets
    assert all(one.reconstruction for one in again)
    many = replace(model, jpeg_sets=(JpegSet(b"", b""),) * 257)
    with pytest.raises(ArtifactError, match="256 at most, got 257"):
        load_artifact(save_artifact(many))
    large = replace(model, jpeg_sets=(JpegSet(bytes(2**16 + 1), b""),))
    with pytest.raises(ArtifactError, match="65536 bytes at most"):
        load_artifact(save_artifact(large))


def test_the_vectors_have_each_coding() -> None:
    headers = [unpack_tile((f / "tile.pae").read_bytes())[0] for f in EXACT]
    assert {header.coding for header in headers} == {coding.value for coding in StreamCoding}
