"""What is done to a file of ours by accident or on purpose: tiles lost, swapped, written over."""

import shutil
from pathlib import Path

import numpy as np
import tifffile
import zarr

from pathae_codec.container import open_container
from pathae_codec.geometry import TileIndex
from pathae_codec.storage.stored_tile import StoredTile


def copied(path: Path, folder: Path, name: str | None = None) -> Path:
    """Copy a container into a folder and return its path there."""
    target = folder / (name or path.name)
    if path.is_dir():
        shutil.copytree(path, target)
    else:
        shutil.copy(path, target)
    return target


def stored_tile(path: Path, level: int, row: int, column: int) -> StoredTile:
    """Return where a tile lies."""
    tiles = open_container(path).stored_tiles(level)
    return next(tile for tile in tiles if tile.index == TileIndex(row, column))


def take(path: Path, level: int, row: int, column: int) -> bytes:
    """Return the bytes of a tile without the checks of a reader."""
    place = stored_tile(path, level, row, column).place
    file = path / place.name if place.name else path
    return file.read_bytes()[place.start : place.stop]


def put(path: Path, level: int, row: int, column: int, data: bytes) -> None:
    """Write the bytes of a tile over another: what a careful attacker does, or a wrong script."""
    if path.is_file():
        _put_in_tiff(path, level, row, column, data)
        return
    place = stored_tile(path, level, row, column).place
    file = path / place.name
    if (path / ".zattrs").exists():
        file.write_bytes(data)
        return
    shard = bytearray(file.read_bytes())
    count = _tiles_of_shard(path, level)
    _rewrite_shard(file, bytes(shard), count, {place.start: data})


def swap(
    path: Path, first: tuple[int, int, int], second: tuple[int, int, int], other: Path | None = None
) -> None:
    """Swap two tiles, each a level, row and column; the second may lie in another file."""
    second_file = other or path
    ours, theirs = take(path, *first), take(second_file, *second)
    assert ours != theirs
    put(path, *first, theirs)
    put(second_file, *second, ours)


def write_over(path: Path, value: int) -> None:
    """Write all of level 0 as whoever opens it read-write may do."""
    level = zarr.open_group(path, mode="r+")["0"]
    assert isinstance(level, zarr.Array)
    level[...] = value


def shards(path: Path, level: int) -> list[Path]:
    """Return the files of a level that hold tiles."""
    return sorted(
        file for file in (path / str(level)).rglob("*") if file.is_file() and file.name.isdigit()
    )


def _put_in_tiff(path: Path, level: int, row: int, column: int, data: bytes) -> None:
    with tifffile.TiffFile(path, mode="r+") as tiff:
        page = [p for p in tiff.pages if isinstance(p, tifffile.TiffPage) and p.is_tiled][level]
        number = row * -(-page.imagewidth // page.tilewidth) + column
        with path.open("r+b") as file:
            end = file.seek(0, 2)
            file.write(data)
        for tag, value in ((324, end), (325, len(data))):
            values = list(page.tags[tag].value)
            values[number] = value
            page.tags[tag].overwrite(values)


def _tiles_of_shard(path: Path, level: int) -> int:
    level_array = zarr.open_group(path, mode="r")[str(level)]
    assert isinstance(level_array, zarr.Array)
    assert level_array.shards is not None
    return int(np.prod(np.array(level_array.shards) // np.array(level_array.chunks)))


def _rewrite_shard(file: Path, shard: bytes, count: int, changed: dict[int, bytes]) -> None:
    from pathae_codec.ome_zarr.shard import index_bytes, pack_shard, unpack_index

    index = unpack_index(shard[-index_bytes(count) :], count, file.name)
    chunks = [
        None if entry is None else changed.get(entry[0], shard[entry[0] : entry[0] + entry[1]])
        for entry in index
    ]
    packed = pack_shard(chunks)
    assert packed is not None
    file.write_bytes(packed)
