"""Which JPEG XL a tile that the network does not code becomes."""

import warnings

import numpy as np
import pytest

from benchmarks.synthetic_slide import draw_tissue
from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.fallback import decode_fallback, encode_fallback
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.fallback_choice import choose_fallback
from pathae_codec.fidelity import Floor, compare


def drawn(height: int, width: int) -> Pixels:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 2)])
def test_images_of_one_row_or_column_hold_the_floor_without_a_warning(
    size: tuple[int, int],
) -> None:
    pixels, floor = drawn(*size), Floor(min_psnr=30.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tile = choose_fallback(pixels, floor)
    assert floor.is_held(compare(pixels, decode_fallback(*unpack_tile(tile))))


def test_what_repeats_itself_is_lossless_where_that_is_smaller() -> None:
    chart = np.repeat(drawn(64, 2), 32, axis=1)
    tile = choose_fallback(chart, Floor(min_psnr=30.0))
    assert tile == encode_fallback(chart)


def test_tissue_is_lossy_where_that_holds_the_floor() -> None:
    tissue = draw_tissue(64, 64, 1)
    tile = choose_fallback(tissue, Floor(min_psnr=30.0))
    assert len(tile) < len(encode_fallback(tissue))


def test_no_error_allowed_is_lossless() -> None:
    pixels = drawn(16, 16)
    assert choose_fallback(pixels, Floor(max_error=0)) == encode_fallback(pixels)
