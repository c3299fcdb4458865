"""The sets of tiles that judges look at: dev tiles, none of which trains."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.rate_distortion import load_tiles
from pathae_codec.arrays import Pixels


@dataclass(frozen=True)
class TileSource:
    """A set of tiles.

    Attributes:
        path: Below the folder of the data.
        halve: Shrink by 2 first (2 x 2 box).
        once_jpeg: Its pixels were decoded from a JPEG whose grid can be measured in them (steps
            across it are 1.1 to 1.3 times those elsewhere): no claim about tiles that were never
            JPEG may count it. That of MoNuSeg is the scanner's, at another phase in each crop.
    """

    name: str
    path: str
    halve: bool = False
    once_jpeg: bool = False


SOURCES = (
    TileSource("breast (BreCaHAD)", "tiles/dev/brecahad"),
    TileSource("nuclei 40x (MoNuSeg)", "tiles/labelled/nuclei/test", once_jpeg=True),
    TileSource("nuclei, halved to 20x", "tiles/labelled/nuclei/test", halve=True),
    TileSource("breast, camera (BreakHis)", "tiles/dev/breakhis"),
    TileSource("bone, once JPEG (osteosarcoma)", "tiles/dev/osteosarcoma_ut", once_jpeg=True),
    TileSource("lung and colon, once JPEG (LC25000)", "tiles/dev/lc25000", once_jpeg=True),
)


def load_source(source: TileSource, data: Path, side: int, limit: int) -> Pixels:
    """Cut tiles, evenly taken: uint8 (at most `limit`, side, side, 3)."""
    return load_tiles(data / source.path, side, half=source.halve, limit=limit)
