"""Tiles that hold a floor: each is decoded as a reader will decode it, and compared.

A tile that falls below the floor is coded at the next rungs of the model's ladder, as JPEG XL,
lossy and lossless, and as the source's own streams; of those that hold the floor the one with the
fewest bytes is taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.bitstream.exact import JpegSet, SourceStreams
from pathae_codec.bitstream.limits import MAX_MODEL_BYTES
from pathae_codec.codec.lossless import encode_lossless, encode_same
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.fallback_choice import choose_fallback
from pathae_codec.fidelity import EXACT, Fidelity, Floor, compare
from pathae_codec.model.artifact import codec_parameters
from pathae_codec.model.artifact_file import load_artifact, save_artifact

StreamsOf = Callable[[], SourceStreams | None]
"""Gives the source's streams for a tile; None where it has none."""


def no_streams() -> None:
    """Return the streams of a tile of which the source has only pixels."""


@dataclass(frozen=True)
class CodedTile:
    """A tile bitstream and what is known of it.

    Attributes:
        data: The tile bitstream.
        fidelity: Of the visible pixels; None where the tile was not decoded.
        kept: It touches a region that is kept losslessly.
        blanked: Pixels that the source could not give are white in it.
    """

    data: bytes
    fidelity: Fidelity | None
    kept: bool = False
    blanked: bool = False


def default_min_psnr(quality: int) -> float:
    """Return the floor in dB for a quality where the user names none: 20 at 0, 25 at 50, 27 at 100.

    It lies 0.6 to 1.4 dB below the worst tissue tile that was measured at each quality (three
    slides, six sets of tiles), so that it catches what is no tissue.
    """
    return 20 + quality / 10 if quality <= 50 else 25 + (quality - 50) / 25


class AssuredEncoder:
    """Encode tiles at a quality, or as much better as the floor asks for.

    Args:
        codec: Of a whole model.
        quality: A rung of the model.
        floor: What every tile must hold. One that asks for nothing saves the decoding.
        jpeg_sets: Of the source's streams; see `JpegSet`.
    """

    def __init__(
        self,
        codec: TileCodec,
        quality: int,
        floor: Floor,
        jpeg_sets: tuple[JpegSet, ...] = (),
    ) -> None:
        self.quality = quality
        self.floor = floor
        self.jpeg_sets = jpeg_sets
        self.model = codec.model
        self.effort = codec.effort
        self._codec = codec
        named = codec.model.profiles.values()
        ladder = [rung for rung in codec.model.qualities if rung > quality and rung not in named]
        # A named rung stands on no ladder.
        self._ladder = [] if quality in named else ladder
        self.canary = codec.make_canary(quality)
        parameters = codec_parameters(
            codec.model, [quality, *self._ladder], self.canary, embed=True
        )
        # Not the encoder's own tables: what comes back from the bytes that a file holds.
        self._reader = codec.reader_of(load_artifact(save_artifact(parameters), MAX_MODEL_BYTES))

    def encode(
        self,
        pixels: Pixels,
        visible: Sequence[tuple[int, int]],
        kept: Sequence[bool],
        streams: Sequence[StreamsOf],
    ) -> list[CodedTile]:
        """Encode tiles.

        Args:
            pixels: uint8 (tiles, H, W, 3), padded.
            visible: Height and width of each tile's part that is not padding: what is compared.
            kept: For each tile, whether it must be lossless.
            streams: Of each tile; asked for where it is needed.
        """
        coded: dict[int, CodedTile] = {}
        lossy = []
        for index, (tile, keep) in enumerate(zip(pixels, kept, strict=True)):
            if keep or self.floor.max_error == 0:
                data = encode_lossless(tile, visible[index], streams[index](), self.jpeg_sets)
                coded[index] = CodedTile(data, EXACT, kept=keep)
            else:
                lossy.append(index)
        coded |= self._encode_lossy(pixels, visible, lossy, streams)
        return [coded[index] for index in range(len(pixels))]

    def _encode_lossy(
        self,
        pixels: Pixels,
        visible: Sequence[tuple[int, int]],
        indices: list[int],
        streams: Sequence[StreamsOf],
    ) -> dict[int, CodedTile]:
        if self.floor == Floor():
            tiles = self._codec.encode_tiles(pixels[indices], self.quality) if indices else []
            return {
                index: CodedTile(data, EXACT if encode_constant(pixels[index]) else None)
                for index, data in zip(indices, tiles, strict=True)
            }
        coded = self._try_rung(pixels, visible, indices, self.quality)
        below = [index for index in indices if index not in coded]
        climbed = self._climb(pixels, visible, below)
        for index in below:
            fallback = choose_fallback(pixels[index], self.floor, visible[index])
            tile = CodedTile(fallback, self._compare(pixels, visible, [index], [fallback])[0])
            same = encode_same(pixels[index], visible[index], streams[index](), self.jpeg_sets)
            held = [climbed.get(index, tile), tile, *([CodedTile(same, EXACT)] if same else [])]
            coded[index] = min(held, key=lambda tile: len(tile.data))
        return coded

    def _climb(
        self, pixels: Pixels, visible: Sequence[tuple[int, int]], indices: list[int]
    ) -> dict[int, CodedTile]:
        """Return the tiles that a higher rung holds, each at the lowest such rung."""
        if not self._ladder:
            return {}
        # The top first: what it cannot hold no rung does.
        held = self._try_rung(pixels, visible, indices, self._ladder[-1])
        left = list(held)
        for rung in self._ladder[:-1]:
            lower = self._try_rung(pixels, visible, left, rung)
            held |= lower
            left = [index for index in left if index not in lower]
        return held

    def _try_rung(
        self,
        pixels: Pixels,
        visible: Sequence[tuple[int, int]],
        indices: list[int],
        quality: int,
    ) -> dict[int, CodedTile]:
        """Encode tiles at a rung and return those that hold the floor."""
        if not indices:
            return {}
        tiles = self._codec.encode_tiles(pixels[indices], quality)
        fidelities = self._compare(pixels, visible, indices, tiles)
        return {
            index: CodedTile(data, fidelity)
            for index, data, fidelity in zip(indices, tiles, fidelities, strict=True)
            if self.floor.is_held(fidelity)
        }

    def _compare(
        self,
        pixels: Pixels,
        visible: Sequence[tuple[int, int]],
        indices: list[int],
        tiles: list[bytes],
    ) -> list[Fidelity]:
        return [
            compare(pixels[index, :height, :width], decoded[:height, :width])
            for index, decoded in zip(indices, self._reader.decode_tiles(tiles), strict=True)
            for height, width in (visible[index],)
        ]
