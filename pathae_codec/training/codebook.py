"""A model without codebooks and tiles -> a model with them: `pathae models fit-codebook`.

Two kinds. Fixed-length: K-means with equal frequencies, so that every latent takes the same bits,
as in Yellapragada et al. 2025 (arXiv 2503.11591). Entropy-coded: the steps of the channels share
out the error so that the sum over all channels is least at a given rate. At high rate that is the
step of a channel by one over the root of its sensitivity.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Latents
from pathae_codec.backends.choice import choose_backend
from pathae_codec.bitstream.frequencies import FrequencyTables, ideal_bytes, normalize_counts
from pathae_codec.bitstream.limits import MAX_ALPHABET, MAX_TABLES
from pathae_codec.errors import SettingError
from pathae_codec.model.artifact import Bottleneck, ModelArtifact
from pathae_codec.model.library import SHIPPED, find_model_path, load_model_file, write_model_file
from pathae_codec.model.quantizer import Quantizer, quantize
from pathae_codec.training.config import TileFolder
from pathae_codec.training.fit import FittingLatents, fit_bottleneck
from pathae_codec.training.kmeans import fit_kmeans
from pathae_codec.training.sensitivity import measure_sensitivity
from pathae_codec.training.tiles import CropSource

PAPER = "paper"
PAPER_QUALITY = 100
TOP_QUALITY = 90
DEFAULT_RATES = (0.75, 1.25, 2.0, 2.75, 3.4, 3.9)
"""Bits a latent. The top one takes less than half of the bytes of a 256-level K-means, headers and
states included."""
TABLE_SETS = 8
BATCH = 8
SENSITIVITY_TILES = 16
RATE_TILES = 48
RATE_ROUNDS = 8
RATE_TOLERANCE = 0.01

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class CodebookSettings:
    """What to fit.

    Attributes:
        levels: Codewords of the K-means, 2 to 4096.
        scope: `global`, one codebook for all channels, or `channel`.
        rates: Bits a latent of the entropy-coded rungs, by the fitted tiles.
        crops: Tiles that are drawn to fit on.
        side: Of these tiles, in pixels, a multiple of the model's factor.
    """

    levels: int = 256
    scope: str = "global"
    rates: tuple[float, ...] = DEFAULT_RATES
    crops: int = 384
    side: int = 256


@dataclass(frozen=True)
class Rung:
    """A codebook that was fitted: bits a latent and a pixel on the fitted tiles."""

    quality: int
    profile: str | None
    bits: float
    bpp: float


def fit_model_file(
    model: str, tiles: Path, settings: CodebookSettings, progress: Progress
) -> tuple[Path, list[Rung]]:
    """Fit the codebooks of a model of the library and replace its file.

    Raises:
        SettingError: A setting is out of range, or the model is a shipped one.
        ModelNotFoundError: There is no such model.
    """
    path = find_model_path(model)
    if path.is_relative_to(SHIPPED):
        raise SettingError(f"model {model}: expected one that was added, got a shipped one")
    found = load_model_file(path)
    crops = _draw(found, tiles, settings)
    fitted, rungs = fit_codebooks(found, crops, settings, progress)
    write_model_file(path, fitted)
    return path, rungs


def fit_codebooks(
    model: ModelArtifact, crops: NDArray[np.uint8], settings: CodebookSettings, progress: Progress
) -> tuple[ModelArtifact, list[Rung]]:
    """Fit all codebooks; those that were there are replaced.

    Args:
        model: With both networks.
        crops: uint8 (tiles, H, W, 3).
        settings: See `CodebookSettings`.
        progress: Called with steps done, steps in all, and what is done.
    """
    sets = _check(model, settings)
    if model.analysis is None or model.synthesis is None:
        raise SettingError(f"model {model.name}: expected encoder and decoder")
    batches = -(-len(crops) // BATCH)
    total = batches + 1 + model.latent_channels + len(settings.rates)
    done = 0

    def step(what: str) -> None:
        nonlocal done
        done += 1
        progress(done, total, what)

    analysis = choose_backend("auto", model.analysis.layers).load_analysis(model.analysis, 0)
    parts = []
    for first in range(0, len(crops), BATCH):
        parts.append(analysis.analyze(crops[first : first + BATCH]))
        step("latents")
    latents = np.concatenate(parts)
    ladder = {PAPER_QUALITY: fit_fixed(latents, settings.levels, settings.scope)}
    step("K-means")
    synthesis = choose_backend("auto", model.synthesis.layers).load_synthesis(model.synthesis, 0)
    sample = _spread(latents, SENSITIVITY_TILES)
    noise = model.realism.noise_channels if model.realism else 0
    weights = measure_sensitivity(sample, synthesis, lambda: step("sensitivity"), noise)
    fitting = (FittingLatents(latents), FittingLatents(_spread(latents, RATE_TILES)))
    for quality, rate in zip(_qualities(len(settings.rates)), sorted(settings.rates), strict=True):
        ladder[quality] = fit_rate(*fitting, weights, rate, sets)
        step(f"{rate:g} bits")
    card = {**model.card, "profiles": {PAPER: PAPER_QUALITY}}
    fitted = replace(model, bottlenecks=ladder, card=card)
    return fitted, [_rung(latents, q, ladder[q], crops[0, ..., 0].size) for q in sorted(ladder)]


def fit_fixed(latents: Latents, levels: int, scope: str) -> Bottleneck:
    """Fit K-means codebooks with equal frequencies.

    Args:
        latents: float32 (tiles, channels, h, w).
        levels: Codewords of a codebook.
        scope: `global` or `channel`.
    """
    channels = latents.shape[1]
    if scope == "global":
        fits = [fit_kmeans(latents, levels)] * channels
    else:
        fits = [fit_kmeans(latents[:, c], levels) for c in range(channels)]
    words, edges = zip(*fits, strict=True)
    flat = tuple(normalize_counts(np.ones(len(w), np.int64))[None] for w in words)
    return Bottleneck(Quantizer(tuple(words), tuple(edges)), FrequencyTables(flat))


def fit_rate(
    latents: FittingLatents,
    sample: FittingLatents,
    weights: NDArray[np.float64],
    rate: float,
    sets: int,
) -> Bottleneck:
    """Fit entropy-coded codebooks that take `rate` bits a latent.

    Args:
        latents: Of all tiles.
        sample: Some of them, on which the rate is found.
        weights: float64 (channels,), see `measure_sensitivity`.
        rate: Bits a latent on average over channels and tiles.
        sets: Frequency table sets.
    """
    deviations = np.sqrt(weights) * latents.values.std((0, 2, 3))
    low, high = -12.0, 16.0
    # The rate grows by about a bit where the gain doubles: few bisections from a good start.
    place = rate - float(np.log2(np.maximum(deviations, 1e-12)).mean()) - 2.05
    for _ in range(RATE_ROUNDS):
        found = _bits(sample.values, fit_bottleneck(sample, 2**place * np.sqrt(weights), 1))
        if abs(found - rate) <= RATE_TOLERANCE * rate:
            break
        low, high = (max(low, place), high) if found < rate else (low, min(high, place))
        guess = place + (rate - found) * 1.2
        place = guess if low < guess < high else (low + high) / 2
    return fit_bottleneck(latents, 2**place * np.sqrt(weights), sets)


def _bits(latents: Latents, bottleneck: Bottleneck) -> float:
    """Return the bits a latent, without headers and states."""
    symbols = quantize(latents, bottleneck.quantizer)
    return float(ideal_bytes(symbols, bottleneck.tables).min(1).sum() * 8 / latents.size)


def _rung(latents: Latents, quality: int, bottleneck: Bottleneck, pixels: int) -> Rung:
    bits = _bits(latents, bottleneck)
    profile = PAPER if quality == PAPER_QUALITY else None
    return Rung(quality, profile, bits, bits * latents[0].size / pixels)


def _qualities(count: int) -> Sequence[int]:
    if count == 1:
        return [TOP_QUALITY]
    return [round(TOP_QUALITY * index / (count - 1)) for index in range(count)]


def _spread(latents: Latents, count: int) -> Latents:
    chosen = np.linspace(0, len(latents) - 1, min(count, len(latents))).astype(int)
    some: Latents = latents[chosen]
    return some


def _check(model: ModelArtifact, settings: CodebookSettings) -> int:
    """Return the table sets that there is room for."""
    if not 2 <= settings.levels <= MAX_ALPHABET:
        raise SettingError(f"levels: expected 2 to {MAX_ALPHABET}, got {settings.levels}")
    if not settings.rates or not all(0.05 <= rate <= 11 for rate in settings.rates):
        raise SettingError(f"rate: expected 0.05 to 11 bits a latent, got {settings.rates}")
    most = MAX_TABLES // model.latent_channels - 1
    if most < len(settings.rates) or len(settings.rates) > TOP_QUALITY:
        raise SettingError(
            f"rate: expected {min(most, TOP_QUALITY)} at most with {model.latent_channels} latent "
            f"channels, got {len(settings.rates)}; name fewer"
        )
    return min(TABLE_SETS, most // len(settings.rates))


def _draw(model: ModelArtifact, tiles: Path, settings: CodebookSettings) -> NDArray[np.uint8]:
    if settings.side % model.factor or settings.side < model.factor or settings.crops < 1:
        raise SettingError(
            f"side: expected a multiple of the model's factor {model.factor}, got {settings.side}"
        )
    source = CropSource(tiles, (TileFolder(".", 1.0, 0.0),), settings.side)
    return source.draw(np.random.default_rng(0), settings.crops)
