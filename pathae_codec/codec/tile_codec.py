"""The tile codec: pixels <-> tile bitstreams. Holds a model; knows no file and no thread.

pixels -> analysis -> quantize -> encode_symbols -> pack_tile -> bytes
bytes -> unpack_tile -> decode_symbols -> dequantize -> synthesis -> pixels
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.backends.choice import (
    EXACT,
    backend_name,
    choose_backend,
    load_gradient,
    thread_count,
)
from pathae_codec.backends.interface import AnalysisTransform, SynthesisTransform
from pathae_codec.bitstream.constant import decode_constant, encode_constant
from pathae_codec.bitstream.exact import decode_exact
from pathae_codec.bitstream.fallback import decode_fallback, encode_fallback
from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.bitstream.limits import (
    MAX_LANE_STEPS,
    MAX_LANES_LOG2,
    MAX_PIXEL_CHANNELS,
    MAX_TILE_SIDE,
)
from pathae_codec.bitstream.tile import Tile, unpack_tile
from pathae_codec.codec.batches import (
    NETWORK_PIXELS,
    SYMBOL_PIXELS,
    check_tile_memory,
    in_batches,
    synthesis_tiles,
)
from pathae_codec.codec.effort import LEAST, checked_effort, search_steps
from pathae_codec.codec.faces import (
    check_decoder,
    check_face,
    chosen_steps,
    draw_canary,
    shown_faces,
    synthesis_inputs,
)
from pathae_codec.codec.latent import pack_latent_tiles, unpack_latent_tiles
from pathae_codec.codec.symbol_search import SymbolSearch
from pathae_codec.entry_numbers import whole
from pathae_codec.errors import SettingError, TileShapeError
from pathae_codec.model.artifact import Canary, ModelArtifact, Transform
from pathae_codec.model.library import find_decoder
from pathae_codec.model.quantizer import quantize
from pathae_codec.model.realism import FACES, STEPS


class TileCodec:
    """Encode and decode tiles with one model, or with a file's codec parameters.

    The networks are loaded when they are first needed: constant, fallback and exact tiles decode
    without any. The first use of a decoder checks the canary.

    Args:
        model: A model, or the parameters of a file.
        backend: That runs the networks, a name as of `choose_backend`.
        threads: Of a network; 0 leaves the number to the backend.
        realism: At which tiles are decoded, 0 to 1 in eighths; None for the model's default.
        effort: At which tiles are encoded, 1 to 9: at 1 each latent is rounded once, above better
            symbols are searched for, on torch; the same bytes for the same tile and machine.

    Raises:
        SettingError: A realism that is no eighth, or of a model that takes none; no such effort.
        BackendUnavailableError: An effort above 1 without torch.
    """

    def __init__(
        self,
        model: ModelArtifact,
        *,
        backend: str = "auto",
        threads: int = 0,
        realism: float | None = None,
        effort: int = LEAST,
    ) -> None:
        self.model = model
        self.effort = checked_effort(effort)
        self._backend = backend
        self._threads = whole(threads, "threads")
        self._realism = realism
        self._steps = model.default_steps if realism is None else chosen_steps(model, realism)

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
            SettingError: The model has no such quality, or no analysis network; or the quality is
                no rung of a ladder, at an effort above 1.
        """
        _check_pixels(pixels)
        quality = whole(quality, "quality")
        if quality not in self.model.bottlenecks:
            raise SettingError(f"quality: expected one of {self.model.qualities}, got {quality}")
        tiles: list[bytes | None] = [encode_constant(tile) for tile in pixels]
        left = [index for index, tile in enumerate(tiles) if tile is None]
        if left and self._fits(pixels):
            for batch in in_batches(left, max(1, NETWORK_PIXELS // pixels[0, ..., 0].size)):
                encoded = self._encode_latent(pixels[batch], quality, self.effort)
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
                case Mode.EXACT:
                    pixels[index] = decode_exact(header, payload, self.model.jpeg_sets)
                case Mode.LATENT:
                    latent.append(index)
        latent.sort(key=lambda index: _layout(opened[index][0]))
        for _, group in groupby(latent, key=lambda index: _layout(opened[index][0])):
            alike = list(group)
            header = opened[alike[0]][0]
            check_tile_memory(self.model, header)
            for batch in in_batches(alike, max(1, SYMBOL_PIXELS // (header.height * header.width))):
                decoded = self._decode_latent([opened[index] for index in batch])
                for index, tile in zip(batch, decoded, strict=True):
                    pixels[index] = tile
        return [tile for tile in pixels if tile is not None]

    def decode_tile_symbols(self, tiles: Sequence[Tile]) -> NDArray[np.uint16]:
        """Decode the symbols of latent tiles of one shape and quality: exact everywhere.

        Returns:
            uint16 (tiles, latent channels, h * w), positions row by row.
        """
        return unpack_latent_tiles(self.model, tiles)

    def analyze_tiles(self, pixels: Pixels, quality: int) -> NDArray[np.uint16]:
        """Return the symbols of tiles of one shape, whatever mode they would be encoded in.

        They are those of effort 1.

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
        """Encode a fixed pattern; its pixels are from a backend that holds the tolerance."""
        quality = whole(quality, "quality")
        (tile,) = self._encode_latent(draw_canary(self.model.factor)[None], quality, LEAST)
        return self.canary_of(tile)

    def canary_of(self, tile: bytes) -> Canary:
        """Return a latent tile as a canary, with every face of the model; see `make_canary`."""
        name = backend_name(self._backend, self._decoder.layers)
        exact = EXACT.get(name, name)

        def face(realism: float | None) -> Pixels:
            return TileCodec(self.model, backend=exact, realism=realism).decode_tiles([tile])[0]

        faces = FACES if self.model.realism else ()
        return Canary(tile, face(None), {steps: face(steps / STEPS) for steps in faces})

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
        if model.synthesis:
            return model.synthesis
        found = find_decoder(model.decoder_id, model.name, sources)
        check_decoder(model, found)
        return found

    @cached_property
    def _synthesis(self) -> SynthesisTransform:
        decoder = self._decoder
        synthesis = self._load(decoder, self._steps)
        for steps, pixels in shown_faces(self.model, self._steps):
            face = synthesis if steps == self._steps else self._load(decoder, steps)
            check_face(self.model, self._canary_of_face(face), pixels)
        return synthesis

    @cached_property
    def _search(self) -> SymbolSearch:
        decoder, realism = self._decoder, self.model.realism
        check_decoder(self.model, decoder)
        gradient = load_gradient(decoder.face(0), realism.noise_channels if realism else 0)
        return SymbolSearch(self.model, gradient, search_steps(self.effort))

    def _canary_of_face(self, face: SynthesisTransform) -> Pixels:
        assert self.model.canary is not None, "it shows the faces"
        tile = unpack_tile(self.model.canary.tile)
        symbols = self.decode_tile_symbols([tile])
        pixels: Pixels = face.synthesize(synthesis_inputs(self.model, symbols, [tile]))[0]
        return pixels

    def _load(self, decoder: Transform, steps: int) -> SynthesisTransform:
        backend = choose_backend(self._backend, decoder.layers)
        return backend.load_synthesis(decoder.face(steps), thread_count(self._threads))

    def _fits(self, pixels: Pixels) -> bool:
        _, height, width, channels = pixels.shape
        factor = self.model.factor
        positions = (height // factor) * (width // factor)
        divides = height % factor == 0 and width % factor == 0
        return bool(channels == 3 and divides and positions <= MAX_LANE_STEPS << MAX_LANES_LOG2)

    def _encode_latent(self, pixels: Pixels, quality: int, effort: int) -> list[bytes]:
        bottleneck = self.model.bottlenecks[quality]
        if effort == LEAST:
            symbols = self.analyze_tiles(pixels, quality)
        else:
            symbols = self._search.search(pixels, self._analysis.analyze(pixels), quality)
        return pack_latent_tiles(symbols, bottleneck, quality, *pixels.shape[1:3])

    def _decode_latent(self, tiles: Sequence[Tile]) -> Pixels:
        # Symbols first: a tile that is wrong in itself is told so without a decoder at hand.
        symbols, header = self.decode_tile_symbols(tiles), tiles[0][0]
        count = synthesis_tiles(self.model, self._decoder, header)
        batches = in_batches(range(len(tiles)), count)
        inputs = (
            synthesis_inputs(self.model, symbols[batch], [tiles[index] for index in batch])
            for batch in batches
        )
        return np.concatenate([self._synthesis.synthesize(given) for given in inputs])


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
