"""Ask every judge about a model: bytes at equal similarity against the standard codecs.

    python -m benchmarks.judges [MODEL] [--qualities 10,20,40,70] [--realism 0,1] [--points]

MODEL is a name or the path of an artifact. Rows of the standard codecs are kept in `--cache`, so
that the next model alone is measured; everything runs on one thread.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from json import dumps
from pathlib import Path

from benchmarks.data import data_folder
from benchmarks.judges.codecs import (
    FIRST_PEERS,
    PEERS,
    QUALITIES,
    face_name,
    find_artifact,
    pathae_settings,
    peer_settings,
)
from benchmarks.judges.judge import Judge
from benchmarks.judges.measure import STORED, Cache, Row, judge_codec, show_original
from benchmarks.judges.panel import MAKERS, available_judges
from benchmarks.judges.table import comparison_table, points_table
from benchmarks.judges.tile_folders import SOURCES, load_source
from pathae_codec.errors import PathAEError, SettingError
from pathae_codec.model.default import DEFAULT_MODEL


def main() -> None:
    """Measure and print."""
    options = _arguments()
    import_module("torch").set_num_threads(1)
    judges = _chosen_judges(options.judges)
    model = find_artifact(options.model)
    qualities = [int(value) for value in options.qualities.split(",")]
    realisms = [float(value) for value in options.realism.split(",") if value] or [None]
    faces = {
        face_name(model, realism): pathae_settings(model, qualities, realism=realism)
        for realism in realisms
    }
    cache = Cache(options.cache)
    peers = {name: peer_settings(name, PEERS.get(name, ())) for name in options.peers.split(",")}
    sets: dict[str, dict[str, list[Row]]] = {}
    for source in SOURCES:
        if options.sets and not any(part in source.name for part in options.sets.split(",")):
            continue
        original = show_original(
            source.name, load_source(source, options.data, options.side, options.limit), judges
        )
        curves = {name: judge_codec(face, original, judges) for name, face in faces.items()}
        for name, settings in peers.items():
            curves[name] = cache.judge_codec(settings, original, judges)
        sets[source.name] = curves
        if options.out:
            _write(options.out, sets)
        print(f"measured: {source.name}", file=sys.stderr, flush=True)
    clean = [source.name for source in SOURCES if not source.once_jpeg]
    for name in faces:
        print(f"### {name} against standard codecs, {options.limit} tiles of {options.side} a set")
        print(
            "\nBytes at equal fidelity; in brackets the share of our range that the peer reaches.\n"
        )
        print(f"{comparison_table(sets, name, list(peers), clean)}\n")
    if options.points:
        print(points_table(sets))


def _write(path: Path, sets: Mapping[str, Mapping[str, Sequence[Row]]]) -> None:
    """Write all rows that there are so far."""
    plain = {
        name: {codec: [asdict(row) for row in rows] for codec, rows in curves.items()}
        for name, curves in sets.items()
    }
    path.write_text(dumps(plain, indent=1) + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL)
    parser.add_argument("--qualities", default=",".join(map(str, QUALITIES)))
    parser.add_argument("--realism", default="", help="comma-separated; default the model's own")
    parser.add_argument("--judges", default=",".join(MAKERS), help="comma-separated")
    parser.add_argument("--peers", default=",".join(FIRST_PEERS), help=f"some of {list(PEERS)}")
    parser.add_argument("--sets", default="", help="parts of names, comma-separated; default all")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--limit", type=int, default=10, help="tiles of a set, evenly taken")
    parser.add_argument("--points", action="store_true", help="print every point too")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--cache", type=Path, default=STORED)
    parser.add_argument("--out", type=Path, help="JSON file of all rows, written after each set")
    return parser.parse_args()


def _chosen_judges(names: str) -> list[Judge]:
    wanted = names.split(",")
    unknown = sorted(set(wanted) - set(MAKERS))
    if unknown:
        raise SettingError(f"judges --judges: expected some of {list(MAKERS)}, got {unknown}")
    judges, reasons = available_judges()
    for reason in reasons:
        print(f"left out: {reason}", file=sys.stderr)
    return [judge for judge in judges if judge.name in wanted]


if __name__ == "__main__":
    try:
        main()
    except PathAEError as error:
        sys.exit(f"error: {error}")
