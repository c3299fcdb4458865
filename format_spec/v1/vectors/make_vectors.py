"""Make the conformance vectors.

From the root of the repository:

    python -m format_spec.v1.vectors.make_vectors [--update]

A vector that is there and whose bytes would change, or that is not made any more, is an error,
unless `--update` is given: then it is written anew, or removed. Symbols are drawn as integers,
never by a network, so that every machine makes the same bytes. Payloads of JPEG XL are kept as
long as they decode to the same pixels: their bytes are up to the library.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np

from format_spec.v1.vectors.artifact_cases import artifact_cases
from format_spec.v1.vectors.branches_model import branches_model
from format_spec.v1.vectors.container_cases import container_cases
from format_spec.v1.vectors.container_slide import sample_model
from format_spec.v1.vectors.cost_cases import cost_cases, costly_model
from format_spec.v1.vectors.edge_model import edge_model, sets_model
from format_spec.v1.vectors.exact_cases import exact_cases, invalid_exact_cases
from format_spec.v1.vectors.exact_streams import KINDS, Kind, Streams, draw_streams, exact_model
from format_spec.v1.vectors.image_cases import BOXED, image_cases
from format_spec.v1.vectors.index import index_text
from format_spec.v1.vectors.invalid_cases import invalid_cases
from format_spec.v1.vectors.layer_cases import layer_cases
from format_spec.v1.vectors.network_cases import network_cases
from format_spec.v1.vectors.order_cases import order_cases
from format_spec.v1.vectors.precise_model import precise_model
from format_spec.v1.vectors.realism_cases import realism_artifact_cases, realism_cases
from format_spec.v1.vectors.realism_model import realism_model
from format_spec.v1.vectors.record_cases import record_cases
from format_spec.v1.vectors.safetensors_cases import safetensors_cases
from format_spec.v1.vectors.valid_cases import (
    branches_cases,
    precise_cases,
    valid_cases,
)
from format_spec.v1.vectors.vector import (
    BRANCHES_MODEL,
    COSTLY_MODEL,
    DIGESTED_MODEL,
    EXACT_MODEL,
    MODEL,
    PRECISE_MODEL,
    REALISM_MODEL,
    SAMPLE_MODEL,
    SETS_MODEL,
    SYMBOLS_MODEL,
    Vector,
    npy_file,
    undigested,
)
from pathae_codec.bitstream.exact import SourceStreams, decode_exact, original_streams
from pathae_codec.bitstream.fallback import decode_fallback
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import load_artifact, save_artifact

HERE = Path(__file__).resolve().parent
INDEX = "INDEX.md"


def make_vectors() -> Iterator[Vector]:
    """Return every vector, the models first, and the table of them all."""
    first, *vectors = _models_and_vectors()
    yield Vector("", first.files | {INDEX: index_text(vectors).encode()})
    yield from vectors


def _models_and_vectors() -> Iterator[Vector]:
    model, edges, sets = stored_model(), edge_model(), sets_model()
    branches = stored_or_drawn(BRANCHES_MODEL, branches_model)
    realism = stored_or_drawn(REALISM_MODEL, realism_model)
    streams = stored_streams()
    exact = stored_or_drawn(EXACT_MODEL, lambda: exact_model(streams))
    sample = stored_or_drawn(SAMPLE_MODEL, sample_model)
    precise = stored_or_drawn(PRECISE_MODEL, precise_model)
    parameters = {
        SYMBOLS_MODEL: undigested(save_artifact(edges)),
        SETS_MODEL: undigested(save_artifact(sets)),
        DIGESTED_MODEL: save_artifact(sets),
        COSTLY_MODEL: costly_model(),
    }
    models = {
        MODEL: model,
        BRANCHES_MODEL: branches,
        REALISM_MODEL: realism,
        EXACT_MODEL: exact,
        PRECISE_MODEL: precise,
        SAMPLE_MODEL: sample,
    }
    yield Vector("", models | parameters)
    yield from valid_cases(load_artifact(model), edges, sets)
    yield from branches_cases(load_artifact(branches))
    yield from realism_cases(load_artifact(realism))
    yield from precise_cases(load_artifact(precise))
    images = list(image_cases())
    yield from images
    yield from exact_cases(load_artifact(exact), streams)
    yield from invalid_cases(load_artifact(model), sets)
    yield from invalid_exact_cases(load_artifact(exact), streams)
    yield from artifact_cases(edges, model)
    yield from order_cases(load_artifact(model))
    yield from layer_cases(branches)
    yield from network_cases()
    yield from record_cases(load_artifact(model))
    yield from safetensors_cases(parameters[SETS_MODEL])
    yield from realism_artifact_cases(realism)
    # The bytes of JPEG XL are up to its library: those that are stored are part of the containers.
    boxed = next(image for image in images if image.folder == BOXED)
    yield from container_cases(sample, stored_file(boxed, "tile.pae"))
    yield from cost_cases(parameters[COSTLY_MODEL])


def stored_model() -> bytes:
    """Return the model that is there already; it is an input. Only the first run draws one."""
    path = HERE / MODEL
    if path.exists():
        return path.read_bytes()
    from tests.tiny_model import tiny_parameters

    return tiny_parameters(embed=True)


def stored_file(vector: Vector, name: str) -> bytes:
    """Return a file of a vector as stored, or as made where it is not there yet."""
    path = HERE / vector.folder / name
    return path.read_bytes() if path.exists() else vector.files[name]


def stored_or_drawn(name: str, draw: Callable[[], ModelArtifact]) -> bytes:
    """Return the bytes of a model that is an input: as stored, or drawn by the first run."""
    path = HERE / name
    return path.read_bytes() if path.exists() else save_artifact(draw())


def stored_streams() -> Streams:
    """Return the streams of exact tiles, which are inputs: as stored, or drawn by the first run."""
    return {name: _stored_streams(name, kind) for name, kind in KINDS.items()}


def _stored_streams(name: str, kind: Kind) -> SourceStreams:
    folder, (rows, columns) = HERE / "valid" / f"exact-{name}", kind.grid
    if not folder.exists():
        return draw_streams(kind)
    paths = [folder / f"stream-{number}" for number in range(rows * columns)]
    streams = tuple(path.read_bytes() if path.exists() else None for path in paths)
    tables = load_artifact((HERE / EXACT_MODEL).read_bytes()).jpeg_sets[0].tables
    return SourceStreams(kind.coding, kind.grid, streams, tables if kind.apart else b"")


def same(vector: Vector, name: str, stored: bytes) -> bool:
    """Say whether a stored file is what the generator makes.

    Pixels of a network may differ by the tolerance; a free tile need only decode alike.
    """
    made = vector.files[name]
    if stored == made:
        return True
    if name == "pixels.npy" or name.startswith("level-"):
        return _within_peak(vector, made, stored)
    if not vector.free or name != "tile.pae":
        return False
    if "pixels.npy" not in vector.files:
        return True
    header, payload = unpack_tile(stored)
    if header.mode is Mode.FALLBACK:
        decoded = npy_file(decode_fallback(header, payload))
        return _within_peak(vector, vector.files["pixels.npy"], decoded)
    pixels = np.load(BytesIO(vector.files["pixels.npy"]))
    sets = load_artifact((HERE / EXACT_MODEL).read_bytes()).jpeg_sets
    ours, theirs = (original_streams(*unpack_tile(data), sets) for data in (made, stored))
    return ours == theirs and np.array_equal(decode_exact(header, payload, sets), pixels)


def _within_peak(vector: Vector, made: bytes, stored: bytes) -> bool:
    peak = json.loads(vector.files["case.json"])["peak_error"]
    ours, theirs = (np.load(BytesIO(data)).astype(int) for data in (made, stored))
    return ours.shape == theirs.shape and bool(abs(ours - theirs).max() <= peak)


def differences() -> list[str]:
    """Return the paths of all stored files that are missing or not what the generator makes."""
    return [
        f"{vector.folder}/{name}"
        for vector in make_vectors()
        for name in vector.files
        if not (path := HERE / vector.folder / name).exists()
        or not same(vector, name, path.read_bytes())
    ]


def write_vectors(*, update: bool) -> list[str]:
    """Write what is missing; if `update`, also what differs, and remove what is not made any more.

    Returns:
        The paths that were refused.
    """
    refused = []
    made = {vector.folder: vector for vector in make_vectors()}
    for folder in stored_folders():
        if folder in made:
            continue
        if update:
            shutil.rmtree(HERE / folder)
        else:
            refused.append(folder)
    for vector in made.values():
        folder = HERE / vector.folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in vector.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and same(vector, name, path.read_bytes()):
                continue
            if path.exists() and not update:
                refused.append(f"{vector.folder}/{name}")
            else:
                path.write_bytes(data)
    return refused


def stored_folders() -> list[str]:
    """Return the folders of vectors that are there, as `Vector.folder` names them."""
    return sorted(path.parent.relative_to(HERE).as_posix() for path in HERE.rglob("case.json"))


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Make the conformance vectors.")
    parser.add_argument(
        "--update", action="store_true", help="overwrite vectors that differ, remove others"
    )
    refused = write_vectors(update=parser.parse_args().update)
    for path in refused:
        print(f"{path}: differs from the stored vector; left as it is", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
