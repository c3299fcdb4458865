"""One latent, several faces: the tile codec and the artifact with realism."""

from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest
from numpy.typing import NDArray

from pathae_codec.backends.choice import available_backends, choose_backend
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import ModelMismatchError, SettingError
from pathae_codec.model.artifact import ModelArtifact, Transform, codec_parameters
from pathae_codec.model.artifact_file import load_artifact, save_artifact
from pathae_codec.model.realism import Realism, with_noise
from tests.tiny_model import (
    draw_tissue,
    tiny_model,
    tiny_realism_model,
    tiny_realism_parameters,
)

TILES = np.stack([draw_tissue(32, 32, seed) for seed in range(3)])


@pytest.fixture(scope="module")
def tiles() -> list[bytes]:
    return TileCodec(tiny_realism_model()).encode_tiles(TILES, 60)


def decode(
    tiles: list[bytes], realism: float | None, model: ModelArtifact | None = None
) -> NDArray[np.uint8]:
    return np.stack(TileCodec(model or tiny_realism_model(), realism=realism).decode_tiles(tiles))


def test_bytes_do_not_depend_on_realism(tiles: list[bytes]) -> None:
    for realism in (0, 0.125, 1):
        assert TileCodec(tiny_realism_model(), realism=realism).encode_tiles(TILES, 60) == tiles


@pytest.mark.parametrize("backend", available_backends())
@pytest.mark.parametrize("realism", [0, 0.5, 0.875, 1])
def test_a_face_is_what_the_network_gives(tiles: list[bytes], realism: float, backend: str) -> None:
    """Covers R-model-realism-weights by the network itself, put together from its parts."""
    model = tiny_realism_model()
    codec = TileCodec(model, backend=backend, realism=realism)
    faithful = model.synthesis
    assert faithful is not None
    assert faithful.natural is not None
    mixed = {
        name: np.asarray(weight * (1 - realism) + faithful.natural[name] * realism, np.float32)
        for name, weight in faithful.weights.items()
    }
    network = choose_backend(backend, faithful.layers).load_synthesis(
        Transform(faithful.layers, mixed), 1
    )
    for tile, pixels in zip(tiles, codec.decode_tiles(tiles), strict=True):
        header, payload = unpack_tile(tile)
        symbols = codec.decode_tile_symbols([(header, payload)])
        words = model.bottlenecks[60].quantizer.codewords
        latents = np.stack([w[s] for w, s in zip(words, symbols[0], strict=True)])
        seeds = np.array([crc32(payload)], np.uint32)
        inputs = with_noise(latents.reshape(1, 4, 4, 4), seeds, 2)
        assert abs(network.synthesize(inputs)[0].astype(int) - pixels).max() <= 1


def test_faces_differ_and_the_default_is_the_stated_one(tiles: list[bytes]) -> None:
    """Covers R-model-realism-default."""
    faces = {realism: decode(tiles, realism) for realism in (None, 0, 0.5, 1)}
    assert np.array_equal(faces[None], faces[0.5])
    assert not np.array_equal(faces[0], faces[0.5])
    assert not np.array_equal(faces[0.5], faces[1])
    for default in (0, 8):
        plain = decode(tiles, None, tiny_realism_model(default))
        assert np.array_equal(plain, faces[default / 8])


def test_a_batch_gives_what_single_tiles_give(tiles: list[bytes]) -> None:
    """Noise is of the tile, whatever tiles it is decoded with, and in whatever order."""
    together = decode(tiles, 1)
    alone = np.stack([decode([tile], 1)[0] for tile in tiles])
    assert np.array_equal(together, alone)
    assert np.array_equal(decode(tiles[::-1], 1), alone[::-1])


def test_noise_takes_part(tiles: list[bytes]) -> None:
    """Two tiles of the same symbols in other lanes have other payloads, thus other noise."""
    model = tiny_realism_model()
    assert model.synthesis is not None
    deaf = model.synthesis.weights["0.weight"].copy()
    deaf[:, 4:] = 0
    weights = model.synthesis.weights | {"0.weight": deaf}
    faithful = replace(model, synthesis=replace(model.synthesis, weights=weights))
    assert not np.array_equal(decode(tiles, 0, faithful), decode(tiles, 0))
    # The natural face has weights of its own for it.
    assert np.array_equal(decode(tiles, 1, faithful), decode(tiles, 1))


@pytest.mark.parametrize("realism", [0.3, -0.125, 2])
def test_what_is_no_eighth_is_refused(realism: float) -> None:
    with pytest.raises(SettingError, match="in steps of an eighth"):
        TileCodec(tiny_realism_model(), realism=realism)


def test_a_model_of_one_face_refuses_realism() -> None:
    with pytest.raises(SettingError, match="one face only"):
        TileCodec(tiny_model(), realism=0)


@pytest.mark.parametrize("embed", [False, True])
def test_saving_inverts_loading(embed: bool) -> None:
    data = tiny_realism_parameters(embed=embed)
    assert save_artifact(load_artifact(data)) == data
    assert load_artifact(data).realism == tiny_realism_model().realism


def test_the_default_is_no_part_of_the_identity() -> None:
    one, other = (load_artifact(save_artifact(tiny_realism_model(default))) for default in (0, 8))
    assert one.decoder_id == other.decoder_id
    assert one.realism != other.realism


@pytest.mark.parametrize("face", [None, 0, 8])
def test_a_canary_of_one_wrong_face_is_refused(face: int | None, tiles: list[bytes]) -> None:
    """Covers R-model-realism-proven: a face is proven before it is used."""
    parameters = load_artifact(tiny_realism_parameters(embed=True))
    canary = parameters.canary
    assert canary is not None
    assert len(decode(tiles, 1, parameters)) == len(tiles)
    if face is None:
        wrong = replace(canary, pixels=canary.pixels ^ np.uint8(8))
    else:
        wrong = replace(canary, faces={**canary.faces, face: canary.faces[face] ^ np.uint8(8)})
    wrong_parameters = replace(parameters, canary=wrong)
    # What is asked for is proven by itself, and what is not shown by both ends.
    proven_by = {None: {None}, 0: {0}, 1: {8}, 0.125: {0, 8}}
    for realism, faces in proven_by.items():
        if face in faces:
            with pytest.raises(ModelMismatchError, match="canary"):
                decode(tiles, realism, wrong_parameters)
        else:
            assert len(decode(tiles, realism, wrong_parameters)) == len(tiles)


def test_a_decoder_of_other_inputs_is_refused(
    tiles: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Covers R-model-realism-decoder: parameters name a decoder that takes other planes."""
    model = tiny_realism_model()
    canary = TileCodec(model).make_canary(60)
    parameters = codec_parameters(model, [60], canary)
    monkeypatch.setattr("pathae_codec.codec.tile_codec.find_decoder", lambda *_: model.synthesis)
    assert np.array_equal(decode(tiles, None, parameters), decode(tiles, None))
    for other in (None, Realism(4, 0), Realism(4, 3)):
        with pytest.raises(ModelMismatchError, match="latent and noise"):
            decode(tiles, None, replace(parameters, realism=other, canary=None))


def test_a_decoder_of_one_face_is_refused(
    tiles: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Covers R-model-realism-decoder."""
    model = tiny_realism_model()
    assert model.synthesis is not None
    parameters = codec_parameters(model, [60], TileCodec(model).make_canary(60))
    single = replace(model.synthesis, natural=None)
    monkeypatch.setattr("pathae_codec.codec.tile_codec.find_decoder", lambda *_: single)
    with pytest.raises(ModelMismatchError, match="expected 2 sets of weights, got 1"):
        decode(tiles, 0, parameters)


@pytest.mark.parametrize("backend", [*available_backends()])
def test_every_backend_accepts_the_canary_of_another(backend: str, tiles: list[bytes]) -> None:
    parameters = load_artifact(tiny_realism_parameters(embed=True))
    codec = TileCodec(parameters, backend=backend, realism=1)
    reference = decode(tiles, 1)
    for pixels, expected in zip(codec.decode_tiles(tiles), reference, strict=True):
        assert abs(pixels.astype(int) - expected).max() <= 2
