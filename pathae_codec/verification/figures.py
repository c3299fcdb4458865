"""The figures of every tile of a level, in arrays that are maps of the level."""

from dataclasses import dataclass
from enum import IntEnum
from math import inf

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.fidelity import EXACT, Fidelity, compare
from pathae_codec.geometry import Level, TileIndex, grid_shape
from pathae_codec.verification.colour_difference import mean_ciede2000
from pathae_codec.verification.structural_similarity import luma_ssim

Map = NDArray[np.float32]

FALLBACK, LOSSY, LOSSLESS, CONSTANT, BIT_FOR_BIT, UNREAD = 101, 102, 103, 104, 105, 255
"""Beside 0 to 100, the quality of a latent tile: how a tile is coded. A fallback tile is lossy or
lossless once it was compared."""


_CODINGS = {Mode.CONSTANT: CONSTANT, Mode.FALLBACK: FALLBACK, Mode.EXACT: BIT_FOR_BIT}


class State(IntEnum):
    """What came of comparing a tile."""

    LEFT_OUT = 0
    """Not in the sample."""
    COMPARED = 1
    BLANKED = 2
    """The file says that white stands for pixels of it, and the source gives those pixels now."""
    NOT_COMPARED = 3
    """Its bytes do not decode, or the source does not give its pixels."""


@dataclass(frozen=True)
class TileFigures:
    """How near the visible pixels of a tile are to those of the source.

    Attributes:
        fidelity: PSNR and largest error.
        luma_ssim: Structural similarity of the luma, up to 1.
        colour: Mean CIEDE2000 difference, from 0.
        squares: Sum of the squared differences of all samples.
        samples: Their number.
    """

    fidelity: Fidelity
    luma_ssim: float
    colour: float
    squares: int
    samples: int


def measure(original: Pixels, decoded: Pixels) -> TileFigures:
    """Measure uint8 (H, W, 3) against its source."""
    fidelity = compare(original, decoded)
    if fidelity == EXACT:
        return TileFigures(EXACT, 1.0, 0.0, 0, original.size)
    squares = round(original.size * 255**2 / 10 ** (fidelity.psnr / 10))
    likeness, colour = luma_ssim(original, decoded), mean_ciede2000(original, decoded)
    return TileFigures(fidelity, likeness, colour, squares, original.size)


class LevelFigures:
    """What is known of the tiles of a level.

    Attributes:
        level: Which.
        state, coding, bytes: Of each tile: a `State`; a quality or one of the codes above; as
            stored, 0 for one that is left out.
        psnr, max_error, luma_ssim, colour: See `TileFigures`; NaN where a tile was not compared.
            All are (rows, columns).
        squares, samples: Sums over the compared tiles.
    """

    def __init__(self, level: Level, tile: int) -> None:
        self.level = level
        self.tile = tile
        shape = grid_shape(level, tile)
        self.state = np.full(shape, State.LEFT_OUT, np.uint8)
        # A tile that is left out is white.
        self.coding = np.full(shape, CONSTANT, np.uint8)
        self.bytes = np.zeros(shape, np.uint32)
        figures = np.full((4, *shape), np.nan, np.float32)
        self.psnr, self.max_error, self.luma_ssim, self.colour = figures
        self.squares = 0
        self.samples = 0

    def note_stored(self, index: TileIndex, header: TileHeader | None, size: int) -> None:
        """Note how a tile is stored; None for a header that cannot be trusted."""
        at = index.row, index.column
        self.bytes[at] = size
        if header is None:
            self.coding[at] = UNREAD
        elif header.mode is Mode.LATENT:
            self.coding[at] = header.quality
        else:
            self.coding[at] = _CODINGS[header.mode]

    def note(self, index: TileIndex, figures: TileFigures, state: State) -> None:
        """Note what comparing a tile gave."""
        at = index.row, index.column
        self.state[at] = state
        self.psnr[at] = figures.fidelity.psnr
        self.max_error[at] = figures.fidelity.max_error
        self.luma_ssim[at], self.colour[at] = figures.luma_ssim, figures.colour
        if state is State.COMPARED:
            self.squares += figures.squares
            self.samples += figures.samples
            if self.coding[at] == FALLBACK:
                exact = figures.fidelity.max_error == 0
                self.coding[at] = LOSSLESS if exact else LOSSY

    def note_not_compared(self, index: TileIndex) -> None:
        """Note that a tile could not be compared."""
        self.state[index.row, index.column] = State.NOT_COMPARED

    def visible(self, index: TileIndex) -> tuple[int, int, int, int]:
        """Return x, y, width and height of the part of a tile that is on its level."""
        x, y = index.column * self.tile, index.row * self.tile
        return x, y, min(self.tile, self.level.width - x), min(self.tile, self.level.height - y)


@dataclass(frozen=True)
class Distribution:
    """A measure over the tiles that were compared and are not exact."""

    values: NDArray[np.float64]

    @property
    def least(self) -> float:
        """The smallest."""
        return float(self.values.min())

    @property
    def most(self) -> float:
        """The largest."""
        return float(self.values.max())

    @property
    def mean(self) -> float:
        """The mean of the tiles."""
        return float(self.values.mean())

    def quantile(self, share: float) -> float:
        """Return the value that a share of the tiles lies at or below."""
        return float(np.quantile(self.values, share, method="lower"))


def distribution(levels: tuple[LevelFigures, ...], measure: str) -> Distribution:
    """Return the distribution of `psnr`, `max_error`, `luma_ssim` or `colour`; it may be empty."""
    parts = [np.empty(0)]
    for level in levels:
        which = (level.state == State.COMPARED) & np.isfinite(level.psnr)
        parts.append(getattr(level, measure)[which].astype(np.float64))
    return Distribution(np.concatenate(parts))


def pooled_psnr(levels: tuple[LevelFigures, ...]) -> float:
    """Return the PSNR in dB of all compared pixels together; infinite if none differs."""
    squares = sum(level.squares for level in levels)
    samples = sum(level.samples for level in levels)
    return float(10 * np.log10(255**2 * samples / squares)) if squares else inf


def count_state(levels: tuple[LevelFigures, ...], state: State) -> int:
    """Return how many tiles are in a state."""
    return sum(int((level.state == state).sum()) for level in levels)


def count_exact(levels: tuple[LevelFigures, ...]) -> int:
    """Return how many compared tiles equal the source in every visible sample."""
    return sum(int(((v.state == State.COMPARED) & np.isposinf(v.psnr)).sum()) for v in levels)


def describe_coding(code: int) -> str:
    """Return the words for how a tile is coded."""
    named = {
        FALLBACK: "JPEG XL",
        LOSSY: "lossy JPEG XL",
        LOSSLESS: "lossless JPEG XL",
        CONSTANT: "constant (one colour)",
        BIT_FOR_BIT: "exact: the source's own, bit for bit",
        UNREAD: "damaged",
    }
    return named.get(code) or f"latent, quality {code}"
