"""Hostile tiles through the whole decoder: typed errors or pixels of the stated shape, in time."""

import random
import time
from collections.abc import Iterator
from zlib import crc32

import numpy as np
import pytest

from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.bitstream.fallback import encode_fallback
from pathae_codec.bitstream.header import Mode, TileHeader, parse_header
from pathae_codec.bitstream.tile import pack_tile
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import FormatError
from pathae_codec.model.artifact_file import load_artifact
from tests.tiny_model import draw_tissue, tiny_model, tiny_parameters

SEED = 20261123
TRIALS = 10_000
SECONDS_A_TILE = 5.0


@pytest.fixture(scope="module")
def codec() -> TileCodec:
    return TileCodec(load_artifact(tiny_parameters(embed=True)))


@pytest.fixture(scope="module")
def tiles() -> list[bytes]:
    """A constant, two latent and a fallback tile."""
    constant = encode_constant(np.full((64, 64, 3), 240, np.uint8))
    assert constant is not None
    coder = TileCodec(tiny_model())
    latent = [coder.encode_tiles(draw_tissue(64, 64)[None], q)[0] for q in (20, 60)]
    return [constant, *latent, encode_fallback(draw_tissue(16, 16))]


def flips(tiles: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for trial in range(TRIALS):
        data = bytearray(tiles[trial % len(tiles)])
        bit = chance.randrange(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
        yield bytes(data)


def cuts(tiles: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for trial in range(TRIALS):
        data = tiles[trial % len(tiles)]
        yield data[: chance.randrange(len(data))]


@pytest.mark.parametrize("mutate", [flips, cuts])
def test_every_change_is_refused(codec: TileCodec, tiles: list[bytes], mutate: object) -> None:
    """Covers R-9-hostile, R-3.6-crc and R-3.6-no-pixels: 10,000 flips, 10,000 cuts, no pixels."""
    assert callable(mutate)
    refused = 0
    for data in mutate(tiles, random.Random(SEED)):
        with pytest.raises(FormatError):
            codec.decode_tiles([data])
        refused += 1
    assert refused == TRIALS


def decodes_or_is_refused(codec: TileCodec, data: bytes) -> bool:
    start = time.perf_counter()
    try:
        (pixels,) = codec.decode_tiles([data])
    except FormatError:
        return False
    finally:
        assert time.perf_counter() - start < SECONDS_A_TILE
    header = parse_header(data)
    assert pixels.shape == (header.height, header.width, header.channels)
    assert pixels.dtype == np.uint8
    return True


def test_changes_with_a_repaired_crc(codec: TileCodec, tiles: list[bytes]) -> None:
    """Covers R-9-hostile where no CRC helps: the attacker repairs it."""
    chance = random.Random(SEED)
    decoded = 0
    for trial in range(3000):
        body = bytearray(tiles[trial % len(tiles)][:-4])
        for _ in range(chance.choice([1, 1, 2, 8])):
            # Sides stay small: large ones are a test of their own.
            place = chance.choice([p for p in range(len(body)) if p not in (5, 7)])
            body[place] = chance.randrange(256)
        data = bytes(body) + crc32(body).to_bytes(4, "little")
        decoded += decodes_or_is_refused(codec, data)
    assert decoded > 0


def test_random_payloads(codec: TileCodec) -> None:
    """Covers R-9-hostile."""
    chance = random.Random(SEED)
    for trial in range(1500):
        payload = chance.randbytes(chance.randrange(120))
        if trial % 2:
            # States that pass the first check.
            payload = payload[:2] + b"\1\0" + payload[4:]
        mode = Mode(trial % len(Mode))
        coding = {Mode.CONSTANT: 0, Mode.LATENT: chance.randrange(4)}.get(mode, 1)
        quality = 20 if mode is Mode.LATENT else 0
        header = TileHeader(mode, 32, 32, 3, quality, 0, coding, len(payload))
        decodes_or_is_refused(codec, pack_tile(header, payload))


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("log2", range(9))
def test_the_largest_tile_takes_bounded_time(codec: TileCodec, mode: Mode, log2: int) -> None:
    """Covers R-4.2-lane-steps, R-3.5-before-allocation and R-9-hostile."""
    payload = (2**31).to_bytes(4, "little") * (1 << log2)
    coding = {Mode.CONSTANT: 0, Mode.LATENT: log2}.get(mode, 1)
    quality = 20 if mode is Mode.LATENT else 0
    header = TileHeader(mode, 4096, 4096, 3, quality, 0, coding, len(payload))
    assert not decodes_or_is_refused(codec, pack_tile(header, payload))


def test_one_bad_tile_in_a_batch_is_refused(codec: TileCodec, tiles: list[bytes]) -> None:
    bad = bytearray(tiles[1])
    bad[-6] ^= 1
    with pytest.raises(FormatError):
        codec.decode_tiles([tiles[0], bytes(bad), tiles[2]])
