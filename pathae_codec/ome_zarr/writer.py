"""OME-Zarr: 0.5 (zarr v3, sharded) and 0.4 (zarr v2, one file a tile). Spec: v1, OME-Zarr binding.

The tiles arrive encoded, so that metadata and shards are all there is to write; the plugins decode
them for every reader.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from pathae_codec.bitstream.constant import encode_white
from pathae_codec.bitstream.limits import MAX_RECORD_BYTES
from pathae_codec.configuration import build_configuration, level_parameters
from pathae_codec.errors import SettingError
from pathae_codec.fallback_choice import choose_fallback
from pathae_codec.fidelity import Floor
from pathae_codec.geometry import Level, TileIndex, grid_shape
from pathae_codec.ome_zarr.consolidated import FILE_V2, consolidated_v2, consolidated_v3
from pathae_codec.ome_zarr.metadata import (
    AXES,
    LEDGER,
    Json,
    array_v2,
    array_v3,
    ledger_chunk,
    ledger_v2,
    ledger_v3,
    record_attributes,
)
from pathae_codec.ome_zarr.shard import pack_shard
from pathae_codec.record.description import SlideDescription

SHARD_TILES = 8
ASSOCIATED_FLOOR = Floor(min_psnr=32.0)


class OmeZarrContainer:
    """An OME-Zarr group being written."""

    def __init__(self, path: Path, description: SlideDescription, ngff: str) -> None:
        self._path = path
        self._description = description
        self._draft = description.draft()
        self._sharded = ngff == "0.5"
        self._white = encode_white(description.record.tile)
        self._metadata: dict[str, Json] = {}
        path.mkdir()

    def tile_order(self, level: Level) -> Iterator[TileIndex]:
        """Return the tiles shard by shard, and row by row within a shard."""
        for shard in self._shards(level):
            yield from shard

    def write_level(self, level: Level, tiles: Iterable[bytes]) -> None:
        """Store a level's tiles; a white tile is omitted, since the fill value is white."""
        array = self._path / str(level.index)
        tile, shape = self._description.record.tile, (3, level.height, level.width)
        supply = iter(tiles)
        chunks = self._chunk_tiles(level)
        parameters = level_parameters(self._description.parameters, level.index)
        self._write_array(array, shape, (3, tile, tile), chunks, parameters)
        for shard in self._shards(level):
            stored = {index: next(supply) for index in shard}
            for index, data in stored.items():
                self._draft.note(level.index, index, data, omitted=data == self._white)
            self._write_shard(array, level, stored)

    def finish(self) -> None:
        """Store associated images and the group's metadata: the last of all to be written."""
        if self._description.associated:
            folder = self._path / "associated"
            folder.mkdir()
            self._write_group(folder, {}, {})
        for name, pixels in self._description.associated.items():
            array = self._path / "associated" / name
            shape = (3, *pixels.shape[:2])
            self._write_array(array, shape, shape, None, b"")
            kept = self._description.keeps_all_of(name)
            floor = Floor(max_error=0) if kept else ASSOCIATED_FLOOR
            self._write_chunk(array, (0, 0, 0), choose_fallback(pixels, floor))
        slide, ngff = self._description, "0.5" if self._sharded else "0.4"
        record, ledger = slide.settle(self._draft)
        self._write_ledger(ledger)
        attributes = record_attributes(slide.levels, record, slide.icc_profile, ngff)
        # A codec of zarr sees one array: by the group's metadata it has level 0's decoder too.
        shared = level_parameters(slide.parameters, 1) != slide.parameters
        self._write_group(self._path, attributes, self._metadata if shared else {})

    def _chunk_tiles(self, level: Level) -> tuple[int, int]:
        """Return rows and columns of tiles in a shard; a small level has but one small shard."""
        rows, columns = grid_shape(level, self._description.record.tile)
        return (min(rows, SHARD_TILES), min(columns, SHARD_TILES)) if self._sharded else (1, 1)

    def _shards(self, level: Level) -> Iterator[list[TileIndex]]:
        rows, columns = grid_shape(level, self._description.record.tile)
        high, wide = self._chunk_tiles(level)
        for top in range(0, rows, high):
            for left in range(0, columns, wide):
                yield [
                    TileIndex(row, column)
                    for row in range(top, min(top + high, rows))
                    for column in range(left, min(left + wide, columns))
                ]

    def _write_shard(self, array: Path, level: Level, tiles: dict[TileIndex, bytes]) -> None:
        high, wide = self._chunk_tiles(level)
        first = min(tiles)
        chunks = [
            tiles.get(TileIndex(first.row + row, first.column + column))
            for row in range(high)
            for column in range(wide)
        ]
        kept = [None if chunk == self._white else chunk for chunk in chunks]
        data = pack_shard(kept) if self._sharded else kept[0]
        if data is not None:
            self._write_chunk(array, (0, first.row // high, first.column // wide), data)

    def _write_chunk(self, array: Path, key: tuple[int, int, int], data: bytes) -> None:
        path = array.joinpath(*(["c"] if self._sharded else []), *map(str, key))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def _write_array(
        self,
        array: Path,
        shape: tuple[int, ...],
        chunk: tuple[int, ...],
        shard: tuple[int, int] | None,
        parameters: bytes,
    ) -> None:
        array.mkdir()
        configuration = build_configuration(parameters, quality=None)
        if self._sharded:
            metadata = array_v3(shape, chunk, shard, configuration)
            self._write_json(array / "zarr.json", metadata)
        else:
            self._write_json(array / ".zarray", array_v2(shape, chunk, configuration))
            self._write_json(array / ".zattrs", {"_ARRAY_DIMENSIONS": list(AXES)})

    def _write_ledger(self, ledger: bytes) -> None:
        array, version = self._path / LEDGER, 3 if self._sharded else 2
        chunk = self._path / ledger_chunk(version)
        chunk.parent.mkdir(parents=True)
        chunk.write_bytes(ledger)
        if self._sharded:
            self._write_json(array / "zarr.json", ledger_v3(len(ledger)))
        else:
            self._write_json(array / ".zarray", ledger_v2(len(ledger)))

    def _write_group(self, path: Path, attributes: Json, nodes: dict[str, Json]) -> None:
        if self._sharded:
            group = {"zarr_format": 3, "node_type": "group", "attributes": attributes}
            within = {"consolidated_metadata": consolidated_v3(nodes)} if nodes else {}
            self._write_json(path / "zarr.json", group | within)
            return
        self._write_json(path / ".zgroup", {"zarr_format": 2})
        self._write_json(path / ".zattrs", attributes)
        if nodes:
            self._write_json(path / FILE_V2, consolidated_v2(nodes))

    def _write_json(self, path: Path, value: Json) -> None:
        text = json.dumps(value, indent=1)
        if len(text) > MAX_RECORD_BYTES:
            raise SettingError(
                f"file {path.name}: expected {MAX_RECORD_BYTES} bytes at most, got {len(text)}; "
                "the model is too large to be embedded in an OME-Zarr"
            )
        path.write_text(text, "utf-8")
        self._metadata[path.relative_to(self._path).as_posix()] = value
