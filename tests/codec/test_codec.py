"""The tile codec as a whole: modes, batches, canary, settings."""

import os
import threading
import time
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.synthetic_slide import draw_tissue
from pathae_codec.arrays import Latents, Pixels
from pathae_codec.backends.choice import EXACT, available_backends, choose_backend
from pathae_codec.backends.interface import SynthesisTransform
from pathae_codec.bitstream.header import Mode, parse_header
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.assured import AssuredEncoder, no_streams
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import (
    FieldError,
    ModelMismatchError,
    ModelNotFoundError,
    SettingError,
    TileShapeError,
)
from pathae_codec.fidelity import Floor, psnr
from pathae_codec.model.artifact import Canary, codec_parameters
from pathae_codec.model.library import find_model
from tests.tiny_model import tiny_model


@pytest.fixture(scope="module")
def codec() -> TileCodec:
    return TileCodec(find_model())


@pytest.fixture(scope="module")
def tissue() -> np.ndarray:
    drawn = draw_tissue(256, 512, 3)
    return np.stack([drawn[:, :256], drawn[:, 256:]])


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (17, 200, 3)])
def test_constant_tile_is_exact(codec: TileCodec, colour: tuple[int, ...]) -> None:
    tile = np.full((512, 512, 3), colour, np.uint8)
    (data,) = codec.encode_tiles(tile[None], 50)
    assert len(data) == 23
    assert (codec.decode_tiles([data])[0] == tile).all()


def test_quality_trades_bytes_for_fidelity(codec: TileCodec, tissue: np.ndarray) -> None:
    sizes, fidelities = [], []
    for quality in codec.model.qualities:
        data = codec.encode_tiles(tissue, quality)
        decoded = codec.decode_tiles(data)
        sizes.append(sum(map(len, data)))
        fidelities.append(np.mean([psnr(a, b) for a, b in zip(tissue, decoded, strict=True)]))
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)
    # The drawing is no tissue that the network knows: the lowest rungs may lose a little there.
    assert (np.diff(fidelities) > -0.2).all()
    assert fidelities[-1] > fidelities[0] + 5


def test_batch_and_single_tiles_give_the_same_bytes_and_pixels(
    codec: TileCodec, tissue: np.ndarray
) -> None:
    together = codec.encode_tiles(tissue, 40)
    alone = [codec.encode_tiles(tile[None], 40)[0] for tile in tissue]
    assert together == alone
    pixels = codec.decode_tiles(together)
    for tile, data in zip(pixels, alone, strict=True):
        assert (codec.decode_tiles([data])[0] == tile).all()


def test_threads_do_not_change_bytes_or_pixels(tissue: np.ndarray) -> None:
    one, two = (TileCodec(find_model(), threads=threads) for threads in (1, 2))
    data = one.encode_tiles(tissue, 40)
    assert two.encode_tiles(tissue, 40) == data
    assert (np.stack(one.decode_tiles(data)) == np.stack(two.decode_tiles(data))).all()


def test_overhead_of_a_tile_is_small(codec: TileCodec, tissue: np.ndarray) -> None:
    for data in codec.encode_tiles(tissue, 50):
        header, payload = unpack_tile(data)
        overhead = len(data) - len(payload) + 4 * (1 << header.coding)
        assert overhead <= 0.03 * len(data) + 8


def test_modes_are_chosen_by_tile(codec: TileCodec, tissue: np.ndarray) -> None:
    noise = np.random.default_rng(0).integers(0, 256, tissue.shape[1:], np.uint8)
    tiles = np.stack([np.full_like(noise, 255), tissue[0], noise])
    coded = AssuredEncoder(codec, 100, Floor(25)).encode(
        tiles, [tissue.shape[1:3]] * 3, [False] * 3, [no_streams] * 3
    )
    data = [tile.data for tile in coded]
    assert [parse_header(d).mode for d in data] == [Mode.CONSTANT, Mode.LATENT, Mode.FALLBACK]
    for tile, decoded in zip(tiles, codec.decode_tiles(data), strict=True):
        assert psnr(tile, decoded) >= 25


@pytest.mark.parametrize("shape", [(16, 16, 1), (16, 16, 4), (13, 16, 3)])
def test_what_the_network_cannot_take_is_kept_exactly(
    codec: TileCodec, shape: tuple[int, ...]
) -> None:
    tile = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    (data,) = codec.encode_tiles(tile[None], 50)
    assert parse_header(data).mode is Mode.FALLBACK
    assert (codec.decode_tiles([data])[0] == tile).all()


def test_wrong_pixels_and_settings_are_refused(codec: TileCodec) -> None:
    with pytest.raises(TileShapeError, match="expected uint8"):
        codec.encode_tiles(np.zeros((1, 8, 8, 3), np.float32), 50)  # type: ignore[arg-type]
    with pytest.raises(SettingError, match="expected one of"):
        codec.encode_tiles(np.zeros((1, 8, 8, 3), np.uint8), 55)


def test_parameters_alone_decode_what_the_model_encoded(
    codec: TileCodec, tissue: np.ndarray
) -> None:
    parameters = codec_parameters(codec.model, [40], codec.make_canary(40))
    data = codec.encode_tiles(tissue, 40)
    reader = TileCodec(parameters)
    assert (np.stack(reader.decode_tiles(data)) == np.stack(codec.decode_tiles(data))).all()
    with pytest.raises(FieldError, match="quality"):
        reader.decode_tiles(codec.encode_tiles(tissue, 60))


def test_wrong_decoder_is_refused_by_the_canary(codec: TileCodec, tissue: np.ndarray) -> None:
    canary = codec.make_canary(40)
    wrong = Canary(canary.tile, np.roll(canary.pixels, 5, 0))
    reader = TileCodec(codec_parameters(codec.model, [40], wrong))
    with pytest.raises(ModelMismatchError, match="canary"):
        reader.decode_tiles(codec.encode_tiles(tissue[:1], 40))


def test_missing_decoder_is_named_with_what_to_do() -> None:
    model = tiny_model()
    parameters = codec_parameters(model, [20], TileCodec(model).make_canary(20))
    (data,) = TileCodec(model).encode_tiles(draw_tissue(64, 64, 0)[None], 20)
    with pytest.raises(ModelNotFoundError, match=f"{model.decoder_id}.*PATHAE_MODELS"):
        TileCodec(parameters).decode_tiles([data])


def test_embedded_decoder_needs_nothing_else() -> None:
    model = tiny_model()
    codec = TileCodec(model)
    embedded = codec_parameters(model, [20], codec.make_canary(20), embed=True)
    data = codec.encode_tiles(draw_tissue(64, 64, 0)[None], 20)
    assert (TileCodec(embedded).decode_tiles(data)[0] == codec.decode_tiles(data)[0]).all()


def test_constant_tiles_need_no_decoder() -> None:
    model = tiny_model()
    lost = replace(model, analysis=None, synthesis=None, decoder_id="sha256:" + "0" * 64)
    white = np.full((64, 64, 3), 255, np.uint8)
    data = TileCodec(model).encode_tiles(white[None], 20)
    assert (TileCodec(lost).decode_tiles(data)[0] == white).all()


OTHERS = [name for name in available_backends(by_name_only=True) if name != "onnx"]


@pytest.mark.parametrize("backend", OTHERS)
def test_backends_agree_within_tolerance(backend: str, tissue: np.ndarray) -> None:
    reference, other = (TileCodec(find_model(), backend=name) for name in ("onnx", backend))
    data = reference.encode_tiles(tissue, 60)
    pairs = zip(reference.decode_tiles(data), other.decode_tiles(data), strict=True)
    for expected, actual in pairs:
        error = actual.astype(float) - expected
        assert np.abs(error).max() <= 2
        assert np.sqrt(np.square(error).mean()) <= 0.5


@pytest.mark.parametrize(
    "backend", [b for b in available_backends(by_name_only=True) if b in EXACT]
)
def test_a_canary_is_decoded_exactly(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written in bfloat16 must not be refused by those who read in float32."""
    model = find_model()
    coarse, exact = (TileCodec(model, backend=name) for name in (backend, EXACT[backend]))
    # Not every CPU has bfloat16, and without it nothing is coarse: here all pixels are off by 3.
    module = choose_backend(backend)
    load = module.load_synthesis
    monkeypatch.setattr(module, "load_synthesis", lambda *given: _OffByThree(load(*given)))
    canary = coarse.make_canary(60)
    assert np.array_equal(canary.pixels, exact.decode_tiles([canary.tile])[0])
    assert not np.array_equal(canary.pixels, coarse.decode_tiles([canary.tile])[0])


class _OffByThree:
    def __init__(self, exact: SynthesisTransform) -> None:
        self._exact = exact

    def synthesize(self, latents: Latents) -> Pixels:
        pixels = self._exact.synthesize(latents)
        return np.where(pixels < 128, pixels + 3, pixels - 3).astype(np.uint8)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="threads have no affinity here")
@pytest.mark.parametrize("backend", available_backends(by_name_only=True))
def test_a_network_leaves_its_thread_on_all_cores(backend: str, tissue: np.ndarray) -> None:
    """Processes side by side that bind their threads from the first core on share that core."""
    codec = TileCodec(find_model(), backend=backend, threads=1)
    tiles = codec.encode_tiles(tissue, 40) * 8
    codec.decode_tiles(tiles)
    thread = threading.Thread(target=codec.decode_tiles, args=(tiles,))
    thread.start()
    cores = []
    while thread.is_alive():
        with suppress(ProcessLookupError):
            cores.append(os.sched_getaffinity(thread.native_id or 0))
        time.sleep(0.002)
    assert len(cores) > 5
    assert all(among == os.sched_getaffinity(0) for among in cores)


@pytest.mark.parametrize("backend", [b for b in available_backends() if b != "torch"])
def test_a_batch_gives_what_its_tiles_give(backend: str, tissue: np.ndarray) -> None:
    """What one conversion writes another one writes too, whatever shared a batch."""
    codec = TileCodec(find_model(), backend=backend)
    together = codec.encode_tiles(tissue, 60)
    assert together == [codec.encode_tiles(tile[None], 60)[0] for tile in tissue]
    alone = [codec.decode_tiles([tile])[0] for tile in together]
    assert np.array_equal(np.stack(codec.decode_tiles(together)), np.stack(alone))
