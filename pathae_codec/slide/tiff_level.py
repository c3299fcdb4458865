"""One level of a TIFF pyramid -> RGB pixels, decoding only the tiles or strips touched."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.errors import SlideReadError, UnsupportedSlideError
from pathae_codec.slide.region import describe_region
from pathae_codec.slide.tiff_samples import sample_layout

if TYPE_CHECKING:
    from tifffile import TiffFrame, TiffPage, TiffPageSeries

# A row of source tiles of a slide of 100,000 pixels fits, so that neighbours share decodes.
CACHE_BYTES = 128 << 20
LARGEST_CHUNK_BYTES = 256 << 20


class TiffLevel:
    """A level of a pyramid in an open TIFF file. Safe to read from several threads.

    Args:
        series: The pyramid. Its file has to stay open.
        level: Index into `series.levels`.

    Raises:
        UnsupportedSlideError: The pixels are no gray or RGB(A), the file ends before them, or they
            are in one compressed piece too large to decode.
    """

    def __init__(self, series: "TiffPageSeries", level: int) -> None:
        part = series.levels[level]
        page = part.keyframe
        self._layout = sample_layout(part)
        self._number = level
        sides = part.shape[1:] if self._layout.planar else part.shape[:2]
        self.height, self.width = int(sides[0]), int(sides[1])
        self.complete = all(page.databytecounts)
        self._check_extent(page)
        if page.is_memmappable and not page.is_tiled:
            # Uncompressed strips are often the whole level in one piece: never read it at once.
            self._array: Any = page.asarray(out="memmap")
            self._chunk = (512, 512)
        else:
            self._open_chunks(series, level)
        self._cache = _ChunkCache()

    def _check_extent(self, page: "TiffPage | TiffFrame") -> None:
        pieces = min(len(page.dataoffsets), len(page.databytecounts))
        # tifffile goes on without tables that it cannot read, and takes all for left out.
        if pieces < prod(page.chunked):
            raise UnsupportedSlideError(
                f"level {self._number} has {prod(page.chunked)} tiles or strips, found the places "
                f"of {pieces}: the file is damaged or was cut off"
            )
        size = page.parent.filehandle.size
        ends = zip(page.dataoffsets, page.databytecounts, strict=False)
        end = max((offset + count for offset, count in ends), default=0)
        if end > size:
            raise UnsupportedSlideError(
                f"level {self._number} needs {end} bytes of file, found {size}: it was cut off"
            )

    def _open_chunks(self, series: "TiffPageSeries", level: int) -> None:
        import zarr

        # Tiles left out of a slide are glass: the sample that stands for white.
        store: Any = series.aszarr(level=level, fillvalue=self._layout.white)
        self._array = zarr.open_array(store, mode="r")
        chunks = self._array.chunks
        self._chunk = tuple(chunks[1:] if self._layout.planar else chunks[:2])
        size = self._chunk[0] * self._chunk[1] * self._layout.samples
        if size > LARGEST_CHUNK_BYTES:
            raise UnsupportedSlideError(
                f"level {self._number} is stored in pieces of {self._chunk[1]} x {self._chunk[0]} "
                "pixels, too large to decode one by one: save it with tiles"
            )

    def read(self, x: int, y: int, width: int, height: int) -> Pixels:
        """Read uint8 (height, width, 3), all of it inside the level.

        Raises:
            SlideReadError: A tile or strip does not decode.
        """
        pixels = np.empty((height, width, 3), np.uint8)
        for row, top, bottom in _cuts(y, height, self._chunk[0]):
            for column, left, right in _cuts(x, width, self._chunk[1]):
                try:
                    chunk = self._chunk_pixels(row, column)
                except Exception as error:  # Each of imagecodecs' codecs has its own error class.
                    raise self._unreadable(x, y, width, height, error) from error
                dy, dx = row * self._chunk[0], column * self._chunk[1]
                part = chunk[top - dy : bottom - dy, left - dx : right - dx]
                pixels[top - y : bottom - y, left - x : right - x] = part
        return pixels

    def _unreadable(
        self, x: int, y: int, width: int, height: int, error: Exception
    ) -> SlideReadError:
        region = describe_region(self._number, x, y, width, height)
        reason = str(error).partition("\n")[0] or type(error).__name__
        return SlideReadError(f"slide region {region}: does not decode ({reason})")

    def _chunk_pixels(self, row: int, column: int) -> Pixels:
        cached = self._cache.get((row, column))
        if cached is not None:
            return cached
        high, wide = self._chunk
        area = (slice(row * high, (row + 1) * high), slice(column * wide, (column + 1) * wide))
        stored = np.asarray(self._array[(slice(None), *area) if self._layout.planar else area])
        chunk = self._layout.to_rgb(stored)
        self._cache.put((row, column), chunk)
        return chunk


def _cuts(start: int, length: int, chunk: int) -> Iterator[tuple[int, int, int]]:
    """Return the index of each chunk that [start, start + length) touches, and what of it."""
    for index in range(start // chunk, -(-(start + length) // chunk)):
        yield index, max(start, index * chunk), min(start + length, (index + 1) * chunk)


class _ChunkCache:
    """The chunks used last, up to `CACHE_BYTES`."""

    def __init__(self) -> None:
        self._chunks: OrderedDict[tuple[int, int], Pixels] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[int, int]) -> Pixels | None:
        with self._lock:
            if key not in self._chunks:
                return None
            self._chunks.move_to_end(key)
            return self._chunks[key]

    def put(self, key: tuple[int, int], chunk: Pixels) -> None:
        with self._lock:
            # Two threads may have decoded the same chunk.
            replaced = self._chunks.pop(key, None)
            self._bytes += chunk.nbytes - (0 if replaced is None else replaced.nbytes)
            self._chunks[key] = chunk
            while self._bytes > CACHE_BYTES and len(self._chunks) > 1:
                self._bytes -= self._chunks.popitem(last=False)[1].nbytes
