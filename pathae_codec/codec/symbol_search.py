"""Better symbols for a tile: fewer bits for the same error than its latent rounded once has.

What the decoder makes of all symbols together counts, and the bits of each in the tile's tables:
`error * weight + bits` is to be least, the weight taken from how the tile's own ladder trades them.
From the gradient of the error and its curvature follows what each symbol's move to a neighbour
would gain by itself. First moves are drawn at random, better ones more often, less and less so
(Langevin sampling of integers, Zhang et al. 2022), then only what gains is kept.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Latents, Pixels, Symbols
from pathae_codec.backends.interface import ErrorGradient
from pathae_codec.bitstream.frequencies import FrequencyTables, ideal_bytes
from pathae_codec.errors import SettingError
from pathae_codec.model.artifact import Bottleneck, ModelArtifact
from pathae_codec.model.quantizer import Quantizer, dequantize, quantize

SEED = 2026
WORTH = 0.75
"""What error is worth, by the slope of the ladder: at 1 half of what is won would go into less
error, and tiles would take more bytes than after one pass at the same quality."""
WARMTH = 0.5, 0.1
"""Bits that a move may lose by chance, at the first and at the last of the drawn moves."""
DRAWN_SHARE = 0.6
"""Of all steps, if there are enough of them to cool down."""
LEAST_DRAWN = 10
MOVING = 0.2
"""Share of the symbols that may move at once while moves are drawn."""
MOVING_FIRST, MOVING_MORE, MOVING_LESS = 0.3, 1.2, 0.5
"""The same where only gains are kept: at first, and what it is multiplied by after each outcome.
Moves of neighbours at once gain less than the sum of both."""
LEAST_MOVING = 1e-3

Numbers = NDArray[np.float32]
Places = NDArray[np.int64]


class SymbolSearch:
    """Search better symbols for tiles of one model.

    Args:
        model: A whole model.
        gradient: Of its faithful face. The latent is that of all faces: bytes do not depend on the
            realism that a file states, which readers may change.
        steps: Evaluations of the gradient a tile.
    """

    def __init__(self, model: ModelArtifact, gradient: ErrorGradient, steps: int) -> None:
        self._model = model
        self._gradient = gradient
        self._steps = steps

    def search(self, pixels: Pixels, latents: Latents, quality: int) -> Symbols:
        """Return symbols of tiles, each searched by itself.

        Args:
            pixels: uint8 (tiles, H, W, 3).
            latents: What the analysis gives for them.
            quality: A rung of the ladder.

        Raises:
            SettingError: The rung has no neighbour on the ladder, so that nothing says what bits
                are worth.
        """
        rungs = _neighbours(self._model, quality)
        pairs = zip(pixels, latents, strict=True)
        return np.concatenate([self._one(tile, own[None], rungs) for tile, own in pairs])

    def _one(self, pixels: Pixels, latent: Latents, rungs: tuple[int, int, int]) -> Symbols:
        bottleneck = self._model.bottlenecks[rungs[1]]
        symbols = quantize(latent, bottleneck.quantizer)
        weight = self._weight(pixels, latent, rungs)
        if weight is None:
            return symbols
        tile = _Tile(self._gradient, pixels, _Alphabets.of(bottleneck), symbols, weight)
        first = tile.look(symbols)
        random = np.random.default_rng(SEED)
        drawn = int(DRAWN_SHARE * self._steps)
        drawn = drawn if drawn >= LEAST_DRAWN else 0
        best = tile.descend(tile.wander(first, drawn, random), self._steps - drawn, random)
        return best.symbols if best.cost < first.cost else symbols

    def _weight(self, pixels: Pixels, latent: Latents, rungs: tuple[int, int, int]) -> float | None:
        """Return the bits that a unit of error is worth, from the slope of this tile's ladder.

        None where a higher rung takes no more bits, or comes no nearer.
        """
        bits, errors = [], []
        for rung in rungs:
            bottleneck = self._model.bottlenecks[rung]
            symbols = quantize(latent, bottleneck.quantizer)
            restored = dequantize(symbols, bottleneck.quantizer, *latent.shape[2:])
            bits.append(8 * float(ideal_bytes(symbols, bottleneck.tables).min()))
            errors.append(self._gradient.error(restored, pixels))
        if not (0 < bits[0] < bits[2] and errors[0] > errors[2] > 0):
            return None
        # Both are near to straight on logarithmic axes.
        steepness = np.log(bits[2] / bits[0]) / np.log(errors[0] / errors[2])
        return float(WORTH * steepness * bits[1] / errors[1])


def _neighbours(model: ModelArtifact, quality: int) -> tuple[int, int, int]:
    """Return a rung between those beside it; at an end of the ladder it is one of them."""
    ladder = [rung for rung in model.qualities if rung not in model.profiles.values()]
    if quality not in ladder or len(ladder) < 2:
        raise SettingError(
            f"effort: expected a quality of a ladder, whose slope says what bits are worth, got "
            f"{quality} of model {model.name}, which has {ladder}; take effort 1"
        )
    place = ladder.index(quality)
    return ladder[max(0, place - 1)], quality, ladder[min(place + 1, len(ladder) - 1)]


@dataclass(frozen=True)
class _Alphabets:
    """The channels that have a choice, their symbols one behind the other.

    Attributes:
        active: Which channels these are.
        firsts: Place of each one's symbol 0, (active, 1).
        tops: Its last symbol, (active, 1).
        words: Codeword at each place.
    """

    quantizer: Quantizer
    tables: FrequencyTables
    active: Places
    firsts: Places
    tops: Places
    words: Numbers

    @classmethod
    def of(cls, bottleneck: Bottleneck) -> "_Alphabets":
        words = bottleneck.quantizer.codewords
        sizes = np.array([len(own) for own in words])
        active = np.flatnonzero(sizes > 1)
        firsts = (np.cumsum(sizes) - sizes)[active, None]
        return cls(
            bottleneck.quantizer,
            bottleneck.tables,
            active,
            firsts,
            sizes[active, None] - 1,
            np.concatenate(words),
        )


@dataclass(frozen=True)
class _Look:
    """Symbols, uint16 (1, C, h * w), and what is known of them.

    Attributes:
        cost: Bits, and the error by its weight.
        bits: By the tables that suit them best: of each symbol at each place.
        slope: What the cost of the error changes by with each number, (active, h * w).
    """

    symbols: Symbols
    cost: float
    bits: Numbers
    slope: Numbers


class _Tile:
    """One tile in search of its symbols."""

    def __init__(
        self,
        gradient: ErrorGradient,
        pixels: Pixels,
        alphabets: _Alphabets,
        symbols: Symbols,
        weight: float,
    ) -> None:
        factor = int(np.sqrt(pixels.shape[0] * pixels.shape[1] / symbols.shape[2]))
        self._gradient, self._pixels, self._weight = gradient, pixels, weight
        self._alphabets = alphabets
        self._size = pixels.shape[0] // factor, pixels.shape[1] // factor
        curvature = gradient.curvature(self._latent(symbols), SEED)[alphabets.active, None]
        self._curvature = np.float32(weight) * curvature

    def look(self, symbols: Symbols) -> _Look:
        """Evaluate symbols."""
        own = self._alphabets
        error, slope = self._gradient.gradient(self._latent(symbols), self._pixels)
        sizes = ideal_bytes(symbols, own.tables)[0]
        return _Look(
            symbols,
            8 * float(sizes.min()) + self._weight * error,
            own.tables.costs[:, sizes.argmin()],
            np.float32(self._weight) * slope.reshape(len(slope), -1)[own.active],
        )

    def wander(self, look: _Look, steps: int, random: np.random.Generator) -> _Look:
        """Draw moves, ever more only such as gain."""
        for warmth in np.geomspace(*WARMTH, steps).astype(np.float32):
            gains, moves = self._moves(look, warmth, random)
            moved = (gains > 0) & (random.random(moves.shape) < MOVING)
            look = self.look(self._moved(look, np.where(moved, moves, 0)))
        return look

    def descend(self, look: _Look, steps: int, random: np.random.Generator) -> _Look:
        """Make moves that gain, as many at once as gain together."""
        share = MOVING_FIRST
        for _ in range(steps):
            gains, moves = self._moves(look, None, random)
            gaining = gains > 0
            moved = gaining & (random.random(moves.shape) < share)
            if share < LEAST_MOVING or not gaining.any():
                break
            other = self.look(self._moved(look, np.where(moved, moves, 0)))
            better = other.cost < look.cost
            look = other if better else look
            share = min(1.0, share * (MOVING_MORE if better else MOVING_LESS))
        return look

    def _moves(
        self, look: _Look, warmth: np.float32 | None, random: np.random.Generator
    ) -> tuple[Numbers, Places]:
        """Return what the better of both neighbours of each symbol gains, and which it is, -1 or 1.

        With some warmth chance takes part, in staying too: Gumbel noise makes it a draw.
        """
        own, here = self._alphabets, look.symbols[0, self._alphabets.active].astype(np.int64)
        places = here + own.firsts
        words, bits = own.words[places], look.bits[places]

        def chance() -> Numbers | float:
            return 0.0 if warmth is None else warmth * random.gumbel(size=here.shape)

        gains, moves = [], (-1, 1)
        for move in moves:
            there = here + move
            possible = (there >= 0) & (there <= own.tops)
            beside = np.where(possible, places + move, places)
            by = own.words[beside] - words
            lost = by * (look.slope + self._curvature * by) + look.bits[beside] - bits
            gains.append(np.where(possible, chance() - lost, -np.inf))
        up = gains[1] > gains[0]
        best = np.where(up, gains[1], gains[0]) - chance()
        return best.astype(np.float32), np.where(up, *reversed(moves))

    def _moved(self, look: _Look, moves: Places) -> Symbols:
        symbols = look.symbols.copy()
        symbols[0, self._alphabets.active] += moves.astype(symbols.dtype)
        return symbols

    def _latent(self, symbols: Symbols) -> Latents:
        return dequantize(symbols, self._alphabets.quantizer, *self._size)
