"""The zarr v3 codec without an array: its metadata, and chunks as zarr hands them over."""

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import zarr
from pathae_plugins.zarr_codec import PathAECodec
from zarr.core.array_spec import ArrayConfig, ArraySpec
from zarr.core.buffer import Buffer, default_buffer_prototype

from pathae_codec.codec import decode_queue
from pathae_codec.errors import (
    ArtifactError,
    FieldError,
    ModelMismatchError,
    SettingError,
    TileShapeError,
    UnsupportedVersionError,
)
from tests.tiny_model import decode_tiny, draw_tissue, encode_tiny, tiny_model, tiny_parameters

if TYPE_CHECKING:
    from pathae_codec.arrays import Pixels

pytestmark = pytest.mark.usefixtures("tiny_model_folder")


def spec_of(shape: tuple[int, ...]) -> ArraySpec:
    """Return a chunk's spec as zarr gives it to a codec."""
    array = zarr.create_array(
        zarr.storage.MemoryStore(), shape=shape, chunks=shape, dtype="uint8", fill_value=255
    )
    metadata: Any = array.metadata
    prototype = default_buffer_prototype()
    config = ArrayConfig.from_dict({})
    return ArraySpec(shape, metadata.data_type, metadata.fill_value, config, prototype)


def buffer_of(data: bytes) -> Buffer:
    return default_buffer_prototype().buffer.from_bytes(data)


def test_decode_queues_all_before_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    futures: list[Future[Pixels]] = []

    def submit(parameters: bytes, tile: bytes, realism: float | None) -> "Future[Pixels]":
        futures.append(Future())
        if len(futures) == 2:
            for index, future in enumerate(futures):
                future.set_result(np.full((8, 8, 3), index, np.uint8))
        return futures[-1]

    monkeypatch.setattr(decode_queue, "decode_later", submit)
    spec = spec_of((3, 8, 8))
    chunks = [(buffer_of(b"a"), spec), (None, spec), (buffer_of(b"b"), spec)]
    first, missing, last = asyncio.run(PathAECodec(tiny_parameters()).decode(chunks))
    assert missing is None
    assert first is not None
    assert last is not None
    assert (first.as_numpy_array() == 0).all()
    assert (last.as_numpy_array() == 1).all()


def test_synchronous_and_asynchronous_agree() -> None:
    codec, spec = PathAECodec(tiny_parameters()), spec_of((3, 64, 64))
    tile = buffer_of(encode_tiny(draw_tissue(64, 64)[None])[0])
    ours = codec._decode_sync(tile, spec).as_numpy_array()
    theirs = asyncio.run(codec._decode_single(tile, spec)).as_numpy_array()
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(ours.transpose(1, 2, 0)[None], decode_tiny([tile.to_bytes()]))


def test_metadata_round_trip() -> None:
    codec = PathAECodec(tiny_parameters(), quality=20)
    stored = codec.to_dict()
    assert stored["name"] == "pathae"
    assert PathAECodec.from_dict(stored) == codec
    assert hash(PathAECodec.from_dict(stored)) == hash(codec)
    assert not codec.is_fixed_size
    with pytest.raises(NotImplementedError):
        codec.compute_encoded_size(1, spec_of((3, 8, 8)))


def test_later_version_and_no_configuration_are_refused() -> None:
    stored: Any = PathAECodec(tiny_parameters()).to_dict()
    stored["configuration"]["version"] = 2
    with pytest.raises(UnsupportedVersionError):
        PathAECodec.from_dict(stored)
    with pytest.raises(ArtifactError, match="expected an object"):
        PathAECodec.from_dict({"name": "pathae"})


@pytest.mark.parametrize("shape", [(3, 64, 32), (3, 32, 64), (1, 64, 64), (2, 3, 64, 64)])
def test_tile_of_another_size_is_refused(shape: tuple[int, ...]) -> None:
    tile = buffer_of(encode_tiny(draw_tissue(64, 64)[None])[0])
    with pytest.raises(FieldError, match="expected a tile"):
        PathAECodec(tiny_parameters())._decode_sync(tile, spec_of(shape))


@pytest.mark.parametrize("shape", [(64,), (2, 3, 64, 64)])
def test_chunk_without_channels_is_refused(shape: tuple[int, ...]) -> None:
    chunk = default_buffer_prototype().nd_buffer.from_numpy_array(np.zeros(shape, np.uint8))
    with pytest.raises(TileShapeError, match="chunk"):
        PathAECodec(tiny_parameters(), 60)._encode_sync(chunk, spec_of((3, 8, 8)))


@pytest.mark.parametrize("quality", [None, 40])
def test_encoding_needs_a_quality_of_the_file(quality: int | None) -> None:
    chunk = default_buffer_prototype().nd_buffer.from_numpy_array(np.zeros((3, 8, 8), np.uint8))
    with pytest.raises(SettingError, match="quality"):
        PathAECodec(tiny_parameters(), quality)._encode_sync(chunk, spec_of((3, 8, 8)))


def test_encoding_with_other_tables_is_refused(tmp_path: Path) -> None:
    from dataclasses import replace

    from pathae_codec.codec.tile_codec import TileCodec
    from pathae_codec.model.artifact import codec_parameters
    from pathae_codec.model.artifact_file import save_artifact

    model, canary = tiny_model(), TileCodec(tiny_model()).make_canary(60)
    swapped = replace(model, bottlenecks={60: model.bottlenecks[20]})
    parameters = save_artifact(codec_parameters(swapped, [60], canary))
    chunk = default_buffer_prototype().nd_buffer.from_numpy_array(np.zeros((3, 8, 8), np.uint8))
    with pytest.raises(ModelMismatchError, match="tables"):
        PathAECodec(parameters)._encode_sync(chunk, spec_of((3, 8, 8)))
