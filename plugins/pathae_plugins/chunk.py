"""A zarr chunk <-> a tile, for zarr v3 and v2 alike. Spec: v1, section 6.1.

A chunk is uint8 (c, y, x), with any axes of length 1 in front (t, c, z, y, x): a view of a tile,
which is uint8 (H, W, C).
"""

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.errors import FieldError, ModelMismatchError, SettingError, TileShapeError

if TYPE_CHECKING:
    from pathae_codec.codec.tile_codec import TileCodec
    from pathae_codec.model.artifact import Bottleneck


def tile_to_chunk(tile: Pixels, shape: tuple[int, ...] | None = None) -> Pixels:
    """Return a decoded tile, uint8 (H, W, C), as a chunk, without copying it.

    Args:
        tile: What a tile bitstream decodes to.
        shape: Of the chunk, see above; None gives (C, H, W).

    Raises:
        FieldError: The tile is of another size than the chunk.
    """
    chunk = np.moveaxis(tile, 2, 0)
    if shape is None or shape == chunk.shape:
        return chunk
    if _squeeze(shape) != chunk.shape:
        raise FieldError(f"chunk: expected a tile for {shape}, got one of {chunk.shape} (c, y, x)")
    return chunk.reshape(shape)


def chunk_to_tile(chunk: NDArray[Any]) -> Pixels:
    """Return a chunk as the tile to encode, uint8 (H, W, C).

    Raises:
        TileShapeError: Not uint8, or not c, y, x behind axes of length 1.
    """
    check_dtype(chunk.dtype)
    shape = _squeeze(chunk.shape)
    if shape is None:
        raise TileShapeError(f"chunk: expected (c, y, x) behind axes of 1, got {chunk.shape}")
    return np.ascontiguousarray(np.moveaxis(chunk.reshape(shape), 0, 2))


def check_dtype(dtype: np.dtype[Any]) -> None:
    """Refuse arrays of anything but uint8.

    Raises:
        TileShapeError: Another data type.
    """
    if dtype != np.uint8:
        raise TileShapeError(f"array data type: expected uint8, got {dtype}")


def encode_chunk(chunk: NDArray[Any], parameters: bytes, quality: int | None) -> bytes:
    """Encode a chunk with the whole model that the codec parameters come from.

    Args:
        chunk: As for `chunk_to_tile`.
        parameters: Of the file.
        quality: None where the parameters have only one.

    Raises:
        TileShapeError: See `chunk_to_tile`.
        SettingError: No quality, or not one of the parameters.
        ModelError: The whole model is not on this machine, or has other tables.
    """
    encoder, chosen = _encoder_for(parameters, quality)
    return encoder.encode_tiles(chunk_to_tile(chunk)[None], chosen)[0]


def _squeeze(shape: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Return (c, y, x); None unless at most one axis in front of y and x is longer than 1."""
    if len(shape) < 2:
        return None
    channels = prod(shape[:-2])
    fits = channels == max(shape[:-2], default=1)
    return (channels, shape[-2], shape[-1]) if fits else None


@lru_cache(maxsize=8)
def _encoder_for(parameters: bytes, quality: int | None) -> tuple["TileCodec", int]:
    from pathae_codec.codec.tile_codec import TileCodec
    from pathae_codec.model.artifact_file import load_artifact
    from pathae_codec.model.library import find_model

    if not parameters:
        raise SettingError("encode: expected codec parameters in the configuration, found none")
    stored = load_artifact(parameters)
    if quality is None and len(stored.qualities) == 1:
        quality = stored.qualities[0]
    if quality is None or quality not in stored.bottlenecks:
        raise SettingError(f"quality: expected one of {stored.qualities}, got {quality}")
    model = find_model(stored.decoder_id)
    if not _same_tables(stored.bottlenecks[quality], model.bottlenecks.get(quality)):
        raise ModelMismatchError(
            f"model {model.name}: expected the file's tables at quality {quality}, got others; "
            "encode with the model that the file was made with"
        )
    return TileCodec(model), quality


def _same_tables(stored: "Bottleneck", model: "Bottleneck | None") -> bool:
    if model is None:
        return False
    codewords = zip(stored.quantizer.codewords, model.quantizer.codewords, strict=True)
    frequencies = zip(stored.tables.channels, model.tables.channels, strict=True)
    return all(np.array_equal(a, b) for a, b in codewords) and all(
        np.array_equal(a, b) for a, b in frequencies
    )
