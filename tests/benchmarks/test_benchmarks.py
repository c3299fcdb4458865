"""What the benchmarks say of curves and tiles that are known."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.colour_range import as_dab, far, outside, tissue_colours
from benchmarks.curve import Point, bd_rate
from benchmarks.decoders import describe
from benchmarks.measures import available_measures, psnr_of_tiles
from benchmarks.synthetic_slide import draw_tissue
from tests.tiny_model import tiny_model


def curve(factor: float) -> list[Point]:
    return [
        Point(q, factor * 2**q, {"psnr": 25.0 + 3 * q, "ssim": 1 - 10 ** -(1 + q / 4)}, 1, 1)
        for q in range(5)
    ]


@pytest.mark.parametrize("measure", ["psnr", "ssim"])
def test_half_the_bytes_are_minus_fifty_percent(measure: str) -> None:
    assert bd_rate(curve(0.5), curve(1), measure) == pytest.approx(-50)
    assert bd_rate(curve(1), curve(0.5), measure) == pytest.approx(100)
    assert bd_rate(curve(1), curve(1), measure) == pytest.approx(0)


def test_figures_are_those_of_jvets_method() -> None:
    """The curves are the example of the package bjontegaard; 1.3.0 says so by `pchip`."""
    anchor = [(9487.76, 40.037), (4593.60, 38.615), (2486.44, 36.845), (1358.24, 34.851)]
    ours = [(9787.80, 40.121), (4469.00, 38.651), (2451.52, 36.970), (1356.24, 34.987)]
    curves = [[Point(0, rate, {"psnr": psnr}, 1, 1) for rate, psnr in c] for c in (ours, anchor)]
    assert bd_rate(*curves) == pytest.approx(-4.417485350589045, abs=1e-10)


def test_of_two_settings_that_are_equally_good_the_cheaper_counts() -> None:
    dearer = replace(curve(1)[2], bpp=100)
    assert bd_rate(curve(0.5), [*curve(1), dearer]) == pytest.approx(-50)


def test_curves_that_do_not_meet_have_no_distance() -> None:
    far = [Point(0, 1, {"psnr": 50.0}, 1, 1), Point(1, 2, {"psnr": 60.0}, 1, 1)]
    assert np.isnan(bd_rate(curve(1), far))


def test_an_exact_tile_is_no_point_of_a_curve() -> None:
    exact = [*curve(1), Point(9, 1000, {"psnr": np.inf, "ssim": 1.0}, 1, 1)]
    assert bd_rate(curve(0.5), exact) == pytest.approx(-50)


@pytest.mark.parametrize("name", list(available_measures()))
def test_more_noise_is_less_fidelity(name: str) -> None:
    measure = available_measures()[name]
    random = np.random.default_rng(0)
    tiles = np.stack([draw_tissue(192, 192, seed) for seed in (1, 2)])
    noise = random.normal(0, 1, tiles.shape)
    tiles, little, much = (np.clip(tiles + s * noise, 0, 255).astype(np.uint8) for s in (0, 4, 40))
    errors = [measure(tiles, noisy).mean() for noisy in (little, much)]
    assert errors[0] > errors[1] if name != "ciede2000" else errors[0] < errors[1]


def test_two_decoders_of_the_same_latents_are_compared() -> None:
    model = tiny_model()
    other = replace(model, name="other", synthesis=tiny_model(7).synthesis)
    tiles = np.stack([draw_tissue(32, 32, seed) for seed in (1, 2)])
    measures = {"psnr": psnr_of_tiles}
    same = describe("a", (model, model), tiles, [60], measures)
    assert same.endswith("+0.0000 (+0.0000 to +0.0000) |")
    changed = describe("a", (model, other), tiles, [20, 60], measures)
    assert changed.count("| psnr |") == 2
    assert "+0.0000" not in changed
    with pytest.raises(SystemExit, match="expected one for the encoder"):
        describe("a", (model, tiny_model(7)), tiles, [60], measures)


def test_colours_are_of_tissue_and_glass_has_none() -> None:
    pink, glass = np.uint8((200, 100, 150)), np.uint8((245, 244, 246))
    tiles = np.empty((3, 8, 8, 3), np.uint8)
    tiles[0], tiles[1], tiles[2] = pink, glass, glass
    tiles[1, :, :4] = pink
    colours = tissue_colours(tiles)
    # Of sRGB (200, 100, 150) under D65, by skimage.
    assert colours == pytest.approx(np.array([[55.68, 45.55, -8.85]] * 2), abs=0.02)
    assert tissue_colours(tiles[2:]).shape == (0, 3)


def test_share_outside_counts_each_colour_once() -> None:
    colours = np.float32([[50, 0, 0], [50, 90, 90], [10, 0, 0], [60, 1, 1]])
    low, high = np.float32([20, -1, -1]), np.float32([80, 1, 1])
    assert outside(colours, low, high) == 0.5


def test_colours_are_far_beyond_five_units() -> None:
    seen = np.array([[50, 10, 0], [70, 20, -10]], np.float32)
    colours = np.array([[50, 13, 4], [50, 14, 4], [70, 20, -10], [60, 15, -5]], np.float32)
    assert far(colours, seen) == 0.5


def test_dab_is_brown_where_eosin_was_pink() -> None:
    # Eosin of Ruifrok and Johnston alone, a little and much.
    densities = np.linspace(0.1, 1, 64)[:, None, None] * np.array([0.07, 0.99, 0.11])
    eosin = np.rint(255 * np.exp(-densities.repeat(64, 1))).astype(np.uint8)
    (brown,) = as_dab([eosin])
    assert brown.shape == eosin.shape
    pink_colour, brown_colour = tissue_colours([eosin, brown])
    assert pink_colour[2] < 5
    assert brown_colour[2] > 15
    assert brown_colour[1] < pink_colour[1]
