"""What an effort of encoding saves, and what it takes: bytes at equal fidelity against effort 1.

    python -m benchmarks.effort [MODEL] [--efforts 2,4,6] [--realism 1] [--out results/effort]

MODEL is a name or the path of an artifact. Bytes are those of whole tiles, headers included; times
are those of one thread's own processor time, so that other programs do not count. `--out` writes
x.json after each effort of a set, and x.md at the end; what x.json has is not measured again.
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from json import dumps, loads
from pathlib import Path

import numpy as np

from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.page.tables import markdown
from benchmarks.data import data_folder
from benchmarks.judges.codecs import find_artifact
from benchmarks.judges.judge import Judge
from benchmarks.judges.measure import Original, Row, judge_codec, show_original
from benchmarks.judges.panel import MAKERS
from benchmarks.judges.table import PSNR, compare_by
from benchmarks.judges.tile_folders import SOURCES, load_source
from pathae_codec.arrays import Pixels
from pathae_codec.codec.effort import LEAST, search_steps
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import PathAEError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.default import DEFAULT_MODEL

SETS = ("BreCaHAD", "BreakHis", "osteosarcoma")


@dataclass(frozen=True)
class Spent:
    """An effort on one set of tiles.

    Attributes:
        rows: At each quality.
        seconds: Of a processor, for a megapixel, the mean over the qualities.
    """

    rows: Sequence[Row]
    seconds: float


Sets = dict[str, dict[int, Spent]]
"""By the name of a set and by effort."""


def spend(
    model: ModelArtifact,
    effort: int,
    qualities: Sequence[int],
    realism: float | None,
    original: Original,
    judges: Sequence[Judge],
) -> Spent:
    """Encode and judge the tiles of a set at an effort."""
    codec = TileCodec(model, threads=1, realism=realism, effort=effort)
    # Loading the networks is no part of a tile's time.
    codec.encode_tiles(original.tiles[:1, :64, :64], qualities[0])
    seconds = 0.0

    def setting(quality: int) -> CodecSetting:
        def encode(tiles: Pixels) -> list[bytes]:
            nonlocal seconds
            start = time.process_time()
            coded = codec.encode_tiles(tiles, quality)
            seconds += time.process_time() - start
            return coded

        name = f"effort {effort}"
        return CodecSetting(name, f"{quality}", name, encode, codec.decode_tiles)

    rows = judge_codec([setting(quality) for quality in qualities], original, judges)
    pixels = original.tiles[..., 0].size * len(qualities)
    return Spent(rows, seconds / (pixels / 1e6))


def effort_table(sets: Sets) -> str:
    """Return a line for each effort and set, and the means over the sets that have them all."""
    first = next(iter(sets.values()))[LEAST]
    kinds = [PSNR, *first.rows[0].similarity]
    efforts = sorted({effort for spent in sets.values() for effort in spent})
    lines = []
    for effort in efforts:
        found = {name: spent for name, spent in sets.items() if effort in spent}
        cells = {name: _differences(spent, effort, kinds) for name, spent in found.items()}
        for name, differences in cells.items():
            lines.append(_line(effort, name, differences, found[name][effort].seconds))
        if len(found) == len(sets):
            means = np.mean(list(cells.values()), axis=0)
            seconds = np.mean([spent[effort].seconds for spent in found.values()])
            lines.append(_line(effort, "mean", means, float(seconds)))
    return markdown(["effort", "steps", "tiles", *kinds, "s/MPix"], lines)


def _differences(spent: Mapping[int, Spent], effort: int, kinds: Sequence[str]) -> list[float]:
    ours, other = spent[effort].rows, spent[LEAST].rows
    return [compare_by(kind, ours, other).percent if effort > LEAST else 0.0 for kind in kinds]


def _line(effort: int, name: str, differences: Sequence[float], seconds: float) -> list[str]:
    cells = [f"{value:+.1f} %" if effort > LEAST else "" for value in differences]
    return [f"{effort}", f"{search_steps(effort)}", name, *cells, f"{seconds:.3g}"]


def points_table(sets: Sets) -> str:
    """Return every point."""
    kinds = list(next(iter(sets.values()))[LEAST].rows[0].similarity)
    lines = [
        [
            name,
            f"{effort}",
            row.setting,
            f"{row.bpp:.4f}",
            f"{row.psnr:.2f}",
            *(f"{row.similarity[kind]:.4f}" for kind in kinds),
        ]
        for name, spent in sets.items()
        for effort in sorted(spent)
        for row in spent[effort].rows
    ]
    return markdown(["tiles", "effort", "quality", "bpp", PSNR, *kinds], lines)


def page(command: str, model: str, limit: int, sets: Sets) -> str:
    """Return the page of the results."""
    counts = {e: sum(e in own for own in sets.values()) for own in sets.values() for e in own}
    short = [f"effort {e} on {n} of {len(sets)} sets" for e, n in counts.items() if n < len(sets)]
    partly = f" So far measured: {', '.join(sorted(short))}." if short else ""
    return (
        f"# Effort of encoding\n\n`{command}`: {model}, {limit} tiles of 256 a set, which trained "
        f"nothing.\nDifference in bytes at equal fidelity against effort {LEAST}, negative where "
        f"fewer are needed; s/MPix is one\nthread's processor time for encoding.{partly}\n\n"
        f"{effort_table(sets)}\n\n## Points\n\n{points_table(sets)}\n"
    )


def read_sets(path: Path) -> Sets:
    """Read what was measured."""
    if not path.exists():
        return {}
    return {
        name: {
            int(effort): Spent([Row(**row) for row in spent["rows"]], spent["seconds"])
            for effort, spent in efforts.items()
        }
        for name, efforts in loads(path.read_text("utf-8")).items()
    }


def write_sets(path: Path, sets: Sets) -> None:
    """Write what was measured."""
    plain = {name: {e: asdict(spent) for e, spent in own.items()} for name, own in sets.items()}
    path.write_text(dumps(plain, indent=1) + "\n", "utf-8")


def main() -> None:
    """Measure and print."""
    options = _arguments()
    import_module("torch").set_num_threads(1)
    model = find_artifact(options.model)
    qualities = [int(value) for value in options.qualities.split(",")]
    efforts = [LEAST, *(int(value) for value in options.efforts.split(","))]
    judges = [MAKERS[name]() for name in options.judges.split(",")]
    out = options.out and options.out.with_suffix(".json")
    sets = read_sets(out) if out else {}
    for effort in efforts:
        for source in SOURCES:
            if not any(part in source.name for part in options.sets.split(",")):
                continue
            known = sets.setdefault(source.name, {})
            if effort in known:
                continue
            tiles = load_source(source, options.data, 256, options.limit)
            original = show_original(source.name, tiles, judges)
            known[effort] = spend(model, effort, qualities, options.realism, original, judges)
            print(f"measured: effort {effort}, {source.name}", file=sys.stderr, flush=True)
            if out:
                write_sets(out, sets)
    if out:
        text = page(_command(options), model.name, options.limit, sets)
        out.with_suffix(".md").write_text(text, "utf-8")
    print(effort_table(sets))


def _command(options: argparse.Namespace) -> str:
    """Return the command, without where its data lies."""
    model = "" if options.model == DEFAULT_MODEL else f" {options.model}"
    realism = "" if options.realism is None else f" --realism {options.realism:g}"
    return (
        f"python -m benchmarks.effort{model} --efforts {options.efforts} --qualities "
        f"{options.qualities} --limit {options.limit}{realism} --out results/effort"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL)
    parser.add_argument("--efforts", default="2,4,6", help="comma-separated, beside 1")
    parser.add_argument("--qualities", default="20,50,80")
    parser.add_argument("--realism", type=float, help="at which tiles are decoded")
    parser.add_argument("--judges", default="Lite0,VGG-16", help=f"some of {list(MAKERS)}")
    parser.add_argument("--sets", default=",".join(SETS), help="parts of names, comma-separated")
    parser.add_argument("--limit", type=int, default=4, help="tiles of a set, evenly taken")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--out", type=Path, help="path without ending of .json and .md")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except PathAEError as error:
        sys.exit(f"error: {error}")
