"""What the benchmarks say of curves and tiles that are known."""

import numpy as np
import pytest

from benchmarks.curve import Point, bd_rate
from benchmarks.measures import available_measures
from benchmarks.synthetic_slide import draw_tissue


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
