"""Which JPEG XL a fallback tile is: the fewest bytes found that hold a floor."""

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.fallback import decode_fallback, encode_fallback
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.fidelity import Floor, compare

DISTANCES = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)
"""Butteraugli distances: 1 is about visually lossless, more is less."""
DRAWN_SHARE = 0.5
"""Share of pixels equal to their left neighbour from which lossless is tried beside lossy."""


def choose_fallback(pixels: Pixels, floor: Floor, visible: tuple[int, int] | None = None) -> bytes:
    """Return a tile as JPEG XL: lossy where that holds the floor, else lossless.

    Args:
        pixels: uint8 (H, W, C) of the whole tile.
        floor: What the decoded pixels must hold.
        visible: Height and width of the part that counts; all of it by default.
    """
    lossy = _encode_lossy(pixels, floor, *(visible or pixels.shape[:2]))
    if lossy is None:
        return encode_fallback(pixels)
    # Charts, text and pen on white take fewer bytes without any loss.
    repeated = (pixels[:, 1:] == pixels[:, :-1]).all(axis=2)
    if repeated.size and repeated.mean() >= DRAWN_SHARE:
        return min(lossy, encode_fallback(pixels), key=len)
    return lossy


def _encode_lossy(pixels: Pixels, floor: Floor, height: int, width: int) -> bytes | None:
    """Return the tile of the largest distance that holds the floor; None where none does."""
    if floor.max_error == 0:
        return None
    found, low, high = None, 0, len(DISTANCES)
    while low < high:
        middle = (low + high) // 2
        tile = encode_fallback(pixels, DISTANCES[middle])
        decoded = decode_fallback(*unpack_tile(tile))
        if floor.is_held(compare(pixels[:height, :width], decoded[:height, :width])):
            found, low = tile, middle + 1
        else:
            high = middle
    return found
