"""Training data: crops in the colours of the usual stains."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.training.stains import HE_STAINS, OTHER_STAINS, StainTable, draw_stain, restain
from pathae_codec.training.unmixing import RUIFROK, estimate_unmixing
from pathae_codec.verification.colour_difference import lab


def tissue_range(crops: list[Pixels]) -> NDArray[np.floating]:
    """Least and greatest a* and b* of the crops' medians of tissue: ((a, b), (a, b))."""
    medians = [np.median(lab(c[c.min(-1) < 190]), 0)[1:] for c in crops]
    return np.array([np.min(medians, 0), np.max(medians, 0)])


def test_stains_span_brown_green_blue_and_red(tissue: Pixels) -> None:
    unmixing, random = estimate_unmixing(tissue), np.random.default_rng(0)
    crop = tissue[192:320, 192:320]
    for table, low, high in (
        (StainTable(other=1.0), (-8, -25), (30, 12)),
        (StainTable(he=1.0), (20, -22), (42, -4)),
    ):
        found = tissue_range([draw_stain(crop, unmixing, table, random) for _ in range(120)])
        assert (found[0] <= low).all(), found
        assert (found[1] >= high).all(), found


@pytest.mark.parametrize("stain", [*HE_STAINS, *OTHER_STAINS], ids=lambda stain: stain.name)
def test_restained_crops_are_smooth_and_cut_nothing_off(tissue: Pixels, stain) -> None:  # noqa: ANN001
    crop, random = tissue[192:320, 192:320], np.random.default_rng(1)
    stained = restain(crop, estimate_unmixing(tissue), stain, StainTable(other=1.0), random)
    assert stained.shape == crop.shape
    assert stained.dtype == np.uint8
    coloured = crop.min(-1) < 200
    assert (stained[coloured] == 255).mean() < 0.01
    assert (stained[coloured] == 0).mean() < 0.01
    # As many levels as before, or nearly: nothing is posterised.
    levels = [len(np.unique(pixels[coloured])) for pixels in (crop, stained)]
    assert levels[1] > 0.5 * levels[0]


def test_glass_takes_the_background_that_is_drawn(tissue: Pixels) -> None:
    random = np.random.default_rng(2)
    glass = np.full((32, 32, 3), 255, np.uint8)
    table = StainTable(he=1.0, background=(210.0, 240.0), white_balance=5.0)
    unmixing = estimate_unmixing(tissue)
    levels = [draw_stain(glass, unmixing, table, random).mean() for _ in range(60)]
    assert 205 <= min(levels) < 215
    assert 235 < max(levels) <= 245


def test_dyes_of_a_drawing_are_found() -> None:
    random = np.random.default_rng(0)
    # Each pixel holds more of one dye than of the other, or both; light falls on glass of 240.
    amounts = random.gamma(1.0, 0.5, (64 * 64, 2)) * (random.random((64 * 64, 2)) < 0.6)
    light = 240 * np.exp(-amounts @ RUIFROK)
    found = estimate_unmixing(np.rint(light).astype(np.uint8).reshape(64, 64, 3))
    assert found.glass == pytest.approx((240, 240, 240), abs=3)
    cosines = (found.dyes * RUIFROK).sum(1) / np.linalg.norm(RUIFROK, axis=1)
    assert (cosines > 0.99).all(), found.dyes


def test_one_dye_alone_is_no_error() -> None:
    random = np.random.default_rng(0)
    light = 250 * np.exp(-random.random((4096, 1)) * RUIFROK[:1])
    image = np.rint(light).astype(np.uint8).reshape(64, 64, 3)
    for pixels in (image, np.full((64, 64, 3), 255, np.uint8), np.zeros((64, 64, 3), np.uint8)):
        unmixing = estimate_unmixing(pixels)
        for stain in (*HE_STAINS, *OTHER_STAINS):
            stained = restain(pixels, unmixing, stain, StainTable(he=1.0), random)
            assert stained.shape == pixels.shape
