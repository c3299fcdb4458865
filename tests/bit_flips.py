"""Flip every bit of a converted file: pixels stay as they were, or the reader says what is wrong.

By hand: python -m tests.bit_flips

A flip in a tile's bytes is read by decoding that tile; any other by opening the file anew and
comparing all that pixels come from: levels, codec parameters, the bytes of each tile. Where these
differ and nothing was refused, all tiles are decoded and compared. Readers never change what they
open, so both are the same as reading everything after every flip.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.container.interface import ContainerReader
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import PathAEError
from pathae_codec.geometry import TileIndex, tile_grid
from pathae_codec.model.artifact_file import load_artifact, save_artifact
from tests.memory_storage import load_files, open_files
from tests.tiny_model import tiny_model

LEAST_BYTES = 50_000
SIDES = {"flips.tif": 740, "flips.ome.zarr": 1000, "flips-0.4.ome.zarr": 1100, "exact.tif": 480}
"""Width of the slide that is drawn for each file, so that it has `LEAST_BYTES`."""
TILE = 64
SOURCE_TILE = 256
"""Of the drawn slide: an exact file follows it."""
Place = tuple[int, TileIndex]
Span = tuple[str, int, int]
"""A file, and where in it a tile begins and ends."""


@dataclass(frozen=True)
class Flip:
    """A bit that is turned: of which file, which byte, which bit."""

    file: str
    byte: int
    bit: int


class Whole:
    """A sound file in memory, and what its pixels come from."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.container = open_files(files)
        self.tiles = read_tiles(self.container)
        self.codec = load_codec(self.container.parameters)
        self.pixels = dict(
            zip(self.tiles, self.codec.decode_tiles(list(self.tiles.values())), strict=True)
        )
        self.spans = {
            span: place for place, data in self.tiles.items() for span in self._find(data)
        }
        self.tile_at = {
            (file, byte): (place, start)
            for (file, start, end), place in self.spans.items()
            for byte in range(start, end)
        }

    def flips(self) -> Iterator[Flip]:
        """Return every bit of every file."""
        for file, data in self.files.items():
            for byte in range(len(data)):
                for bit in range(8):
                    yield Flip(file, byte, bit)

    def area(self, flip: Flip) -> str:
        """Say what a bit belongs to."""
        if (flip.file, flip.byte) in self.tile_at:
            return "tile"
        if flip.file.startswith("associated/"):
            return "thumbnail"
        if flip.file:
            return "shard index" if flip.file[-1].isdigit() else flip.file.rsplit("/", 1)[-1]
        at = self.files[""].find(self.container.parameters)
        if at <= flip.byte < at + len(self.container.parameters):
            return "codec parameters"
        return "tags, tables, record, thumbnail"

    def read(self, flip: Flip) -> str:
        """Say what a reader says of the flip: `harmless`, `silent`, or the reason of its error."""
        data = bytearray(self.files[flip.file])
        data[flip.byte] ^= 1 << flip.bit
        try:
            found = self.tile_at.get((flip.file, flip.byte))
            if found is not None:
                place, start = found
                tile = bytes(data[start : start + len(self.tiles[place])])
                (pixels,) = self.codec.decode_tiles([tile])
                return "harmless" if np.array_equal(pixels, self.pixels[place]) else "silent"
            return self._compare(open_files(self.files | {flip.file: bytes(data)}))
        except PathAEError as error:
            return error.reason

    def _compare(self, changed: ContainerReader) -> str:
        sizes = [(level.width, level.height) for level in changed.levels]
        if sizes != [(level.width, level.height) for level in self.container.levels]:
            return "silent"
        tiles = read_tiles(changed)
        if changed.parameters == self.container.parameters and tiles == self.tiles:
            return "harmless"
        codec = load_codec(changed.parameters)
        pixels = codec.decode_tiles(list(tiles.values()))
        same = all(
            np.array_equal(new, self.pixels[place])
            for place, new in zip(tiles, pixels, strict=True)
        )
        return "harmless" if same and tiles.keys() == self.pixels.keys() else "silent"

    def _find(self, tile: bytes) -> list[Span]:
        """Return all places of a tile's bytes: a tile that is there twice is read from both."""
        spans = []
        for file, data in self.files.items():
            start = data.find(tile)
            while start >= 0:
                spans.append((file, start, start + len(tile)))
                start = data.find(tile, start + 1)
        return spans


def load_codec(parameters: bytes) -> TileCodec:
    """Return the codec of codec parameters; a decoder that they only name is at hand."""
    artifact, model = load_artifact(parameters), tiny_model()
    if artifact.synthesis is None and artifact.decoder_id == model.decoder_id:
        artifact = replace(artifact, synthesis=model.synthesis)
    return TileCodec(artifact, threads=1)


def read_tiles(container: ContainerReader) -> dict[Place, bytes]:
    """Return the bytes of all tiles that are stored."""
    tiles = {}
    for level in container.levels:
        for index in tile_grid(level, container.tile):
            data = container.tile_bytes(level.index, index)
            if data is not None:
                tiles[level.index, index] = data
    return tiles


def make_whole(name: str, folder: Path, side: int) -> Whole:
    """Convert a drawn slide with the tiny model, whose decoder goes into the TIFF."""
    source, model = folder / "drawn.svs", folder / "tiny.safetensors"
    write_synthetic_slide(source, width=side, height=side * 3 // 4, levels=2)
    model.write_bytes(save_artifact(tiny_model()))
    ngff = "0.4" if "0.4" in name else "0.5"
    exact = name.startswith("exact")
    settings = ConvertSettings(
        tile=SOURCE_TILE if exact else TILE,
        lossless=exact,
        model=str(model),
        quality=60,
        min_psnr=None if exact else 0,
        embed_model=name.endswith(".tif"),
        ngff=ngff,
    )
    convert_slide(source, folder / name, settings)
    return Whole(load_files(folder / name))


def count(whole: Whole, flips: Sequence[Flip] | Iterator[Flip]) -> dict[str, Counter[str]]:
    """Read after each flip; give what came of it, by what the bit belongs to."""
    table: dict[str, Counter[str]] = {}
    for flip in flips:
        end = whole.read(flip)
        table.setdefault(whole.area(flip), Counter())[end] += 1
        if end == "silent":
            print(f"silent: {flip}", file=sys.stderr)
    return table


def main() -> int:
    """Flip every bit of three files and print what came of it."""
    parser = argparse.ArgumentParser(prog="tests.bit_flips", description=__doc__)
    parser.add_argument("--name", choices=SIDES, action="append")
    options = parser.parse_args()
    silent = 0
    for name in options.name or SIDES:
        with tempfile.TemporaryDirectory() as folder:
            whole = make_whole(name, Path(folder), SIDES[name])
        size, started = sum(map(len, whole.files.values())), time.monotonic()
        table = count(whole, whole.flips())
        print(f"{name}: {size} bytes, {8 * size} flips, {time.monotonic() - started:.0f} s")
        for area, ends in sorted(table.items()):
            reported = ends.total() - ends["harmless"] - ends["silent"]
            print(
                f"  {area:32} {ends['harmless']:7} harmless {reported:7} reported "
                f"{ends['silent']:3} silent"
            )
            silent += ends["silent"]
        if size < LEAST_BYTES:
            print(f"  expected {LEAST_BYTES} bytes or more")
            silent += 1
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
