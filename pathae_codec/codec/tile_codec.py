"""The tile codec: pixels <-> tile bitstreams. Holds a model; knows no file and no thread.

pixels -> analysis -> quantize -> encode_symbols -> pack_tile -> bytes
bytes -> unpack_tile -> decode_symbols -> dequantize -> synthesis -> pixels
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import groupby
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pathae_codec.backends.choice import EXACT, backend_name, choose_backend, thread_count
from pathae_codec.backends.interface import AnalysisTransform, SynthesisTransform
from pathae_codec.bitstream.constant import decode_constant, encode_constant
from pathae_codec.bitstream.fallback import decode_fallback, encode_fallback
from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.bitstream.limits import (
    MAX_LANE_STEPS,
    MAX_LANES_LOG2,
    MAX_PIXEL_CHANNELS,
    MAX_TILE_SIDE,
)
from pathae_codec.bitstream.rans import decode_symbols
from pathae_codec.bitstream.tile import Tile, unpack_tile
from pathae_codec.codec.latent import pack_latent_tiles
from pathae_codec.entry_numbers import whole
from pathae_codec.errors import FieldError, ModelMismatchError, SettingError, TileShapeError
from pathae_codec.model.artifact import Bottleneck, Canary, ModelArtifact, Transform
from pathae_codec.model.library import find_decoder
from pathae_codec.model.quantizer import dequantize, quantize
from pathae_codec.model.realism import FACES, STEPS, eighths, with_noise

Pixels = NDArray[np.uint8]

CANARY_SIDE = 16
CANARY_TOLERANCE = 2
"""Most that a canary pixel may differ, in 8-bit steps. Spec: v1, section 7.2."""
NETWORK_PIXELS = 2**22
"""Most pixels that a network is given at once: bounds the memory."""
SYMBOL_PIXELS = 2**25
"""Most pixels whose symbols are decoded at once: a symbol takes little, and numpy wants many."""


class TileCodec:
    """Encode and decode tiles with one model, or with a file's codec parameters.

    The networks are loaded when they are first needed: constant and fallback tiles decode without
    any. The first use of a decoder checks the canary.

    Args:
        model: A model, or the parameters of a file.
        backend: That runs the networks, a name as of `choose_backend`.
        threads: Of a network; 0 leaves the number to the backend.
        realism: At which tiles are decoded, 0 to 1 in eighths; None for the model's default.

    Raises:
        SettingError: A realism that is no eighth, or of a model that takes none.
    """

    def __init__(
        self,
        model: ModelArtifact,
        *,
        backend: str = "auto",
        threads: int = 0,
        realism: float | None = None,
    ) -> None:
        self.model = model
        self._backend = backend
        self._threads = whole(threads, "threads")
        self._realism = realism
        self._steps = chosen_steps(model, realism)

    def reader_of(self, parameters: ModelArtifact) -> "TileCodec":
        """Return the codec that reads a file of these codec parameters, on the same backend."""
        return TileCodec(
            parameters, backend=self._backend, threads=self._threads, realism=self._realism
        )

    def encode_tiles(self, pixels: Pixels, quality: int) -> list[bytes]:
        """Encode tiles of one shape.

        A tile of one colour becomes a constant tile. A tile that the network cannot take (another
        number of channels, a side that is no multiple of the model's factor) becomes a lossless
        fallback tile.

        Args:
            pixels: uint8 (tiles, H, W, C), C from 1 to 4.
            quality: A rung of the model, see `ModelArtifact.qualities`.

        Raises:
            TileShapeError: Not uint8 (tiles, H, W, C).
            SettingError: The model has no such quality, or no analysis network.
        """
        _check_pixels(pixels)
        quality = whole(quality, "quality")
        if quality not in self.model.bottlenecks:
            raise SettingError(f"quality: expected one of {self.model.qualities}, got {quality}")
        tiles: list[bytes | None] = [encode_constant(tile) for tile in pixels]
        left = [index for index, tile in enumerate(tiles) if tile is None]
        if left and self._fits(pixels):
            for batch in _batches(left, pixels[0, ..., 0].size, NETWORK_PIXELS):
                encoded = self._encode_latent(pixels[batch], quality)
                for index, data in zip(batch, encoded, strict=True):
                    tiles[index] = data
            left = []
        for index in left:
            tiles[index] = encode_fallback(pixels[index])
        return [tile for tile in tiles if tile is not None]

    def decode_tiles(self, tiles: Sequence[bytes]) -> list[Pixels]:
        """Decode tiles of any shapes and modes, together where they allow it.

        Returns:
            One uint8 (H, W, C) a tile.

        Raises:
            FormatError: A tile's bytes are wrong; see `unpack_tile`.
            ModelError: The decoder is missing or not the right one.
        """
        opened = [unpack_tile(tile) for tile in tiles]
        pixels: list[Pixels | None] = [None] * len(opened)
        latent = []
        for index, (header, payload) in enumerate(opened):
            match header.mode:
                case Mode.CONSTANT:
                    pixels[index] = decode_constant(header, payload)
                case Mode.FALLBACK:
                    pixels[index] = decode_fallback(header, payload)
                case Mode.LATENT:
                    latent.append(index)
        latent.sort(key=lambda index: _layout(opened[index][0]))
        for _, group in groupby(latent, key=lambda index: _layout(opened[index][0])):
            alike = list(group)
            header = opened[alike[0]][0]
            for batch in _batches(alike, header.height * header.width, SYMBOL_PIXELS):
                decoded = self._decode_latent([opened[index] for index in batch])
                for index, tile in zip(batch, decoded, strict=True):
                    pixels[index] = tile
        return [tile for tile in pixels if tile is not None]

    def decode_tile_symbols(self, tiles: Sequence[Tile]) -> NDArray[np.uint16]:
        """Decode the symbols of latent tiles of one shape and quality: exact everywhere.

        Returns:
            uint16 (tiles, latent channels, h * w), positions row by row.
        """
        header = tiles[0][0]
        bottleneck = self._bottleneck(header)
        sets = np.array([header.table_set for header, _ in tiles])
        if sets.max() >= bottleneck.tables.sets:
            raise FieldError(
                f"tile table_set: expected below {bottleneck.tables.sets}, got {sets.max()}"
            )
        height, width = self._latent_size(header)
        positions, lanes = height * width, np.array([1 << header.coding for header, _ in tiles])
        if positions > MAX_LANE_STEPS * lanes.min():
            raise FieldError(
                f"tile lanes: expected {-(-positions // MAX_LANE_STEPS)} or more for a latent of "
                f"{width} x {height}, got {lanes.min()}"
            )
        symbols = np.empty((len(tiles), len(bottleneck.tables.channels), positions), np.uint16)
        for count in np.unique(lanes).tolist():
            indices = np.flatnonzero(lanes == count)
            payloads = [tiles[index][1] for index in indices.tolist()]
            symbols[indices] = decode_symbols(
                payloads, bottleneck.tables, sets[indices], positions, count
            )
        return symbols

    def analyze_tiles(self, pixels: Pixels, quality: int) -> NDArray[np.uint16]:
        """Return the symbols of tiles of one shape, whatever mode they would be encoded in.

        Args:
            pixels: uint8 (tiles, H, W, 3), sides multiples of the model's factor.
            quality: A rung of the model.

        Returns:
            uint16 (tiles, latent channels, h * w), positions row by row.

        Raises:
            SettingError: The model has no analysis network.
        """
        bottleneck = self.model.bottlenecks[whole(quality, "quality")]
        return quantize(self._analysis.analyze(pixels), bottleneck.quantizer)

    def make_canary(self, quality: int) -> Canary:
        """Encode a fixed test pattern; its pixels are from a backend that holds the tolerance."""
        quality = whole(quality, "quality")
        # Two positions a side: one alone would not show what goes on between them.
        side = max(CANARY_SIDE, 2 * self.model.factor)
        (tile,) = self._encode_latent(_test_pattern(side)[None], quality)
        name = backend_name(self._backend, self._decoder.layers)
        exact = EXACT.get(name, name)

        def face(realism: float | None) -> Pixels:
            return TileCodec(self.model, backend=exact, realism=realism).decode_tiles([tile])[0]

        faces = FACES if self.model.realism else ()
        return Canary(tile, face(None), {steps: face(steps / STEPS) for steps in faces})

    def _check_canary(self, synthesis: SynthesisTransform, wanted: Pixels) -> None:
        """Decode the file's canary and compare.

        Raises:
            ModelMismatchError: The pixels differ: a wrong or damaged decoder, or a broken backend.
        """
        assert self.model.canary is not None, "the caller looks"
        tile = unpack_tile(self.model.canary.tile)
        found = synthesis.synthesize(self._latents(self.decode_tile_symbols([tile]), [tile]))[0]
        if found.shape != wanted.shape:
            raise ModelMismatchError(f"canary: expected pixels {wanted.shape}, got {found.shape}")
        worst = int(np.abs(found.astype(np.int16) - wanted).max())
        if worst > CANARY_TOLERANCE:
            raise ModelMismatchError(
                f"canary of model {self.model.name}: expected pixels within {CANARY_TOLERANCE}, "
                f"got one off by {worst}; the decoder is not the one that the file was made for, "
                "or PATHAE_BACKEND names one that is too coarse for it"
            )

    @cached_property
    def _analysis(self) -> AnalysisTransform:
        if self.model.analysis is None:
            raise SettingError(
                f"model {self.model.name}: expected an encoder, it has only a decoder"
            )
        transform = self.model.analysis
        backend = choose_backend(self._backend, transform.layers)
        return backend.load_analysis(transform, thread_count(self._threads))

    @property
    def _decoder(self) -> Transform:
        model, sources = self.model, self.model.card.get("sources")
        return model.synthesis or find_decoder(model.decoder_id, model.name, sources)

    @cached_property
    def _synthesis(self) -> SynthesisTransform:
        decoder, canary = self._decoder, self.model.canary
        synthesis = self._load(decoder, self._steps)
        if canary is not None:
            default = chosen_steps(self.model, None)
            shown = {**canary.faces, default: canary.pixels}
            # A face that the canary does not show is of the same weights as the one that it does.
            steps = self._steps if self._steps in shown else default
            checked = synthesis if steps == self._steps else self._load(decoder, steps)
            self._check_canary(checked, shown[steps])
        return synthesis

    def _load(self, decoder: Transform, steps: int) -> SynthesisTransform:
        backend = choose_backend(self._backend, decoder.layers)
        return backend.load_synthesis(decoder.face(steps), thread_count(self._threads))

    def _fits(self, pixels: Pixels) -> bool:
        _, height, width, channels = pixels.shape
        factor = self.model.factor
        positions = (height // factor) * (width // factor)
        divides = height % factor == 0 and width % factor == 0
        return bool(channels == 3 and divides and positions <= MAX_LANE_STEPS << MAX_LANES_LOG2)

    def _encode_latent(self, pixels: Pixels, quality: int) -> list[bytes]:
        symbols = self.analyze_tiles(pixels, quality)
        bottleneck = self.model.bottlenecks[quality]
        return pack_latent_tiles(symbols, bottleneck, quality, *pixels.shape[1:3])

    def _decode_latent(self, tiles: Sequence[Tile]) -> Pixels:
        # Symbols first: a tile that is wrong in itself is told so without a decoder at hand.
        symbols, header = self.decode_tile_symbols(tiles), tiles[0][0]
        batches = _batches(range(len(tiles)), header.height * header.width, NETWORK_PIXELS)
        return np.concatenate(
            [
                self._synthesis.synthesize(self._latents(symbols[batch], [tiles[i] for i in batch]))
                for batch in batches
            ]
        )

    def _latents(self, symbols: NDArray[np.uint16], tiles: Sequence[Tile]) -> NDArray[np.float32]:
        """Return what the synthesis takes for the symbols of tiles of one shape and quality."""
        header, realism = tiles[0][0], self.model.realism
        quantizer = self._bottleneck(header).quantizer
        latents = dequantize(symbols, quantizer, *self._latent_size(header))
        if realism is None:
            return latents
        seeds = np.array([crc32(payload) for _, payload in tiles], np.uint32)
        return with_noise(latents, seeds, realism.noise_channels)

    def _bottleneck(self, header: TileHeader) -> Bottleneck:
        bottleneck = self.model.bottlenecks.get(header.quality)
        if bottleneck is None:
            raise FieldError(
                f"tile quality: expected one of {self.model.qualities}, got {header.quality}"
            )
        return bottleneck

    def _latent_size(self, header: TileHeader) -> tuple[int, int]:
        factor = self.model.factor
        if header.channels != 3 or header.height % factor or header.width % factor:
            raise FieldError(
                f"latent tile: expected 3 channels and sides that are multiples of {factor}, got "
                f"{header.channels} channels and {header.width} x {header.height}"
            )
        return header.height // factor, header.width // factor


def chosen_steps(model: ModelArtifact, realism: float | None) -> int:
    """Return the eighths at which tiles of a model are decoded; 0 where it takes no realism.

    Args:
        model: A model, or the parameters of a file.
        realism: What a user asked for, 0 to 1; None for the model's default.

    Raises:
        SettingError: No eighth, or the model takes none.
    """
    if realism is None:
        return model.realism.default if model.realism else 0
    if model.realism is None:
        raise SettingError(
            f"realism: expected a model that takes it, got {model.name}, which has one face only"
        )
    return eighths(realism)


def _check_pixels(pixels: Pixels) -> None:
    limits = (MAX_TILE_SIDE, MAX_TILE_SIDE, MAX_PIXEL_CHANNELS)
    if (
        pixels.dtype != np.uint8
        or pixels.ndim != 4
        or not all(1 <= n <= limit for n, limit in zip(pixels.shape[1:], limits, strict=True))
    ):
        raise TileShapeError(
            f"tiles: expected uint8 (tiles, 1 to {MAX_TILE_SIDE}, 1 to {MAX_TILE_SIDE}, 1 to "
            f"{MAX_PIXEL_CHANNELS}), got {pixels.dtype} {pixels.shape}"
        )


def _layout(header: TileHeader) -> tuple[int, ...]:
    return header.height, header.width, header.channels, header.quality


def _batches(indices: Sequence[int], tile_pixels: int, most: int) -> Iterable[list[int]]:
    count = max(1, most // tile_pixels)
    for first in range(0, len(indices), count):
        yield list(indices[first : first + count])


def _test_pattern(side: int) -> Pixels:
    """Ramps of red over columns and blue over rows around tissue's pink, (side, side, 3)."""
    ramp = np.linspace(-60, 60, side)
    rows, columns = np.meshgrid(ramp, ramp, indexing="ij")
    planes = [180 + columns, 120 + (rows + columns) / 4, 170 + rows]
    return np.stack(planes, axis=-1).astype(np.uint8)
