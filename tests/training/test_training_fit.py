"""Latents -> codewords, thresholds and frequency tables."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

from pathae_codec.bitstream.frequencies import ideal_bytes
from pathae_codec.model.quantizer import quantize
from pathae_codec.training.fit import FittingLatents, fit_bottleneck


def test_fitted_codewords_are_the_means_of_their_bins() -> None:
    random = np.random.default_rng(0)
    latents = random.laplace(0, [[1.0, 0.01]], (20000, 2)).astype(np.float32)
    tiles = FittingLatents(latents.reshape(20, 1000, 2, 1).swapaxes(1, 2))
    bottleneck = fit_bottleneck(tiles, np.array([2.0, 2.0]), 1)
    wide, narrow = bottleneck.tables.channels
    assert wide.shape[1] > 10
    assert narrow.shape[1] == 1  # always zero: costs nothing
    assert bottleneck.quantizer.thresholds is not None
    words, edges = bottleneck.quantizer.codewords[0], bottleneck.quantizer.thresholds[0]
    symbols = np.searchsorted(edges, latents[:, 0], side="right")
    busiest = np.bincount(symbols).argsort()[-3:]
    for symbol in busiest:
        assert words[symbol] == pytest.approx(latents[symbols == symbol, 0].mean(), abs=0.02)


def test_table_sets_suit_plain_and_busy_tiles() -> None:
    random = np.random.default_rng(1)
    scales = np.repeat([0.3, 5.0], 50)[:, None, None, None]
    tiles = (random.laplace(0, 1, (100, 3, 8, 8)) * scales).astype(np.float32)
    one, two = (fit_bottleneck(FittingLatents(tiles), np.ones(3), sets) for sets in (1, 2))
    symbols = quantize(tiles, two.quantizer)
    sizes = ideal_bytes(symbols, two.tables)
    assert sizes.argmin(1).tolist() == [0] * 50 + [1] * 50
    assert sizes.min(1).sum() < 0.9 * ideal_bytes(symbols, one.tables).sum()
