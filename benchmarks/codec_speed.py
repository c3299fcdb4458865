"""Speed of one core, encoding and decoding, of PathAE and the standard codecs in one run.

    python -m benchmarks.codec_speed [MODEL] [--quality 50] [--tile 256] [--limit 16] [--rounds 3]

Each standard codec is taken at the setting whose bytes are nearest to those of PathAE. Times are
those that the processor worked for this process, so that a codec which took a second thread would
be charged for it, and so that other work on the machine is not counted as far as it only takes
turns. The best of the rounds is shown; the codecs take turns within a round.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.page.tables import markdown
from benchmarks.data import data_folder
from benchmarks.judges.codecs import PEERS, find_artifact, pathae_settings, peer_settings
from benchmarks.rate_distortion import load_tiles
from benchmarks.standard_codecs import standard_codecs
from pathae_codec.arrays import Pixels
from pathae_codec.model.default import DEFAULT_MODEL

ROUNDS = 3
LEAST_SECONDS = 0.1
"""What is faster is repeated until it took this long."""


@dataclass(frozen=True)
class Speed:
    """MPix/s of one core."""

    encode: float
    decode: float

    def best(self, other: "Speed") -> "Speed":
        """Return the higher of each."""
        return Speed(max(self.encode, other.encode), max(self.decode, other.decode))


def measure_speeds(
    settings: Sequence[CodecSetting], tiles: Pixels, rounds: int = ROUNDS
) -> list[Speed]:
    """Return the best speed of each codec; they take turns.

    Args:
        settings: On one thread each.
        tiles: uint8 (N, H, W, 3).
        rounds: 1 or more.
    """
    for setting in settings:
        # Before the clock starts: models are loaded, tables are built.
        setting.decode(setting.encode(tiles[:1]))
    best = [Speed(0, 0)] * len(settings)
    for _ in range(rounds):
        found = [_measure(setting, tiles) for setting in settings]
        best = [old.best(new) for old, new in zip(best, found, strict=True)]
    return best


def _measure(setting: CodecSetting, tiles: Pixels) -> Speed:
    data = setting.encode(tiles)
    megapixels = tiles[..., 0].size / 1e6
    return Speed(
        megapixels / _seconds(lambda: setting.encode(tiles)),
        megapixels / _seconds(lambda: setting.decode(data)),
    )


def _seconds(run: Callable[[], object]) -> float:
    """Return the processor's time of one run."""
    times, start = 0, time.process_time()
    while (taken := time.process_time() - start) < LEAST_SECONDS or not times:
        run()
        times += 1
    return taken / times


def nearest_setting(name: str, tiles: Pixels, size: float) -> CodecSetting:
    """Return a standard codec at the setting whose bytes a tile are nearest to `size`."""
    values = PEERS.get(name, standard_codecs()[name].settings)
    settings = peer_settings(name, values)
    sizes = [np.mean([len(one) for one in setting.encode(tiles)]) for setting in settings]
    return settings[int(np.abs(np.log(np.array(sizes) / size)).argmin())]


def speed_table(settings: Sequence[CodecSetting], tiles: Pixels, speeds: Sequence[Speed]) -> str:
    """Return a line a codec: bytes and speeds."""
    lines = []
    for setting, speed in zip(settings, speeds, strict=True):
        bpp = 8 * sum(map(len, setting.encode(tiles))) / tiles[..., 0].size
        name = f"{setting.codec} {setting.setting}"
        lines.append([name, f"{bpp:.3f}", f"{speed.encode:.2f}", f"{speed.decode:.1f}"])
    return markdown(["codec", "bpp", "encode, MPix/s a core", "decode, MPix/s a core"], lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL)
    parser.add_argument("--quality", type=int, default=50)
    parser.add_argument("--folder", type=Path, default=data_folder() / "tiles/dev/brecahad")
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--limit", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    tiles = load_tiles(options.folder, options.tile, half=False, limit=options.limit)
    (ours,) = pathae_settings(find_artifact(options.model), [options.quality])
    size = float(np.mean([len(one) for one in ours.encode(tiles)]))
    peers = [nearest_setting(name, tiles[:2], size) for name in standard_codecs()]
    settings = [ours, *peers]
    speeds = measure_speeds(settings, tiles, options.rounds)
    print(f"{len(tiles)} tiles of {options.tile}, best of {options.rounds}\n")
    print(speed_table(settings, tiles, speeds))


if __name__ == "__main__":
    main()
