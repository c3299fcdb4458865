"""Stored tiles of many slides for training: a dataset of latents, symbols or pixels."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from pathae_codec.bitstream.constant import constant_bytes
from pathae_codec.codec.decode_queue import reader_realism
from pathae_codec.container import open_container
from pathae_codec.container.presence import all_stored_tiles
from pathae_codec.entry_numbers import whole
from pathae_codec.errors import SettingError
from pathae_codec.geometry import TileIndex, tile_grid
from pathae_codec.regions.cache import TileCache
from pathae_codec.regions.stored_slide import StoredSlide
from pathae_codec.regions.tile_latents import read_tile_latents, read_tile_symbols
from pathae_codec.storage.address import shown
from pathae_codec.storage.location import Location

Values = Literal["latents", "symbols", "pixels"]


class TileSample(NamedTuple):
    """One tile; a `DataLoader` makes batches of each field.

    Attributes:
        values: float32 latents (C, T / factor, T / factor), int32 symbols of that shape, or uint8
            pixels (3, T, T), with the padding of tiles at the right and bottom border.
        slide: Place in the list of slides.
        x, y: Upper left corner, pixels of the level.
    """

    values: torch.Tensor
    slide: int
    x: int
    y: int


@dataclass(frozen=True)
class _Tiles:
    """Which tiles of a slide are in the dataset."""

    location: Location
    indices: tuple[TileIndex, ...]
    realism: float | None


class TileDataset(Dataset[TileSample]):
    """All tiles of a level of many slides, or those with tissue.

    Works with any number of workers, forked or spawned: each opens the slides for itself when it
    first needs them. Tiles of a batch are decoded together.

    Args:
        slides: Paths or URLs of PathAE files, TIFF or OME-Zarr.
        values: `latents` and `symbols` never run the decoder network.
        level: A level of every slide.
        tissue: Leave out tiles of one colour, such as glass; read off their stored size.
        scaled: Latents as generative models take them; see `PathAESlide.read_latents`.
        transform: Applied to the values of each tile.
        realism: Of pixels, see `PathAESlide`.

    Raises:
        SettingError: No slides, one path in place of a list, no such values, a slide without that
            level, or a realism for what is not decoded or of a model that takes none.
        SlideNotFoundError, FormatError: A slide cannot be opened, or a tile of it is missing.
    """

    def __init__(
        self,
        slides: Sequence[Location],
        values: Values = "latents",
        *,
        level: int = 0,
        tissue: bool = True,
        scaled: bool = True,
        transform: Callable[[torch.Tensor], torch.Tensor] | None = None,
        realism: float | None = None,
    ) -> None:
        if not slides:
            raise SettingError("slides: expected one or more paths, got none")
        if values not in _READERS:
            raise SettingError(f"values: expected one of {', '.join(_READERS)}, got {values!r}")
        if isinstance(slides, str | bytes | os.PathLike):
            raise SettingError(f"slides: expected a list of paths, got one path, {slides!r:.200}")
        if realism is not None and values != "pixels":
            raise SettingError(f"realism: expected with values of 'pixels', got {values!r}")
        level = whole(level, "level")
        self.values, self.level, self.scaled, self.transform = values, level, scaled, transform
        self._tiles = [
            _find_tiles(location, level, tissue=tissue, realism=realism) for location in slides
        ]
        self._ends = np.cumsum([len(tiles.indices) for tiles in self._tiles])
        self._open: dict[int, StoredSlide] = {}

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, number: int) -> TileSample:
        return self.__getitems__([number])[0]

    def __getitems__(self, numbers: Sequence[int]) -> list[TileSample]:
        """Return the tiles of a batch, in the order asked for; `DataLoader` calls this."""
        places = [self._place(whole(number, "tile")) for number in numbers]
        found: dict[int, TileSample] = {}
        for slide in {slide for slide, _ in places}:
            mine = [n for n, (other, _) in enumerate(places) if other == slide]
            for n, values in zip(
                mine, self._read(slide, [places[n][1] for n in mine]), strict=True
            ):
                found[n] = self._sample(values, *places[n])
        return [found[n] for n in range(len(places))]

    def __getstate__(self) -> dict[str, Any]:
        # Spawned workers open the slides anew.
        return self.__dict__ | {"_open": {}}

    def _place(self, number: int) -> tuple[int, TileIndex]:
        if not -len(self) <= number < len(self):
            raise IndexError(f"tile: expected one of {len(self)}, got {number}")
        number %= len(self)
        slide = int(np.searchsorted(self._ends, number, "right"))
        indices = self._tiles[slide].indices
        return slide, indices[number - int(self._ends[slide]) + len(indices)]

    def _read(self, slide: int, indices: Sequence[TileIndex]) -> NDArray[Any]:
        if slide not in self._open:
            self._open[slide] = _open_slide(self._tiles[slide])
        return _READERS[self.values](self, self._open[slide], indices)

    def _sample(self, values: NDArray[Any], slide: int, index: TileIndex) -> TileSample:
        tensor = torch.from_numpy(np.ascontiguousarray(values))
        if self.transform is not None:
            tensor = self.transform(tensor)
        side = self._open[slide].container.tile
        return TileSample(tensor, slide, index.column * side, index.row * side)


def _latents(dataset: TileDataset, slide: StoredSlide, tiles: Sequence[TileIndex]) -> NDArray[Any]:
    return read_tile_latents(slide, dataset.level, tiles, scaled=dataset.scaled)


def _symbols(dataset: TileDataset, slide: StoredSlide, tiles: Sequence[TileIndex]) -> NDArray[Any]:
    found = read_tile_symbols(slide, dataset.level, tiles)
    return np.stack([tile.symbols for tile in found]).astype(np.int32)


def _pixels(dataset: TileDataset, slide: StoredSlide, tiles: Sequence[TileIndex]) -> NDArray[Any]:
    return np.stack(list(slide.read_tiles(dataset.level, tiles))).transpose(0, 3, 1, 2)


_READERS = {"latents": _latents, "symbols": _symbols, "pixels": _pixels}


def _open_slide(tiles: _Tiles) -> StoredSlide:
    container = open_container(tiles.location)
    # Training does not come back to a tile soon: nothing is kept.
    return StoredSlide(container, container.parameters, TileCache(0), tiles.realism)


def _find_tiles(location: Location, level: int, *, tissue: bool, realism: float | None) -> _Tiles:
    container = open_container(location)
    if not 0 <= level < len(container.levels):
        raise SettingError(
            f"level of {shown(location)}: expected 0 to {len(container.levels) - 1}, got {level}"
        )
    chosen = reader_realism(container.parameters, realism)
    if not tissue:
        tiles = tuple(tile_grid(container.levels[level], container.tile))
        return _Tiles(location, tiles, chosen)
    # No tile of another mode is as short.
    most = constant_bytes(channels=3)
    stored = all_stored_tiles(container, level)
    tiles = tuple(sorted(t.index for t in stored if t.place.length > most))
    return _Tiles(location, tiles, chosen)
