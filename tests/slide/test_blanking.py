"""Reading around damage: white for what the source cannot give, and the read itself says so."""

from collections.abc import Mapping

import numpy as np
import pytest

from pathae_codec.arrays import Pixels
from pathae_codec.closing import Closing
from pathae_codec.errors import SlideReadError
from pathae_codec.geometry import Level
from pathae_codec.slide.blanking import BLOCK, read_or_blank, with_blanks
from pathae_codec.slide.downsampled import with_pyramid
from pathae_codec.slide.interface import SlideProperties, SlideReader
from pathae_codec.slide.region import check_region

SIDE, BAD = 2048, (300, 700)
"""A bad pixel at row 300, column 700: its block is rows 256 to 511, columns 512 to 767."""


class _Damaged(Closing):
    """One level of a ramp; whatever holds the bad pixel is refused."""

    levels = (Level(0, SIDE, SIDE, 1.0),)
    properties = SlideProperties("drawn", None, None, None, None)

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        check_region(self.levels, level, x, y, width, height)
        if y <= BAD[0] < y + height and x <= BAD[1] < x + width:
            raise SlideReadError("slide region: does not decode")
        rows, columns = np.ogrid[y : y + height, x : x + width]
        return np.repeat(((rows + columns) // 32).astype(np.uint8)[..., None], 3, 2)

    def associated_images(self) -> Mapping[str, Pixels]:
        return {}

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(params=[False, True], ids=["plain", "with_pyramid"])
def slide(request: pytest.FixtureRequest) -> SlideReader:
    return with_pyramid(_Damaged()) if request.param else _Damaged()


def ramp() -> np.ndarray:
    rows, columns = np.ogrid[:SIDE, :SIDE]
    return np.repeat(((rows + columns) // 32).astype(np.uint8)[..., None], 3, 2)


def test_the_block_alone_is_white(slide: SlideReader) -> None:
    expected = ramp()
    expected[256:512, 512:768] = 255
    pixels, blanked = read_or_blank(slide, 0, 0, 0, SIDE, SIDE)
    assert blanked
    np.testing.assert_array_equal(pixels, expected)
    np.testing.assert_array_equal(with_blanks(slide).read_region(0, 0, 0, SIDE, SIDE), expected)


def test_a_read_beside_the_damage_is_not_blanked(slide: SlideReader) -> None:
    """Though it lies in the same block, and though the read before it was."""
    assert read_or_blank(slide, 0, 600, 200, BLOCK, BLOCK)[1]
    pixels, blanked = read_or_blank(slide, 0, 512, 256, 100, 30)
    assert not blanked
    np.testing.assert_array_equal(pixels, ramp()[256:286, 512:612])


def test_a_computed_level_is_that_of_the_blanked_pixels() -> None:
    slide, expected = with_pyramid(_Damaged()), ramp()
    expected[256:512, 512:768] = 255
    sums = expected.reshape(512, 4, 512, 4, 3).sum((1, 3), dtype=int)
    pixels, blanked = read_or_blank(slide, 1, 0, 0, 512, 512)
    assert blanked
    np.testing.assert_array_equal(pixels, (2 * sums + 16) // 32)
    assert not read_or_blank(slide, 1, 0, 0, 64, 64)[1]


def test_outside_of_the_level_is_no_damage(slide: SlideReader) -> None:
    with pytest.raises(SlideReadError):
        read_or_blank(slide, 0, SIDE - 8, 0, 16, 16)
