"""Label, macro and thumbnail of a PathAE TIFF: which there are, and how they decode.

Spec: v1, TIFF binding.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.jpeg_segments import jpeg_frame
from pathae_codec.bitstream.limits import MAX_ASSOCIATED_PIXELS
from pathae_codec.errors import ContainerError, PayloadError
from pathae_codec.tiff.directory import TiffDirectory
from pathae_codec.tiff.levels import description, image_size
from pathae_codec.tiff.tags import COMPRESSION, COMPRESSION_TAG

if TYPE_CHECKING:
    from tifffile import TiffPage

ASSOCIATED = ("thumbnail", "label", "macro")
_JPEG = 7
_NO_IMAGE_CODECS = {1, 5, 8, 32773, 32946}
"""None, LZW, deflate, PackBits: they give the bytes that the tags state, or an error."""
_FRAME_WITHIN = 1 << 20
"""A JPEG says its sides within so many bytes, behind what else its writer had to say."""


def find_images(directories: Iterable[TiffDirectory]) -> Mapping[str, tuple[int, tuple[int, int]]]:
    """Return directory and size of each associated image.

    Its name is the first word of the second line of its description.

    Raises:
        ContainerError: One is larger than any may be.
    """
    found = {}
    for directory in directories:
        if directory.number(COMPRESSION_TAG, 1) == COMPRESSION:
            continue
        lines = description(directory).splitlines()
        name = lines[1].partition(" ")[0] if len(lines) > 1 else ""
        if name not in ASSOCIATED:
            continue
        width, height = image_size(directory)
        if not 1 <= width * height <= MAX_ASSOCIATED_PIXELS:
            raise ContainerError(
                f"TIFF {name}: expected {MAX_ASSOCIATED_PIXELS} pixels at most, got {width} x "
                f"{height}"
            )
        found[name] = directory.place, (width, height)
    return found


def decode_image(file: BinaryIO, place: int, name: str) -> Pixels:
    """Decode an associated image, uint8 (H, W, 3).

    Args:
        file: The TIFF.
        place: Of its directory.
        name: For messages.

    Raises:
        PayloadError: It does not decode, or to something else than its tags state.
    """
    from tifffile import TiffFile

    # imagecodecs and tifffile have errors of their own for each codec.
    try:
        page = TiffFile(file).pages[place].aspage()
        _check_page(page, name)
        if int(page.compression) == _JPEG:
            _check_frames(page, file, name)
        pixels = page.asarray()
    except PayloadError:
        raise
    except Exception as error:
        raise PayloadError(f"TIFF {name}: does not decode: {error}") from error
    if pixels.shape != page.shape:
        raise PayloadError(
            f"TIFF {name}: expected {page.shape} as its tags state, got {pixels.shape}"
        )
    return pixels


def _check_page(page: "TiffPage", name: str) -> None:
    """Refuse what is no RGB, or is stored in pieces larger than any image, before it is decoded."""
    height, width = page.chunks[:2]
    pieces = height * width <= MAX_ASSOCIATED_PIXELS
    if page.dtype != np.uint8 or len(page.shape) != 3 or page.shape[2] != 3 or not pieces:
        raise PayloadError(
            f"TIFF {name}: expected uint8 (height, width, 3), got {page.dtype} {page.shape} in "
            f"pieces of {page.chunks}"
        )
    if int(page.compression) not in {_JPEG, *_NO_IMAGE_CODECS}:
        raise PayloadError(
            f"TIFF {name}: expected JPEG or a lossless compression of bytes, got compression "
            f"{int(page.compression)}"
        )


def _check_frames(page: "TiffPage", file: BinaryIO, name: str) -> None:
    """Refuse a JPEG that states other sides than its piece of the image: it would be decoded so."""
    height, width = page.chunks[:2]
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        file.seek(offset)
        frame = jpeg_frame(file.read(min(count, _FRAME_WITHIN)))
        if count and (frame is None or frame.height > height or frame.width > width):
            found = f"{frame.width} x {frame.height}" if frame else "no frame header"
            raise PayloadError(
                f"TIFF {name}: expected a JPEG of {width} x {height} pixels at most, got {found}"
            )
