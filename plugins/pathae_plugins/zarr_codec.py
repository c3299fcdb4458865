"""PathAE as a zarr v3 codec, found by zarr through the entry point `zarr.codecs`.

Spec: v1, section 6.1.
"""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, cast

from zarr.abc.codec import ArrayBytesCodec

from pathae_codec.arrays import Pixels
from pathae_codec.configuration import (
    CODEC_NAME,
    build_configuration,
    parse_quality,
)
from pathae_codec.errors import ArtifactError
from pathae_plugins.carrying import Configuration, parse_parameters
from pathae_plugins.chunk import check_dtype, encode_chunk, tile_to_chunk

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer, NDBuffer
    from zarr.core.common import JSON
    from zarr.core.dtype.wrapper import ZDType


@dataclass(frozen=True)
class PathAECodec(ArrayBytesCodec):
    """Serializer of uint8 chunks (c, y, x), or with axes of length 1 in front.

    Create arrays with `compressors=None`: zarr would put zstd behind it otherwise.

    Attributes:
        parameters: The file's codec parameters; empty where no tile needs a model.
        quality: What to encode with; None reads, and encodes where the parameters have one only.
    """

    is_fixed_size = False

    parameters: bytes
    quality: int | None = None

    @classmethod
    def from_dict(cls, data: "dict[str, JSON]") -> Self:
        """Read the codec from zarr metadata; keys that are not known are ignored.

        Raises:
            FormatError: See `parse_configuration`.
        """
        configuration = data.get("configuration")
        if not isinstance(configuration, dict):
            raise ArtifactError(
                f"pathae configuration: expected an object, got {configuration!r:.20}"
            )
        return cls(parse_parameters(configuration), parse_quality(configuration))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the configuration, which takes the decoder along."""
        return type(self).from_dict, (self.to_dict(),)

    def to_dict(self) -> "dict[str, JSON]":
        """Return the codec as zarr metadata."""
        configuration = build_configuration(self.parameters, quality=self.quality)
        return {"name": CODEC_NAME, "configuration": Configuration(configuration)}

    def validate(self, *, dtype: "ZDType[Any, Any]", **_: object) -> None:
        """Refuse arrays of anything but uint8.

        The shape is left to the chunks: this one is that of the array before any transpose.

        Raises:
            TileShapeError: Another data type.
        """
        check_dtype(dtype.to_native_dtype())

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: "ArraySpec") -> int:
        """Raise, as all codecs of variable size do."""
        raise NotImplementedError

    async def decode(
        self, chunks_and_specs: "Iterable[tuple[Buffer | None, ArraySpec]]"
    ) -> "list[NDBuffer | None]":
        """Decode chunks as one batch; None for those that are missing."""
        # All are queued before the first is awaited: that is what makes them a batch.
        queued = [
            (None if chunk is None else self._submit(chunk), spec)
            for chunk, spec in chunks_and_specs
        ]
        return [
            None if tile is None else _as_chunk(await asyncio.wrap_future(tile), spec)
            for tile, spec in queued
        ]

    async def _decode_single(self, chunk_data: "Buffer", chunk_spec: "ArraySpec") -> "NDBuffer":
        return _as_chunk(await asyncio.wrap_future(self._submit(chunk_data)), chunk_spec)

    def _decode_sync(self, chunk_data: "Buffer", chunk_spec: "ArraySpec") -> "NDBuffer":
        return _as_chunk(self._submit(chunk_data).result(), chunk_spec)

    async def _encode_single(self, chunk_data: "NDBuffer", chunk_spec: "ArraySpec") -> "Buffer":
        return await asyncio.to_thread(self._encode_sync, chunk_data, chunk_spec)

    def _encode_sync(self, chunk_data: "NDBuffer", chunk_spec: "ArraySpec") -> "Buffer":
        encoded = encode_chunk(chunk_data.as_numpy_array(), self.parameters, self.quality)
        return chunk_spec.prototype.buffer.from_bytes(encoded)

    def _submit(self, chunk: "Buffer") -> "Future[Pixels]":
        # The worker brings the whole codec along; metadata alone can do without.
        from pathae_codec.codec.decode_queue import read_later

        return read_later(self.parameters, chunk.to_bytes())


def _as_chunk(tile: Pixels, spec: "ArraySpec") -> "NDBuffer":
    chunk = tile_to_chunk(tile, tuple(spec.shape))
    # zarr's type says that its arrays are resizable; numpy's all are.
    return spec.prototype.nd_buffer.from_numpy_array(cast("Any", chunk))
