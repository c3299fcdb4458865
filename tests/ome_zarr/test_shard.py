"""The shards that we pack are those that zarr reads and writes."""

from pathlib import Path

import numpy as np
import zarr

from pathae_codec.ome_zarr.shard import pack_shard


def test_zarr_reads_a_packed_shard(tmp_path: Path) -> None:
    array = zarr.create_array(
        tmp_path / "a", shape=(4, 6), chunks=(2, 2), shards=(4, 6), dtype="u1", compressors=None,
        fill_value=9,
    )  # fmt: skip
    chunks: list[bytes | None] = [bytes([n] * 4) for n in range(6)]
    chunks[4] = None
    shard = pack_shard(chunks)
    assert shard is not None
    path = tmp_path / "a" / "c" / "0" / "0"
    path.parent.mkdir(parents=True)
    path.write_bytes(shard)
    blocks = np.array([[0, 1, 2], [3, 9, 5]], np.uint8)
    assert (np.asarray(array[:]) == np.kron(blocks, np.ones((2, 2), np.uint8))).all()


def test_shard_of_nothing_is_nothing() -> None:
    assert pack_shard([None, None]) is None
