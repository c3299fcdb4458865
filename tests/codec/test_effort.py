"""Effort of encoding: fewer bytes for the same error, the same bytes every time."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks.synthetic_slide import draw_tissue
from pathae_codec.bitstream.frequencies import ideal_bytes
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec import effort as efforts
from pathae_codec.codec.effort import search_steps
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import BackendUnavailableError, SettingError
from pathae_codec.model.library import find_model
from tests.tiny_model import tiny_model, tiny_realism_model

QUALITY = 50


def tiles(count: int = 1) -> np.ndarray:
    return np.stack([draw_tissue(128, 128, seed) for seed in range(count)])


def figures(codec: TileCodec, pixels: np.ndarray, quality: int = QUALITY) -> tuple[float, float]:
    """Return bits and mean squared error of tiles."""
    coded = codec.encode_tiles(pixels, quality)
    decoded = np.stack(codec.decode_tiles(coded))
    symbols = codec.decode_tile_symbols([unpack_tile(tile) for tile in coded])
    bits = 8 * ideal_bytes(symbols, codec.model.bottlenecks[quality].tables).min(1).sum()
    return float(bits), float(np.square(decoded.astype(float) - pixels).mean())


def test_steps_double_from_effort_to_effort() -> None:
    assert [search_steps(effort) for effort in (1, 2, 3, 9)] == [0, 5, 10, 640]


@pytest.mark.parametrize("effort", [0, 10, -1])
def test_no_other_efforts(effort: int) -> None:
    with pytest.raises(SettingError, match="effort: expected 1 to 9"):
        TileCodec(tiny_model(), effort=effort)


def test_without_torch_an_effort_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        efforts, "find_spec", lambda name: None if name == "torch" else find_spec(name)
    )
    with pytest.raises(BackendUnavailableError, match=r"effort 4: .*the extra pathae\[torch\]"):
        TileCodec(tiny_model(), effort=4)
    assert TileCodec(tiny_model(), effort=1).encode_tiles(tiles(), 60)


def test_more_effort_lies_below_the_curve_of_one_pass() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    model, pixels = find_model(), tiles()
    once, longer = (TileCodec(model, effort=effort, threads=1) for effort in (1, 4))
    below, above = (figures(once, pixels, quality) for quality in (40, 60))
    bits, error = figures(longer, pixels)
    # On logarithmic axes the ladder is near to straight.
    share = np.log(below[1] / error) / np.log(below[1] / above[1])
    straight = np.exp(np.interp(share, (0, 1), np.log((below[0], above[0]))))
    assert 0 < share < 1
    assert bits < 0.98 * straight


def test_the_same_bytes_whatever_tiles_come_along() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    codec, pixels = TileCodec(find_model(), effort=3, threads=1), tiles(2)
    together = codec.encode_tiles(pixels, QUALITY)
    assert together != TileCodec(find_model()).encode_tiles(pixels, QUALITY)
    again = TileCodec(find_model(), effort=3, threads=1)
    assert [again.encode_tiles(tile[None], QUALITY)[0] for tile in pixels] == together


def test_bytes_do_not_depend_on_realism() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    coded = [
        TileCodec(tiny_realism_model(default), effort=2).encode_tiles(tiles(), 60)
        for default in (0, 8)
    ]
    assert coded[0] == coded[1]
    assert coded[0] != TileCodec(tiny_realism_model(0)).encode_tiles(tiles(), 60)


def test_a_ladder_that_comes_no_nearer_is_not_searched() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    # Untrained, it is further from the tile at its higher rung.
    once, longer = (TileCodec(tiny_model(), effort=effort) for effort in (1, 2))
    assert longer.encode_tiles(tiles(), 60) == once.encode_tiles(tiles(), 60)


def test_canary_is_that_of_one_pass() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    canaries = [TileCodec(tiny_model(), effort=effort).make_canary(60) for effort in (1, 3)]
    assert canaries[0].tile == canaries[1].tile


def test_a_rung_without_neighbours_says_nothing_of_what_bits_are_worth() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    model = tiny_model()
    alone = replace(model, bottlenecks={60: model.bottlenecks[60]})
    with pytest.raises(SettingError, match="effort: expected a quality of a ladder"):
        TileCodec(alone, effort=2).encode_tiles(tiles(), 60)
