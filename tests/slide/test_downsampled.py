from collections.abc import Mapping
from types import TracebackType
from typing import Self

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathae_codec.arrays import Pixels
from pathae_codec.errors import SlideReadError
from pathae_codec.geometry import Level
from pathae_codec.slide.downsampled import with_pyramid
from pathae_codec.slide.interface import SlideProperties


class ArrayReader:
    """A slide in memory that notes the largest region asked of it."""

    def __init__(self, pixels: Pixels, levels: int = 1) -> None:
        self.pixels, self.closed, self.largest = pixels, False, 0
        height, width = pixels.shape[:2]
        self.levels = tuple(Level(n, width >> n, height >> n, 2.0**n) for n in range(levels))
        self.properties = SlideProperties("array", None, None, None, None)

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        assert level == 0
        self.largest = max(self.largest, width * height)
        return self.pixels[y : y + height, x : x + width]

    def associated_images(self) -> Mapping[str, Pixels]:
        return {"label": self.pixels[:1, :1]}

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def random_pixels(height: int, width: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def box_means(pixels: Pixels) -> Pixels:
    """Average 4 x 4 boxes one by one, as the rule says it."""
    high, wide = max(1, pixels.shape[0] // 4), max(1, pixels.shape[1] // 4)
    means = np.empty((high, wide, 3), np.uint8)
    for y in range(high):
        for x in range(wide):
            box = pixels[4 * y : 4 * y + 4, 4 * x : 4 * x + 4].reshape(-1, 3).astype(int)
            means[y, x] = (2 * box.sum(axis=0) + len(box)) // (2 * len(box))
    return means


SOURCE = ArrayReader(random_pixels(144, 4500))
PYRAMID = with_pyramid(SOURCE)
EXPECTED = [SOURCE.pixels]
EXPECTED.append(box_means(EXPECTED[-1]))
EXPECTED.append(box_means(EXPECTED[-1]))


def test_levels_go_down_to_1024() -> None:
    sizes = [(level.width, level.height) for level in PYRAMID.levels]
    assert sizes == [(4500, 144), (1125, 36), (281, 9)]
    assert [level.index for level in PYRAMID.levels] == [0, 1, 2]
    assert PYRAMID.levels[2].downsample == 16.0


@pytest.mark.parametrize(("width", "levels"), [(1024, 1), (4000, 2)])
def test_slide_that_needs_no_levels_is_returned_as_it_is(width: int, levels: int) -> None:
    reader = ArrayReader(random_pixels(8, width), levels)
    assert with_pyramid(reader) is reader


@pytest.mark.parametrize("level", [0, 1, 2])
def test_pixels_are_box_means(level: int) -> None:
    size = PYRAMID.levels[level]
    pixels = PYRAMID.read_region(level, 0, 0, size.width, size.height)
    np.testing.assert_array_equal(pixels, EXPECTED[level])


@pytest.mark.parametrize("height", [1, 2, 3, 7, 23])
def test_sides_too_short_for_one_downsample_get_no_level(height: int) -> None:
    reader = with_pyramid(ArrayReader(random_pixels(height, 4200)))
    assert [(level.width, level.height) for level in reader.levels] == [(4200, height)]


def test_half_rounds_up_and_white_stays_white() -> None:
    pixels = np.full((4, 1028, 3), 255, np.uint8)
    pixels[:2, :4] = 254
    means = with_pyramid(ArrayReader(pixels)).read_region(1, 0, 0, 257, 1)
    assert (means == 255).all()


@settings(max_examples=60, deadline=None)
@given(data=st.data(), level=st.sampled_from([1, 2]))
def test_pieces_equal_the_whole(data: st.DataObject, level: int) -> None:
    size = PYRAMID.levels[level]
    x = data.draw(st.integers(0, size.width - 1))
    y = data.draw(st.integers(0, size.height - 1))
    width = data.draw(st.integers(1, size.width - x))
    height = data.draw(st.integers(1, size.height - y))
    piece = PYRAMID.read_region(level, x, y, width, height)
    np.testing.assert_array_equal(piece, EXPECTED[level][y : y + height, x : x + width])


def test_source_is_read_in_blocks() -> None:
    SOURCE.largest = 0
    PYRAMID.read_region(1, 0, 0, 1125, 36)
    assert SOURCE.largest <= 2048 * 2048
    assert SOURCE.largest < SOURCE.pixels.size // 3


def test_region_outside_is_refused() -> None:
    with pytest.raises(SlideReadError, match="281 x 9"):
        PYRAMID.read_region(2, 280, 0, 2, 1)


def test_the_rest_comes_from_the_source() -> None:
    source = ArrayReader(random_pixels(4, 1100))
    with with_pyramid(source) as reader:
        assert reader.properties is source.properties
        assert set(reader.associated_images()) == {"label"}
    assert source.closed
