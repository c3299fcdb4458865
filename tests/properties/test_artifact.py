"""The artifact: an exact inverse, and for other bytes its own errors or a sound artifact."""

import json
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from pathae_codec.bitstream.limits import MAX_TABLES
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import ArtifactError, ModelMismatchError, UnsupportedVersionError
from pathae_codec.model.artifact import Canary, ModelArtifact, codec_parameters
from pathae_codec.model.artifact_file import load_artifact, read_record, save_artifact
from pathae_codec.model.identity import transform_id
from tests.tiny_model import tiny_model, tiny_parameters

MODEL = save_artifact(tiny_model())
EMBEDDED = tiny_parameters(embed=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def build(record: object, tensors: dict[str, Any]) -> bytes:
    """Return an artifact as other writers may make it, without a digest: other rules are tested."""
    if isinstance(record, dict):
        record = {key: value for key, value in record.items() if key != "digest"}
    return save(tensors, {"pathae": json.dumps(record)})


def loads_or_is_refused(data: bytes) -> ModelArtifact | None:
    try:
        return load_artifact(data)
    except (ArtifactError, UnsupportedVersionError):
        return None


@pytest.mark.parametrize("data", [MODEL, tiny_parameters(), EMBEDDED])
def test_saving_inverts_loading(data: bytes) -> None:
    assert save_artifact(load_artifact(data)) == data


def test_codec_parameters_have_a_canary_and_no_thresholds() -> None:
    """Covers R-model-canary."""
    parameters = load_artifact(tiny_parameters())
    assert parameters.canary is not None
    assert parameters.analysis is None
    assert all(b.quantizer.thresholds is None for b in parameters.bottlenecks.values())


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Covers R-9-no-code: what is no artifact, a pickle for one, is refused."""
    assert loads_or_is_refused(data) is None


def test_a_pickle_is_refused() -> None:
    """Covers R-9-no-code."""
    import pickle

    assert loads_or_is_refused(pickle.dumps({"weights": [1, 2]})) is None


def test_flipped_bits_and_cuts() -> None:
    """Covers R-model-tensors."""
    chance = random.Random(5)
    for data in (MODEL, EMBEDDED):
        for _ in range(400):
            changed = bytearray(data)
            changed[chance.randrange(min(len(data), chance.choice([600, 10**9])))] ^= (
                1 << chance.randrange(8)
            )
            loads_or_is_refused(bytes(changed))
        for _ in range(100):
            assert loads_or_is_refused(data[: chance.randrange(len(data))]) is None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(read_record(EMBEDDED))), json_values)
def test_any_value_in_the_record(key: str, value: object) -> None:
    """Covers R-model-layers and R-model-version."""
    loads_or_is_refused(build(read_record(EMBEDDED) | {key: value}, load(EMBEDDED)))


@settings(max_examples=300, deadline=None)
@given(json_values, st.sampled_from(["op", "inputs", "outputs", "kernel", "factor", "channels"]))
def test_any_value_in_a_layer(value: object, field: str) -> None:
    record = read_record(EMBEDDED)
    record["decoder"]["layers"][0][field] = value
    loads_or_is_refused(build(record, load(EMBEDDED)))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(load(EMBEDDED))),
    st.sampled_from([np.uint8, np.uint16, np.int64, np.float16, np.float32, np.float64]),
    st.lists(st.integers(0, 4), max_size=4),
    st.sampled_from([0, 1, 255]),
)
def test_any_tensor(name: str, dtype: type, shape: list[int], value: int) -> None:
    """Covers R-model-tensors."""
    tensors = load(EMBEDDED) | {name: np.full(shape, value, dtype)}
    loads_or_is_refused(build(read_record(EMBEDDED), tensors))


@pytest.mark.parametrize("name", sorted(load(EMBEDDED)))
def test_a_missing_tensor(name: str) -> None:
    tensors = {key: value for key, value in load(EMBEDDED).items() if key != name}
    loaded = loads_or_is_refused(build(read_record(EMBEDDED), tensors))
    # Without its alphabets a bottleneck is not there, without its tile a canary is not.
    assert (loaded is not None) == (name.endswith(".alphabets") or name == "canary.tile")


@pytest.mark.parametrize("name", ["1" * 5000, "٣", "05", "101", "-1", "x", ""])
def test_a_wrong_quality(name: str) -> None:
    tensors = load(EMBEDDED) | {f"bottleneck.{name}.alphabets": np.ones(4, np.uint16)}
    assert loads_or_is_refused(build(read_record(EMBEDDED), tensors)) is None


def test_too_many_tables() -> None:
    """Covers R-8-beyond."""
    tensors = {f"bottleneck.{q}.alphabets": np.ones(325, np.uint16) for q in range(101)}
    tensors |= {f"bottleneck.{q}.frequencies": np.ones(325, np.uint16) for q in range(101)}
    record = read_record(tiny_parameters()) | {"factor": 16, "latent_channels": 325}
    with pytest.raises(ArtifactError, match=f"{MAX_TABLES} at most, got {325 * 101}"):
        load_artifact(build(record, tensors))


def test_as_many_tables_as_there_may_be() -> None:
    """Covers R-8-within."""
    channels, sets = 128, MAX_TABLES // 128
    rung = {
        "bottleneck.50.alphabets": np.ones(channels, np.uint16),
        "bottleneck.50.frequencies": np.full((sets, channels), 2**14, np.uint16),
        "bottleneck.50.codewords": np.zeros(channels, np.float32),
        "bottleneck.50.thresholds": np.zeros(0, np.float32),
    }
    record = read_record(tiny_parameters()) | {"latent_channels": channels}
    loaded = load_artifact(build(record, rung))
    assert loaded.bottlenecks[50].tables.sets == sets


def test_a_latent_larger_than_its_pixels() -> None:
    """Covers R-8-beyond."""
    record = read_record(tiny_parameters()) | {"factor": 2, "latent_channels": 13}
    with pytest.raises(ArtifactError, match="1 to 12"):
        load_artifact(build(record, {}))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_are_finite(value: float) -> None:
    """Covers R-model-finite."""
    tensors = load(EMBEDDED)
    tensors["synthesis.0.bias"] = np.full_like(tensors["synthesis.0.bias"], value)
    with pytest.raises(ArtifactError, match="finite"):
        load_artifact(build(read_record(EMBEDDED), tensors))


@pytest.mark.parametrize("values", [[1, 0], [0, np.nan], [0, np.inf]])
def test_codewords_are_ascending_and_finite(values: list[float]) -> None:
    """Covers R-model-codewords."""
    tensors = load(EMBEDDED)
    words = tensors["bottleneck.20.codewords"].copy()
    words[:2] = values
    with pytest.raises(ArtifactError, match="codewords"):
        load_artifact(build(read_record(EMBEDDED), tensors | {"bottleneck.20.codewords": words}))


def test_every_flipped_bit_outside_the_weights_is_noticed() -> None:
    """Covers R-model-digest-stored: what is saved has a digest, and it covers all but weights."""
    data = tiny_parameters()
    assert read_record(data)["digest"].startswith("sha256:")
    whole = load_artifact(data)
    header = 8 + int.from_bytes(data[:8], "little")
    for place in range(len(data)):
        for bit in range(8) if place < header else (place % 8,):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            found = loads_or_is_refused(bytes(changed))
            # A damaged name of the key `digest` leaves an artifact of old, with the same content.
            assert found is None or save_artifact(found) == save_artifact(whole), place


def test_a_digest_cannot_be_moved() -> None:
    """Covers R-model-digest: its text may not stand in a second place, to be blanked there."""
    record = read_record(EMBEDDED)
    text = json.dumps(record | {"name": record["digest"]})
    with pytest.raises(ArtifactError, match="digest"):
        load_artifact(save(load(EMBEDDED), {"pathae": text}))


def test_identity_covers_weights_layers_and_shape() -> None:
    """Covers R-model-identity."""
    model = tiny_model()
    assert model.synthesis is not None
    identity = transform_id(8, 4, model.synthesis)
    assert identity == model.decoder_id
    assert transform_id(4, 4, model.synthesis) != identity
    tensors = load(EMBEDDED)
    tensors["synthesis.0.bias"] = tensors["synthesis.0.bias"] + np.float16(1)
    with pytest.raises(ArtifactError, match="identity"):
        load_artifact(build(read_record(EMBEDDED), tensors))


@pytest.mark.parametrize(
    "layers",
    [
        [{"op": "conv", "inputs": 5, "outputs": 3, "kernel": 1}],
        [{"op": "conv", "inputs": 4, "outputs": 4, "kernel": 1}],
        [{"op": "residual", "channels": 3}],
        [{"op": "depth_to_space", "factor": 3}],
    ],
)
def test_channels_follow_one_another(layers: list[dict[str, Any]]) -> None:
    """Covers R-model-channels."""
    record = read_record(EMBEDDED)
    record["decoder"]["layers"] = layers
    (layer,) = layers
    sides = {
        "conv": {"": (layer.get("outputs", 1), layer.get("inputs", 1), 1, 1)},
        "residual": {"first.": (3, 3, 3, 3), "second.": (3, 3, 3, 3)},
        "depth_to_space": {},
    }[layer["op"]]
    weights = {f"synthesis.0.{part}weight": np.zeros(s, np.float16) for part, s in sides.items()}
    weights |= {f"synthesis.0.{part}bias": np.zeros(s[0], np.float16) for part, s in sides.items()}
    with pytest.raises(ArtifactError, match="channels"):
        load_artifact(build(record, weights))


@pytest.mark.parametrize(
    "layers",
    [
        [{"op": "depth_to_space", "factor": 2}, {"op": "space_to_depth", "factor": 4}],
        [{"op": "depth_to_space", "factor": 2}],
    ],
)
def test_factors_make_the_models_factor(layers: list[dict[str, Any]]) -> None:
    """Covers R-model-factor: a network that folds and unfolds would give another size."""
    record = read_record(EMBEDDED)
    record["decoder"]["layers"] = layers
    with pytest.raises(ArtifactError, match="network"):
        load_artifact(build(record, {}))


def test_a_canary_is_a_sound_tile() -> None:
    """Covers R-model-canary-tile."""
    for changes in (
        {"canary.tile": np.zeros(30, np.uint8)},
        {"canary.pixels": np.zeros((8, 16, 3), np.uint8)},
        {"canary.pixels": np.zeros((16, 16, 3), np.uint16)},
    ):
        with pytest.raises(ArtifactError, match="canary"):
            load_artifact(build(read_record(EMBEDDED), load(EMBEDDED) | changes))


def test_a_wrong_decoder_is_refused_by_the_canary() -> None:
    """Covers R-7.2-canary."""
    model = tiny_model()
    canary = TileCodec(model).make_canary(60)
    (tile,) = [canary.tile]
    wrong = Canary(tile, canary.pixels ^ np.uint8(8))
    stored = codec_parameters(model, model.qualities, wrong, embed=True)
    with pytest.raises(ModelMismatchError):
        TileCodec(stored).decode_tiles([tile])
    near = replace(stored, canary=Canary(tile, canary.pixels ^ np.uint8(1)))
    assert len(TileCodec(near).decode_tiles([tile])) == 1
