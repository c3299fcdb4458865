"""PathAE as a numcodecs codec: the `compressor` of zarr v2 arrays. Spec: v1, section 6.2."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numcodecs.abc import Codec
from numcodecs.compat import ensure_bytes, ensure_ndarray, ndarray_copy

from pathae_codec.configuration import (
    CODEC_NAME,
    build_configuration,
    parse_quality,
)
from pathae_plugins.carrying import Configuration, parse_parameters
from pathae_plugins.chunk import encode_chunk, tile_to_chunk


class PathAE(Codec):  # type: ignore[misc]
    """Compressor of uint8 chunks (c, y, x), or with axes of length 1 in front.

    Attributes:
        parameters: The file's codec parameters; empty where no tile needs a model.
        quality: What to encode with; None reads, and encodes where the parameters have one only.
    """

    codec_id: ClassVar[str] = CODEC_NAME

    def __init__(self, parameters: bytes, quality: int | None = None) -> None:
        self.parameters = parameters
        self.quality = quality

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Read the codec from zarr metadata; keys that are not known are ignored.

        Raises:
            FormatError: See `parse_configuration`.
        """
        return cls(parse_parameters(config), parse_quality(config))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the configuration, which takes the decoder along."""
        return type(self).from_config, (Configuration(self.get_config()),)

    def get_config(self) -> dict[str, Any]:
        """Return the codec as zarr metadata."""
        return {"id": CODEC_NAME} | build_configuration(self.parameters, quality=self.quality)

    def encode(self, buf: object) -> bytes:
        """Encode a chunk with its shape, uint8 (..., c, y, x).

        Raises:
            TileShapeError, SettingError, ModelError: See `encode_chunk`.
        """
        return encode_chunk(ensure_ndarray(buf), self.parameters, self.quality)

    def decode(self, buf: object, out: object | None = None) -> object:
        """Decode a tile bitstream to uint8 (c, y, x), into `out` where it is given.

        Raises:
            FormatError, ModelError: See `TileCodec.decode_tiles`.
        """
        # The worker brings the whole codec along; metadata alone can do without.
        from pathae_codec.codec.decode_queue import read_later

        tile = read_later(self.parameters, ensure_bytes(buf)).result()
        chunk = np.ascontiguousarray(tile_to_chunk(tile))
        decoded: object = chunk if out is None else ndarray_copy(chunk, out)
        return decoded

    def __repr__(self) -> str:
        return f"PathAE({len(self.parameters)} bytes of parameters, quality={self.quality})"
