"""How near decoded pixels are to the original ones, and how near they have to be."""

from dataclasses import dataclass
from math import inf

import numpy as np

from pathae_codec.arrays import Pixels


@dataclass(frozen=True)
class Fidelity:
    """How near the decoded pixels of a tile are to the original ones.

    Attributes:
        psnr: In dB, peak 255; infinite for equal pixels.
        max_error: The largest difference of a sample, 0 to 255.
    """

    psnr: float
    max_error: int


EXACT = Fidelity(inf, 0)


@dataclass(frozen=True)
class Floor:
    """The least fidelity that each tile must have; None asks for nothing.

    Attributes:
        min_psnr: In dB.
        max_error: Of a sample, 0 to 255; 0 asks for equal pixels.
    """

    min_psnr: float | None = None
    max_error: int | None = None

    def is_held(self, fidelity: Fidelity) -> bool:
        """Say whether a tile of this fidelity may be stored."""
        near = self.min_psnr is None or fidelity.psnr >= self.min_psnr
        return near and (self.max_error is None or fidelity.max_error <= self.max_error)

    def describe(self) -> str:
        """Return the floor in words; empty where nothing is asked for."""
        psnr = "" if self.min_psnr is None else f"{self.min_psnr:g} dB or more"
        errors = {None: "", 0: "no error at all"}
        error = errors.get(self.max_error, f"errors of {self.max_error} at most")
        return " and ".join(filter(None, (psnr, error)))


def psnr(original: Pixels, decoded: Pixels) -> float:
    """Return the peak signal-to-noise ratio in dB, peak 255; infinite for equal pixels."""
    return compare(original, decoded).psnr


def compare(original: Pixels, decoded: Pixels) -> Fidelity:
    """Compare uint8 pixels of one shape."""
    difference = np.subtract(original, decoded, dtype=np.int16).ravel()
    # The squares of 2^16 samples fit: 65536 * 255 * 255 < 2^32.
    squares = sum(
        int(np.square(part, dtype=np.int32).sum(dtype=np.int64))
        for part in np.array_split(difference, max(1, difference.size >> 16))
    )
    if not squares:
        return EXACT
    mean = squares / difference.size
    peak = max(int(difference.max()), -int(difference.min()))
    return Fidelity(float(10 * np.log10(255**2 / mean)), peak)
