"""A codec at one setting: tiles -> bytes -> tiles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pathae_codec.arrays import Pixels


@dataclass(frozen=True)
class CodecSetting:
    """A codec at one setting.

    Attributes:
        codec: Its name in tables.
        setting: Its setting in tables.
        identity: All that its bytes depend on, as text: part of the digest of its cells.
        encode: uint8 (N, H, W, 3) -> N bitstreams, headers included.
        decode: N bitstreams -> N of uint8 (H, W, 3).
        model, quality: Of PathAE's: model and rung, for what takes whole slides.
        stage: When it is measured: 0 first, 2 last.
    """

    codec: str
    setting: str
    identity: str
    encode: Callable[[Pixels], list[bytes]]
    decode: Callable[[Sequence[bytes]], list[Pixels]]
    model: str | None = None
    quality: int | None = None
    stage: int = 0

    @property
    def is_original(self) -> bool:
        """Say whether nothing is lost: raw pixels."""
        return self.codec == ORIGINAL


ORIGINAL = "original"


def original() -> CodecSetting:
    """Return the raw pixels, 24 bits each: what all others are compared with."""

    def encode(pixels: Pixels) -> list[bytes]:
        height, width = pixels.shape[1:3]
        head = np.array([height, width], "<u4").tobytes()
        return [head + tile.tobytes() for tile in pixels]

    def decode(tiles: Sequence[bytes]) -> list[Pixels]:
        sizes = [np.frombuffer(tile[:8], "<u4") for tile in tiles]
        return [
            np.frombuffer(tile[8:], np.uint8).reshape(int(h), int(w), 3)
            for tile, (h, w) in zip(tiles, sizes, strict=True)
        ]

    return CodecSetting(ORIGINAL, "raw", "raw pixels", encode, decode)
