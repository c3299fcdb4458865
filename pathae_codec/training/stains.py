"""Crops in the colours of other stains: optical densities unmixed, and mixed of other dyes.

Dyes absorb by Beer and Lambert: log(background / pixel) is a sum of dyes, each a direction in (red,
green, blue) times how much of it there is (Ruifrok and Johnston 2001). So another stain, other
amounts, gamma, saturation and background are one affine map of the logarithms of red, green and
blue, and nothing is cut off on the way. Where a stain colours part of the cells, or fibres
otherwise than cells, two such maps meet in patches with soft borders.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.errors import SettingError
from pathae_codec.training.unmixing import Floats, Unmixing, mix, with_remainder

DYES: dict[str, tuple[float, float, float]] = {
    "haematoxylin": (0.650, 0.704, 0.286),
    "haematoxylin_blue": (0.72, 0.63, 0.28),
    "haematoxylin_purple": (0.490, 0.769, 0.410),
    "haematoxylin_violet": (0.60, 0.80, 0.13),
    "iron_haematoxylin": (0.60, 0.58, 0.55),
    "eosin": (0.093, 0.954, 0.283),
    "eosin_orange": (0.046, 0.842, 0.537),
    "eosin_violet": (0.30, 0.94, 0.06),
    "dab": (0.268, 0.570, 0.776),
    "aec": (0.274, 0.680, 0.680),
    "fast_red": (0.214, 0.851, 0.478),
    "pas": (0.175, 0.972, 0.155),
    "ponceau": (0.160, 0.740, 0.600),
    "methyl_blue": (0.770, 0.570, 0.200),
    "light_green": (0.947, 0.254, 0.197),
    "methyl_green": (0.830, 0.450, 0.330),
    "methylene_blue": (0.835, 0.514, 0.196),
    "alcian_blue": (0.875, 0.458, 0.158),
    "silver": (0.54, 0.58, 0.61),
    "gold": (0.22, 0.48, 0.85),
}
"""Optical density of a dye in red, green and blue: mostly Ruifrok and Johnston's and those of the
plugin Colour Deconvolution (G. Landini); those in violet,
of trichrome and of silver are by eye."""

Dose = tuple[str, float]
"""A dye and how much of it for one of what it takes the place of."""


@dataclass(frozen=True)
class Stain:
    """What replaces haematoxylin and eosin, in one kind of patches and in the other."""

    name: str
    first: tuple[Dose, Dose]
    second: tuple[Dose, Dose]


def _even(name: str, nuclei: Dose, ground: Dose) -> Stain:
    return Stain(name, (nuclei, ground), (nuclei, ground))


HE_STAINS = (
    _even("H&E", ("haematoxylin", 1.0), ("eosin", 1.0)),
    _even("H&E, blue", ("haematoxylin_blue", 1.0), ("eosin", 0.8)),
    _even("H&E, purple and orange", ("haematoxylin_purple", 1.0), ("eosin_orange", 0.9)),
    _even("H&E, violet", ("haematoxylin_violet", 1.1), ("eosin_violet", 0.9)),
    _even("H&E, strong", ("haematoxylin", 1.3), ("eosin_orange", 1.3)),
)
OTHER_STAINS = (
    # A marker of membranes and cytoplasm, of nuclei, of everything in part of the cells.
    Stain(
        "DAB in cytoplasm",
        (("haematoxylin_blue", 0.8), ("dab", 1.6)),
        (("haematoxylin_blue", 0.8), ("haematoxylin_blue", 0.25)),
    ),
    Stain(
        "DAB in nuclei",
        (("dab", 1.5), ("haematoxylin_blue", 0.2)),
        (("haematoxylin_blue", 0.8), ("haematoxylin_blue", 0.2)),
    ),
    Stain(
        "DAB strong",
        (("dab", 1.8), ("dab", 1.2)),
        (("haematoxylin_blue", 0.7), ("dab", 0.2)),
    ),
    Stain(
        "DAB, methyl green",
        (("dab", 1.4), ("dab", 0.3)),
        (("methyl_green", 0.8), ("methyl_green", 0.2)),
    ),
    Stain(
        "fast red",
        (("haematoxylin_blue", 0.8), ("fast_red", 1.4)),
        (("haematoxylin_blue", 0.8), ("haematoxylin_blue", 0.2)),
    ),
    Stain(
        "AEC",
        (("aec", 1.4), ("haematoxylin_blue", 0.2)),
        (("haematoxylin_blue", 0.8), ("haematoxylin_blue", 0.15)),
    ),
    _even("PAS", ("haematoxylin_blue", 0.8), ("pas", 1.0)),
    Stain(
        "PAS, alcian blue",
        (("haematoxylin", 0.8), ("pas", 0.9)),
        (("haematoxylin", 0.7), ("alcian_blue", 0.7)),
    ),
    Stain(
        "trichrome, blue",
        (("iron_haematoxylin", 0.9), ("ponceau", 0.9)),
        (("iron_haematoxylin", 0.7), ("methyl_blue", 0.8)),
    ),
    Stain(
        "trichrome, green",
        (("iron_haematoxylin", 0.9), ("ponceau", 0.9)),
        (("iron_haematoxylin", 0.7), ("light_green", 0.8)),
    ),
    Stain(
        "silver",
        (("silver", 1.5), ("gold", 0.4)),
        (("silver", 0.5), ("gold", 0.5)),
    ),
    Stain(
        "silver, green",
        (("silver", 1.6), ("light_green", 0.6)),
        (("light_green", 0.8), ("light_green", 0.6)),
    ),
    _even("Giemsa", ("methylene_blue", 1.1), ("eosin", 0.6)),
    _even("toluidine blue", ("methylene_blue", 1.0), ("methylene_blue", 0.45)),
)


REMAINDER = 0.5
"""How much stays of what neither dye explains: noise, for the most part."""


@dataclass(frozen=True)
class StainTable:
    """How often a crop is stained otherwise: not at all, as another H&E, as something else.

    The shares need not sum to 1. `background` is the least and the greatest level of glass, before
    each of red, green and blue differs by up to `white_balance`; `gamma`, `saturation`, each dye's
    `amount` and, by `hue`, each dye's density in each of red, green and blue are drawn from
    1 / (1 + x) to 1 + x, where x is the value given here.
    """

    none: float = 0.0
    he: float = 0.0
    other: float = 0.0
    background: tuple[float, float] = (200.0, 255.0)
    white_balance: float = 8.0
    amount: float = 0.4
    hue: float = 0.2
    gamma: float = 0.2
    saturation: float = 0.4

    def __post_init__(self) -> None:
        """Check the ranges."""
        shares = [self.none, self.he, self.other]
        if min(shares) < 0 or sum(shares) <= 0:
            raise SettingError(f"stains: expected shares of 0 or more, one above, got {shares}")
        low, high = self.background
        if not 128 <= low <= high <= 255:
            raise SettingError(
                f"stains: expected 128 <= low <= high <= 255, got background {low, high}"
            )


def draw_stain(
    pixels: Pixels, unmixing: Unmixing, table: StainTable, random: np.random.Generator
) -> Pixels:
    """Return uint8 (H, W, 3) as it is, or in the colours of another stain, uint8 alike.

    Args:
        pixels: Stained with haematoxylin and eosin or alike.
        unmixing: Of the image that the pixels are of.
        table: How often and how much.
        random: Draws.
    """
    shares = np.array([table.none, table.he, table.other])
    kind = int(random.choice(3, p=shares / shares.sum()))
    if kind == 0:
        return pixels
    stains = HE_STAINS if kind == 1 else OTHER_STAINS
    return restain(pixels, unmixing, stains[int(random.integers(len(stains)))], table, random)


def restain(
    pixels: Pixels,
    unmixing: Unmixing,
    stain: Stain,
    table: StainTable,
    random: np.random.Generator,
) -> Pixels:
    """Return uint8 (H, W, 3) in the colours of a stain, with amounts and background drawn."""
    # Drawn once for both kinds of patches: a dye is the same in each.
    amounts = _spread(random, table.amount, (2, 1)) * _spread(random, table.hue, (2, 3))
    gamma = float(_spread(random, table.gamma, (1,))[0])
    saturation = float(_spread(random, table.saturation, (1,))[0])
    glass = random.uniform(*table.background) + random.uniform(-1, 1, 3) * table.white_balance
    glass = np.minimum(glass, 255.0)
    first, second = (
        with_remainder(_dyes(doses, amounts * gamma, saturation), REMAINDER)
        for doses in (stain.first, stain.second)
    )
    held = unmixing.amounts(pixels)
    mixed = mix(held, first)
    if stain.first != stain.second:
        mixed += patches(held[0] + held[1], random) * mix(held, second - first)
    levels = np.exp(np.log(glass).astype(np.float32)[:, None, None] - mixed)
    rounded: Pixels = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(rounded, 0, 2))


def patches(dye: Floats, random: np.random.Generator) -> Floats:
    """Draw a smooth map of 0 and 1 with soft borders, float32 (H, W), its patches 12 to 60 wide.

    Chance decides, and as much how much dye the tissue holds, float32 (H, W): so some borders are
    those of cells, glands and fibres.
    """
    cell = float(np.exp(random.uniform(np.log(12), np.log(60))))
    height, width = dye.shape
    chance = sum(
        weight * _resized(random.normal(size=(height // side + 3, width // side + 3)), dye.shape)
        for weight, side in ((1.0, int(cell)), (0.5, int(cell / 2.5)))
    )
    coarse = _resized(dye, (-(-height // 8), -(-width // 8)))
    structure = (coarse - coarse.mean()) / (coarse.std() + 0.02)
    lean, slope = random.uniform(-0.7, 0.7), random.uniform(-1.0, 1.0)
    smooth = chance + np.float32(lean) + np.float32(slope) * _resized(structure, dye.shape)
    share: Floats = 1 / (1 + np.exp(-5 * smooth))
    return share


def _resized(values: NDArray[np.floating[Any]], shape: tuple[int, int]) -> Floats:
    from PIL import Image

    image = Image.fromarray(values.astype(np.float32))
    # Pillow widens the filter where it shrinks.
    sized: Floats = np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))
    return sized


def _spread(
    random: np.random.Generator, extent: float, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    spread: NDArray[np.float64] = np.exp(random.uniform(-1, 1, shape) * np.log1p(extent))
    return spread


def _dyes(
    doses: tuple[Dose, Dose], amounts: NDArray[np.float64], saturation: float
) -> NDArray[np.float64]:
    """Return the densities of what replaces one haematoxylin and one eosin, (2, 3).

    `amounts` (2, 3): of each of the two in red, green and blue.
    """
    dyes = np.array([np.array(DYES[name]) * dose for name, dose in doses]) * amounts
    grey = dyes.mean(1, keepdims=True)
    # No dye makes anything lighter than glass, and so nothing is cut off at 255.
    densities: NDArray[np.float64] = np.maximum(grey + saturation * (dyes - grey), 0.02 * grey)
    return densities
