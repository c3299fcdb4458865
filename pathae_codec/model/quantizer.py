"""Latents <-> symbols: one scalar quantizer a channel. Spec: v1, section 5.

A channel's quantizer is its codewords (what a symbol stands for) and the thresholds between them
(which latents become which symbol). Uniform steps, Lloyd centroids and K-means codebooks are all
of this kind. Readers need the codewords only.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Latents, Symbols
from pathae_codec.errors import ArtifactError, SettingError


@dataclass(frozen=True)
class Quantizer:
    """The scalar quantizers of all channels.

    Attributes:
        codewords: For each channel, float32 (alphabet,), ascending and finite.
        thresholds: For each channel, float32 (alphabet - 1,), ascending; None in files, which
            only readers use.
    """

    codewords: tuple[NDArray[np.float32], ...]
    thresholds: tuple[NDArray[np.float32], ...] | None

    def __post_init__(self) -> None:
        for index, words in enumerate(self.codewords):
            if not np.isfinite(words).all() or (np.diff(words) < 0).any():
                raise ArtifactError(f"channel {index} codewords: expected ascending finite values")
        if self.thresholds is None:
            return
        for index, (words, edges) in enumerate(zip(self.codewords, self.thresholds, strict=True)):
            ascending = not np.isnan(edges).any() and (np.diff(edges) >= 0).all()
            if len(edges) != len(words) - 1 or not ascending:
                raise ArtifactError(
                    f"channel {index} thresholds: expected {len(words) - 1} ascending values, "
                    f"got {len(edges)}"
                )


def quantize(latents: Latents, quantizer: Quantizer) -> Symbols:
    """Return the symbol of each latent: the number of thresholds that are not above it.

    Args:
        latents: float32 (tiles, channels, h, w).
        quantizer: With thresholds.

    Returns:
        uint16 (tiles, channels, h * w), positions row by row.

    Raises:
        SettingError: The quantizer has no thresholds: it came from a file, not from a model.
    """
    if quantizer.thresholds is None:
        raise SettingError(
            "quantizer: expected thresholds, found none; encode with the whole model"
        )
    flat = latents.reshape(*latents.shape[:2], -1)
    symbols = np.empty(flat.shape, np.uint16)
    for channel, edges in enumerate(quantizer.thresholds):
        symbols[:, channel] = np.searchsorted(edges, flat[:, channel], side="right")
    return symbols


def dequantize(symbols: Symbols, quantizer: Quantizer, height: int, width: int) -> Latents:
    """Return the codeword of each symbol.

    Args:
        symbols: uint16 (tiles, channels, height * width), each below its channel's alphabet.
        quantizer: The codewords.
        height: Of the latent.
        width: Of the latent.

    Returns:
        float32 (tiles, channels, height, width).
    """
    latents = np.empty(symbols.shape, np.float32)
    for channel, words in enumerate(quantizer.codewords):
        latents[:, channel] = words.take(symbols[:, channel])
    return latents.reshape(*symbols.shape[:2], height, width)
