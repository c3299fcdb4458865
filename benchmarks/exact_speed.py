"""What exact tiles of level 0 take, and how fast one core writes and reads them.

    python -m benchmarks.exact_speed SLIDE...

Each slide is converted with `--lossless`. Then each exact tile is encoded again from the source's
own streams, decoded to pixels, and turned back into the streams, which must be those of the source.
Speeds are megapixels by processor time, which counts all threads of a library.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.bench.page.tables import markdown
from pathae_codec.bitstream.exact import SourceStreams, encode_exact, original_streams
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.decode_queue import codec_for
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.geometry import tile_grid
from pathae_codec.slide import open_slide
from pathae_codec.slide.source_streams import open_streams

HEAD = ("slide", "exact tiles", "of the source's bytes", "encode", "to pixels", "to streams",
        "streams that came back")  # fmt: skip


def main() -> int:
    """Print a row a slide."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("slides", nargs="+", type=Path)
    print(markdown(HEAD, [_row(slide) for slide in parser.parse_args().slides]))
    return 0


def _row(slide: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "exact.tif")
        convert_slide(slide, file, ConvertSettings(lossless=True))
        container = open_container(file)
        places = list(tile_grid(container.levels[0], container.tile))
        stored = [container.tile_bytes(0, index) or b"" for index in places]
        codec = codec_for(container.parameters)
    sets = codec.model.jpeg_sets
    with open_slide(slide) as source, open_streams(slide, source) as streams:
        found = [streams.tile(0, index, container.tile) for index in places]
    pairs = [
        (own, tile)
        for own, tile in zip(found, stored, strict=True)
        if own is not None and unpack_tile(tile)[0].mode.name == "EXACT"
    ]
    tiles = [tile for _, tile in pairs]
    pixels = len(tiles) * container.tile**2 / 1e6

    def encode() -> list[bytes | None]:
        return [encode_exact(own, container.tile, sets) for own, _ in pairs]

    def restore() -> list[SourceStreams]:
        return [original_streams(*unpack_tile(tile), sets) for tile in tiles]

    back = zip(restore(), pairs, strict=True)
    same = sum(_count(own) for restored, (own, _) in back if restored.streams == own.streams)
    speeds = [
        pixels / _seconds(work) for work in (encode, lambda: codec.decode_tiles(tiles), restore)
    ]
    return [
        slide.name,
        f"{len(tiles)} of {len(places)}",
        f"{sum(map(len, tiles)) / sum(_size(own) for own, _ in pairs):.3f}",
        *(f"{speed:.1f} MPix/s" for speed in speeds),
        f"{same} of {sum(_count(own) for own, _ in pairs)}",
    ]


def _count(own: SourceStreams) -> int:
    return sum(stream is not None for stream in own.streams)


def _size(own: SourceStreams) -> int:
    return sum(len(stream or b"") for stream in own.streams)


def _seconds(work: Callable[[], Sequence[object]]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
