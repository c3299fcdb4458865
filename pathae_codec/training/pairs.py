"""Latents as a file holds them, with the pixels that they stand for: what a decoder learns from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Latents, Pixels
from pathae_codec.backends.choice import choose_backend
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.container import open_container
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import ModelMismatchError, SettingError
from pathae_codec.geometry import TileIndex
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.model.quantizer import dequantize, quantize
from pathae_codec.slide import open_slide
from pathae_codec.slide.interface import SlideReader
from pathae_codec.training.network_input import Crops


class Pairs(Protocol):
    """A source of latents and pixels."""

    def draw(self, random: np.random.Generator, count: int) -> tuple[Latents, Pixels]:
        """Draw float32 (count, C, h, w), dequantized, and uint8 (count, H, W, 3)."""
        ...


class TilePairs:
    """Crops of images, encoded when they are drawn and quantized each at a random rung.

    Args:
        model: With its encoder.
        crops: What to encode.
        qualities: Rungs of the model.
        backend: That runs the encoder, a name as of `choose_backend`.
    """

    def __init__(
        self, model: ModelArtifact, crops: Crops, qualities: Sequence[int], backend: str
    ) -> None:
        if model.analysis is None:
            raise SettingError(f"model {model.name}: expected its encoder too, found none")
        chosen = choose_backend(backend, model.analysis.layers)
        self._analysis = chosen.load_analysis(model.analysis, 0)
        self._crops = crops
        self._quantizers = [model.bottlenecks[quality].quantizer for quality in qualities]

    def draw(self, random: np.random.Generator, count: int) -> tuple[Latents, Pixels]:
        """See `Pairs.draw`."""
        return self.draw_at(random, random.integers(len(self._quantizers), size=count))

    def draw_at(
        self, random: np.random.Generator, rungs: NDArray[np.integer]
    ) -> tuple[Latents, Pixels]:
        """Draw as `Pairs.draw` does, each crop at a rung, which is an index into the qualities."""
        pixels = self._crops.draw(random, len(rungs))
        latents = self._analysis.analyze(pixels)
        for index, rung in enumerate(rungs):
            quantizer = self._quantizers[rung]
            symbols = quantize(latents[index : index + 1], quantizer)
            latents[index] = dequantize(symbols, quantizer, *latents.shape[2:])[0]
        return latents, pixels


@dataclass(frozen=True)
class StoredSlidePair:
    """A PathAE file and the slide that it was made from."""

    file: Path
    source: Path


class StoredPairs:
    """Latent tiles of level 0 as PathAE files store them, with the pixels of their sources.

    Tiles that reach beyond the slide, and those that hold no latent, are left out.

    Args:
        model: Whose encoder made the files.
        slides: At least one.

    Raises:
        ModelMismatchError: A file is of another encoder.
        SettingError: A source is of another size than its file, or there are no such tiles.
    """

    def __init__(self, model: ModelArtifact, slides: Sequence[StoredSlidePair]) -> None:
        self._slides = [_open(model, pair) for pair in slides]
        sizes = np.array([len(slide.tiles) for slide in self._slides])
        self._weights = sizes / sizes.sum()

    def draw(self, random: np.random.Generator, count: int) -> tuple[Latents, Pixels]:
        """See `Pairs.draw`; all of one file, since files may differ in their tiles' sides."""
        slide = self._slides[random.choice(len(self._slides), p=self._weights)]
        chosen = random.integers(len(slide.tiles), size=count)
        drawn = [_read(slide, slide.tiles[number]) for number in chosen]
        latents, pixels = zip(*drawn, strict=True)
        return np.stack(latents), np.stack(pixels)


@dataclass(frozen=True)
class _OpenPair:
    container: ContainerReader
    codec: TileCodec
    source: SlideReader
    tiles: tuple[TileIndex, ...]


def _open(model: ModelArtifact, pair: StoredSlidePair) -> _OpenPair:
    container = open_container(pair.file)
    parameters = load_artifact(container.parameters)
    if parameters.encoder_id != model.encoder_id:
        raise ModelMismatchError(
            f"file {pair.file}: expected latents of the encoder {model.encoder_id}, "
            f"got those of {parameters.encoder_id}"
        )
    source, level, side = open_slide(pair.source), container.levels[0], container.tile
    size = (source.levels[0].width, source.levels[0].height)
    if size != (level.width, level.height):
        raise SettingError(
            f"slide {pair.source}: expected {level.width} x {level.height} pixels as in "
            f"{pair.file}, got {size[0]} x {size[1]}"
        )
    whole = [
        TileIndex(row, column)
        for row in range(level.height // side)
        for column in range(level.width // side)
    ]
    tiles = tuple(index for index in whole if _holds_latent(container, index))
    if not tiles:
        raise SettingError(f"file {pair.file}: expected tiles with latents, found none")
    return _OpenPair(container, TileCodec(parameters), source, tiles)


def _holds_latent(container: ContainerReader, index: TileIndex) -> bool:
    data = container.tile_bytes(0, index)
    return data is not None and unpack_tile(data)[0].mode is Mode.LATENT


def _read(pair: _OpenPair, index: TileIndex) -> tuple[Latents, Pixels]:
    data = pair.container.tile_bytes(0, index)
    assert data is not None
    header, payload = unpack_tile(data)
    symbols = pair.codec.decode_tile_symbols([(header, payload)])
    factor, side = pair.codec.model.factor, pair.container.tile
    quantizer = pair.codec.model.bottlenecks[header.quality].quantizer
    latents = dequantize(symbols, quantizer, header.height // factor, header.width // factor)[0]
    pixels = pair.source.read_region(0, index.column * side, index.row * side, side, side)
    return latents, pixels
