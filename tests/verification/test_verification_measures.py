"""SSIM of luma and CIEDE2000 against scikit-image, and CIEDE2000 against the published pairs."""

import numpy as np
import pytest

from pathae_codec.verification.colour_difference import ciede2000, lab, mean_ciede2000
from pathae_codec.verification.structural_similarity import luma_ssim
from tests.tiny_model import draw_tissue

SHARMA = [
    # L1, a1, b1, L2, a2, b2, difference: from table 1 of Sharma, Wu, Dalal 2005.
    (50.0, 2.6772, -79.7751, 50.0, 0.0, -82.7485, 2.0425),
    (50.0, 0.0, 0.0, 50.0, -1.0, 2.0, 2.3669),
    (50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0009, 7.1792),
    (50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0011, 7.2195),
    (50.0, 2.5, 0.0, 73.0, 25.0, -18.0, 27.1492),
    (50.0, 2.5, 0.0, 58.0, 24.0, 15.0, 19.4535),
    (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
    (22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373),
    (90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441),
    (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
]


def noisy(height: int, width: int, strength: float) -> tuple[np.ndarray, np.ndarray]:
    original = draw_tissue(height, width)
    noise = np.random.default_rng(1).normal(0, strength, original.shape)
    return original, np.clip(original + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("strength", "size"), [(2, (64, 96)), (20, (11, 200)), (60, (128, 77))])
def test_ssim_is_that_of_scikit_image(strength: float, size: tuple[int, int]) -> None:
    metrics = pytest.importorskip("skimage.metrics")
    a, b = noisy(*size, strength)
    luma = [x.astype(np.float64) @ (0.299, 0.587, 0.114) for x in (a, b)]
    expected = metrics.structural_similarity(
        *luma, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert luma_ssim(a, b) == pytest.approx(expected, abs=2e-4)


def test_ssim_of_equal_and_of_small_pixels() -> None:
    a, b = noisy(5, 40, 30)
    assert luma_ssim(a, a) == pytest.approx(1)
    assert -1 <= luma_ssim(a, b) < 0.99
    white = np.full((32, 32, 3), 255, np.uint8)
    assert luma_ssim(white, white) == pytest.approx(1)


@pytest.mark.parametrize("pair", SHARMA)
def test_ciede2000_of_the_published_pairs(pair: tuple[float, ...]) -> None:
    a, b = np.array(pair[:3]), np.array(pair[3:6])
    assert float(ciede2000(a, b)) == pytest.approx(pair[6], abs=1e-4)
    assert float(ciede2000(b, a)) == pytest.approx(pair[6], abs=1e-4)


def test_ciede2000_of_pixels_is_that_of_scikit_image() -> None:
    color = pytest.importorskip("skimage.color")
    a, b = noisy(64, 64, 40)
    labs = [color.rgb2lab(x) for x in (a, b)]
    np.testing.assert_allclose(lab(a), labs[0], atol=2e-3)
    expected = color.deltaE_ciede2000(*[x[::2, ::2] for x in labs])
    assert mean_ciede2000(a, b) == pytest.approx(expected.mean(), rel=1e-4)
    assert mean_ciede2000(a, a) == 0
