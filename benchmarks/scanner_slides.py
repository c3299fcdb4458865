"""Real scanner slides: bytes at equal PSNR and at equal features, and the speed of each codec.

    python -m benchmarks.scanner_slides [SLIDE ...] [--model MODEL] [--megapixels 0.4]

Level 0 of each slide (the SVS files of the data, where none is named), cut as `pathae convert` cuts
it: tiles begin at multiples of their side from the level's corner, so that the grid of an earlier
JPEG begins at 0 in each, as it does for every codec that rewrites a scanner's file. Tiles that are
glass, and the level's ragged edge, are left out; of the rest some are drawn by a stated seed.
Features are compared with codecs tuned as users get them, PSNR also with AVIF that is tuned for it.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bench.page.tables import markdown
from benchmarks.codec_speed import Speed, measure_speeds, nearest_setting
from benchmarks.data import data_folder, shared_slides
from benchmarks.judges.codecs import (
    PEERS,
    QUALITIES,
    find_artifact,
    pathae_settings,
    peer_settings,
)
from benchmarks.judges.judge import Judge
from benchmarks.judges.measure import STORED, Cache, Row, judge_codec, show_original
from benchmarks.judges.panel import available_judges
from benchmarks.judges.table import PSNR, compare_by, comparison_cell
from pathae_codec.arrays import Pixels
from pathae_codec.errors import PathAEError, SlideNotFoundError
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.slide import open_slide

SIDES = "256,512"
SEED = 0
GLASS, GLASS_SHARE = 220, 0.95
"""A tile is glass when this share of its pixels has no sample darker than that."""
BY_PSNR_ALONE = ("AVIF s6 psnr", "AVIF s2 psnr")
SPEED_QUALITY = 50


@dataclass(frozen=True)
class ScannerTiles:
    """Tiles of one slide, uint8 (N, side, side, 3), out of so many with tissue and of glass."""

    name: str
    pixels: Pixels
    tissue: int
    glass: int

    @property
    def words(self) -> str:
        """Say what was taken."""
        count, side = self.pixels.shape[:2]
        return (
            f"{self.name}: {count} of {self.tissue} tiles of {side} with tissue, seed {SEED}; "
            f"{self.glass} of glass left out"
        )


def svs_files() -> list[Path]:
    """Return the SVS files of the data."""
    return [path for path in shared_slides() if path.suffix == ".svs"]


def scanner_tiles(path: Path, side: int, megapixels: float) -> ScannerTiles:
    """Read tiles of level 0 in the scanner's grid.

    Args:
        path: Of the slide.
        side: Of a tile.
        megapixels: About how much is taken, one tile at least.

    Raises:
        SlideError: It cannot be read.
    """
    with open_slide(path) as slide:
        level = slide.levels[0]
        places = [
            (x, y)
            for y in range(0, level.height - side + 1, side)
            for x in range(0, level.width - side + 1, side)
        ]
        tiles = [slide.read_region(0, x, y, side, side) for x, y in places]
    tissue = [tile for tile in tiles if not is_glass(tile)]
    count = min(len(tissue), max(1, round(megapixels * 1e6 / side**2)))
    drawn = np.sort(np.random.default_rng(SEED).permutation(len(tissue))[:count])
    pixels = np.stack([tissue[index] for index in drawn])
    return ScannerTiles(path.stem, pixels, len(tissue), len(tiles) - len(tissue))


def is_glass(tile: Pixels) -> bool:
    """Say whether a tile, uint8 (H, W, 3), has next to no tissue."""
    return bool((tile.min(-1) >= GLASS).mean() >= GLASS_SHARE)


def compare_table(
    ours: Sequence[Row],
    peers: dict[str, Sequence[Row]],
    judges: Sequence[str],
    speeds: Sequence[Speed],
) -> str:
    """Return a line a codec: its speed, and our bytes against its at equal fidelity.

    Args:
        ours: Rows of PathAE.
        peers: Rows of the others; those without judges are compared by PSNR alone.
        judges: Names, columns.
        speeds: Of ours and of each peer, in order.
    """
    head = ["codec", "encode, MPix/s a core", "decode, MPix/s a core", PSNR, *judges]
    first, *others = [[f"{speed.encode:.2f}", f"{speed.decode:.1f}"] for speed in speeds]
    lines = [[ours[0].codec, *first, *[""] * (1 + len(judges))]]
    for (name, rows), speed in zip(peers.items(), others, strict=True):
        seen = [PSNR, *(judge for judge in judges if judge in rows[0].similarity)]
        cells = [comparison_cell(compare_by(judge, ours, rows)) for judge in seen]
        lines.append([name, *speed, *cells, *[""] * (1 + len(judges) - len(cells))])
    return markdown(head, lines)


def main() -> None:
    """Measure every slide and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("slides", nargs="*", type=Path, default=svs_files())
    parser.add_argument("--model", default=DEFAULT_MODEL, help="a name, or the path of an artifact")
    parser.add_argument("--qualities", default=",".join(map(str, QUALITIES)))
    parser.add_argument("--realism", type=float, help="default the model's own")
    parser.add_argument("--sides", default=SIDES, help="of tiles, comma-separated")
    parser.add_argument("--megapixels", type=float, default=0.4, help="of each slide and side")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"some of {list(PEERS)}")
    parser.add_argument("--rounds", type=int, default=2, help="of the measurement of speed")
    parser.add_argument("--cache", type=Path, default=STORED)
    options = parser.parse_args()
    if not options.slides:
        raise SlideNotFoundError(
            f"scanner slides: expected SVS files in {data_folder() / 'slides'}, found none"
        )
    judges, reasons = available_judges()
    for reason in reasons:
        print(f"left out: {reason}", file=sys.stderr)
    for path in options.slides:
        for side in map(int, options.sides.split(",")):
            tiles = scanner_tiles(path, side, options.megapixels)
            print(f"\n### {tiles.words}\n\n{_measured(tiles, judges, options)}", flush=True)


def _measured(tiles: ScannerTiles, judges: Sequence[Judge], options: argparse.Namespace) -> str:
    model, cache = find_artifact(options.model), Cache(options.cache)
    qualities = [int(quality) for quality in options.qualities.split(",")]
    original = show_original(tiles.name, tiles.pixels, judges)
    face = pathae_settings(model, qualities, realism=options.realism)
    ours = judge_codec(face, original, judges)
    names = options.peers.split(",")
    peers: dict[str, Sequence[Row]] = {
        name: cache.judge_codec(
            peer_settings(name, PEERS[name]),
            original,
            [] if name in BY_PSNR_ALONE else judges,
        )
        for name in names
    }
    (timed,) = pathae_settings(model, [SPEED_QUALITY], realism=options.realism)
    size = float(np.mean([len(one) for one in timed.encode(tiles.pixels)]))
    settings = [timed, *(nearest_setting(name, tiles.pixels[:1], size) for name in names)]
    # Two tiles: AVIF's speed 2 takes ten seconds for a megapixel.
    speeds = measure_speeds(settings, tiles.pixels[:2], options.rounds)
    return compare_table(ours, peers, [judge.name for judge in judges], speeds)


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    try:
        main()
    except PathAEError as error:
        sys.exit(f"error: {error}")
