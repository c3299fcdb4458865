"""Symbols <-> latent tiles: entropy coding and the bitstream around it. Spec: v1, section 3.4."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.frequencies import ideal_bytes
from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.bitstream.limits import MAX_LANE_STEPS, MAX_SYMBOLS_PER_BYTE
from pathae_codec.bitstream.rans import choose_lanes_log2, decode_symbols, encode_symbols
from pathae_codec.bitstream.tile import Tile, pack_tile
from pathae_codec.errors import FieldError, SettingError
from pathae_codec.model.artifact import Bottleneck, ModelArtifact
from pathae_codec.model.quantizer import dequantize


def pack_latent_tiles(
    symbols: NDArray[np.uint16], bottleneck: Bottleneck, quality: int, height: int, width: int
) -> list[bytes]:
    """Return the tile bitstreams of latent tiles of one shape, each in the tables that suit it.

    Args:
        symbols: uint16 (tiles, latent channels, h * w), positions row by row.
        bottleneck: What they were quantized with.
        quality: Its rung.
        height: Of a tile in pixels.
        width: Of a tile in pixels.

    Raises:
        SettingError: The tables are so sure of a large tile that no number of lanes makes its
            payload as long as its symbols need it to be.
    """
    sizes = ideal_bytes(symbols, bottleneck.tables)
    sets = sizes.argmin(1)
    positions = symbols.shape[2]
    coded = positions * sum(table.shape[1] > 1 for table in bottleneck.tables.channels)
    lanes_log2 = np.array([choose_lanes_log2(int(n), positions, coded) for n in sizes.min(1)])
    tiles = [b""] * len(symbols)
    for log2 in np.unique(lanes_log2).tolist():
        indices = np.flatnonzero(lanes_log2 == log2)
        payloads = encode_symbols(symbols[indices], bottleneck.tables, sets[indices], 1 << log2)
        for index, payload in zip(indices.tolist(), payloads, strict=True):
            table_set, size = int(sets[index]), len(payload)
            if coded > MAX_SYMBOLS_PER_BYTE * size:
                raise SettingError(
                    f"tile of {width} x {height}: its {coded} symbols take {size} bytes, fewer "
                    f"than the format allows for so many; take smaller tiles"
                )
            header = TileHeader(Mode.LATENT, height, width, 3, quality, table_set, log2, size)
            tiles[index] = pack_tile(header, payload)
    return tiles


def unpack_latent_tiles(model: ModelArtifact, tiles: Sequence[Tile]) -> NDArray[np.uint16]:
    """Return the symbols of latent tiles of one shape and quality: exact everywhere.

    Args:
        model: A model, or the parameters of a file.
        tiles: Headers and payloads.

    Returns:
        uint16 (tiles, latent channels, h * w), positions row by row.

    Raises:
        FormatError: A header does not fit the model, or a payload is wrong.
    """
    header = tiles[0][0]
    bottleneck = _bottleneck(model, header)
    sets = np.array([header.table_set for header, _ in tiles])
    if sets.max() >= bottleneck.tables.sets:
        raise FieldError(
            f"tile table_set: expected below {bottleneck.tables.sets}, got {sets.max()}"
        )
    height, width = _latent_size(model, header)
    positions, lanes = height * width, np.array([1 << header.coding for header, _ in tiles])
    if positions > MAX_LANE_STEPS * lanes.min():
        raise FieldError(
            f"tile lanes: expected {-(-positions // MAX_LANE_STEPS)} or more for a latent of "
            f"{width} x {height}, got {lanes.min()}"
        )
    symbols = np.empty((len(tiles), len(bottleneck.tables.channels), positions), np.uint16)
    for count in np.unique(lanes).tolist():
        indices = np.flatnonzero(lanes == count)
        payloads = [tiles[index][1] for index in indices.tolist()]
        symbols[indices] = decode_symbols(
            payloads, bottleneck.tables, sets[indices], positions, count
        )
    return symbols


def latents_of(
    model: ModelArtifact, symbols: NDArray[np.uint16], header: TileHeader
) -> NDArray[np.float32]:
    """Return the latents that symbols stand for, float32 (tiles, latent channels, h, w).

    Args:
        model: A model, or the parameters of a file.
        symbols: As `unpack_latent_tiles` gives them.
        header: Of one of the tiles.
    """
    quantizer = _bottleneck(model, header).quantizer
    return dequantize(symbols, quantizer, *_latent_size(model, header))


def _bottleneck(model: ModelArtifact, header: TileHeader) -> Bottleneck:
    bottleneck = model.bottlenecks.get(header.quality)
    if bottleneck is None:
        raise FieldError(f"tile quality: expected one of {model.qualities}, got {header.quality}")
    return bottleneck


def _latent_size(model: ModelArtifact, header: TileHeader) -> tuple[int, int]:
    factor = model.factor
    if header.channels != 3 or header.height % factor or header.width % factor:
        raise FieldError(
            f"latent tile: expected 3 channels and sides that are multiples of {factor}, got "
            f"{header.channels} channels and {header.width} x {header.height}"
        )
    return header.height // factor, header.width // factor
