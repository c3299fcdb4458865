"""The batching worker: batches, errors of single tiles, fork, the end."""

import os
import subprocess
import sys
import threading
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pathae_codec.backends.choice import available_backends
from pathae_codec.bitstream.fallback import encode_fallback
from pathae_codec.codec.decode_queue import DecodeQueue, codec_for, decode_later
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import ArtifactError, ChecksumError, FieldError
from pathae_codec.model.artifact import codec_parameters
from pathae_codec.model.artifact_file import save_artifact
from tests.tiny_model import draw_tissue, tiny_model


@pytest.fixture(scope="module")
def parameters() -> bytes:
    codec = TileCodec(tiny_model())
    return save_artifact(codec_parameters(codec.model, [20], codec.make_canary(20), embed=True))


@pytest.fixture(scope="module")
def tiles() -> list[bytes]:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3), np.uint8)
    return TileCodec(tiny_model()).encode_tiles(pixels, 20)


def test_waiting_tiles_become_one_batch(
    parameters: bytes, tiles: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    codec = codec_for(parameters)
    decode, sizes, gate = codec.decode_tiles, [], threading.Event()

    def slow(batch: list[bytes]) -> list[np.ndarray]:
        gate.wait(10)
        sizes.append(len(batch))
        return decode(batch)

    monkeypatch.setattr(codec, "decode_tiles", slow)
    futures = [decode_later(parameters, tile) for tile in tiles]
    gate.set()
    assert not wait(futures, timeout=20).not_done
    assert sum(sizes) == len(tiles)
    assert len(sizes) <= 3
    expected = decode(tiles)
    for future, pixels in zip(futures, expected, strict=True):
        assert (future.result() == pixels).all()


def test_one_bad_tile_fails_alone(parameters: bytes, tiles: list[bytes]) -> None:
    bad = bytearray(tiles[3])
    bad[-1] ^= 1
    mixed = [*tiles[:3], bytes(bad), *tiles[4:8]]
    futures = [decode_later(parameters, tile) for tile in mixed]
    with pytest.raises(ChecksumError):
        futures[3].result(20)
    for place, future in enumerate(futures):
        if place != 3:
            assert future.result(20).shape == (16, 16, 3)


def test_parameters_without_a_canary_are_refused() -> None:
    """Covers R-model-canary-absent: nothing would tell a wrong decoder of the file."""
    model = codec_parameters(tiny_model(), [20], TileCodec(tiny_model()).make_canary(20))
    with pytest.raises(ArtifactError, match="expected a canary, found none"):
        codec_for(save_artifact(replace(model, canary=None)))


def test_without_parameters_tiles_decode_that_need_none(tiles: list[bytes]) -> None:
    """Covers R-zarr-no-parameters."""
    pixels = draw_tissue(5, 7)
    assert np.array_equal(decode_later(b"", encode_fallback(pixels)).result(20), pixels)
    with pytest.raises(FieldError, match="tile quality: expected one of"):
        decode_later(b"", tiles[0]).result(20)


def test_bad_parameters_fail_every_waiter(tiles: list[bytes]) -> None:
    futures = [decode_later(b"no artifact", tile) for tile in tiles[:3]]
    for future in futures:
        with pytest.raises(ArtifactError):
            future.result(20)


FORKED = """
import gc, os, sys, time
from pathlib import Path
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.codec.decode_queue import codec_for, decode_later
from pathae_codec.backends.choice import available_backends
from pathae_codec.bitstream.fallback import encode_fallback
from pathae_codec.model.artifact_file import load_artifact

parameters, tile = (Path(name).read_bytes() for name in sys.argv[1:])
own = TileCodec(load_artifact(parameters))
expected = own.decode_tiles([tile])[0]
assert (decode_later(parameters, tile).result(60) == expected).all()
time.sleep(1)  # onnxruntime's threads spin for a while; the trouble begins when they sleep
child = os.fork()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
assert (decode_later(parameters, tile).result(60) == expected).all()
assert (own.decode_tiles([tile])[0] == expected).all()
codec_for.cache_clear()
del own
gc.collect()
os._exit(0)  # as multiprocessing's children end; onnxruntime's own exit handlers hang in a fork
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("backend", [b for b in available_backends() if b != "torch"])
def test_forked_child_decodes_and_ends(
    backend: str, parameters: bytes, tiles: list[bytes], tmp_path: Path
) -> None:
    """Neither running nor destroying what the parent opened may hang."""
    (tmp_path / "parameters").write_bytes(parameters)
    (tmp_path / "tile").write_bytes(tiles[0])
    command = [sys.executable, "-W", "ignore", "-c", FORKED, "parameters", "tile"]
    environment = os.environ | {"PATHAE_BACKEND": backend}
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120, env=environment)


ENDED = """
import time
import numpy as np
from pathae_codec.codec.decode_queue import decode_later
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.artifact import codec_parameters
from pathae_codec.model.library import find_model
from pathae_codec.model.artifact_file import save_artifact

model = find_model()
noise = np.random.default_rng(0).integers(0, 256, (1, 256, 256, 3), np.uint8)
codec = TileCodec(model)
parameters = save_artifact(codec_parameters(model, [50], codec.make_canary(50), embed=True))
tile = codec.encode_tiles(noise, 50)[0]
decode_later(parameters, tile).result(60)  # loads the network
futures = [decode_later(parameters, tile) for _ in range(200)]
time.sleep(0.05)
assert not futures[-1].done()
"""


@pytest.mark.parametrize("backend", available_backends())
def test_a_process_ends_while_tiles_are_decoded(backend: str) -> None:
    """Without the end of the queue torch aborts here: its thread finds the interpreter gone."""
    environment = os.environ | {"PATHAE_BACKEND": backend}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ENDED], check=True, timeout=120, env=environment
    )


def test_a_closed_queue_cancels(parameters: bytes, tiles: list[bytes]) -> None:
    queue = DecodeQueue()
    assert queue.submit(parameters, tiles[0]).result(20).shape == (16, 16, 3)
    queue.close()
    assert queue.submit(parameters, tiles[0]).cancelled()
    queue.close()
