"""The tiles that were decoded last, up to a number of bytes; several slides may share one cache."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

from pathae_codec.arrays import Pixels
from pathae_codec.entry_numbers import whole

DEFAULT_CAPACITY = 64 << 20
"""Holds 85 tiles of 512 x 512."""


class TileCache:
    """Least recently used goes first. Safe to use from several threads.

    Args:
        capacity: Bytes of pixels; 0 keeps nothing.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self.capacity = whole(capacity, "capacity")
        self._held = 0
        self._tiles: OrderedDict[Hashable, Pixels] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Pixels | None:
        """Return a tile, or None if it is not held."""
        with self._lock:
            pixels = self._tiles.get(key)
            if pixels is not None:
                self._tiles.move_to_end(key)
            return pixels

    def put(self, key: Hashable, pixels: Pixels) -> None:
        """Hold a tile, and let go of others until the capacity is kept."""
        with self._lock:
            before = self._tiles.pop(key, None)
            self._held += pixels.nbytes - (0 if before is None else before.nbytes)
            self._tiles[key] = pixels
            while self._held > self.capacity:
                self._held -= self._tiles.popitem(last=False)[1].nbytes
