"""What our reader makes of a conformance vector: nothing to say, or what is wrong.

The tests of the vectors ask here, and so does the test by mutation of the reader.
"""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

import pathae_codec
from pathae_codec.bitstream.exact import original_streams
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import pack_tile, unpack_tile
from pathae_codec.codec.faces import synthesis_inputs
from pathae_codec.codec.latent import unpack_latent_tiles
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.container import open_container
from pathae_codec.errors import FormatError, ModelError, PathAEError
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.verification.structure import validate_file
from tests.conformance.vectors import VECTORS, folders, read_case, stored_model

MODEL = "model.safetensors"
SLIDES = ("slide.tif", "slide.ome.zarr")


def all_vectors() -> Iterator[Path]:
    """Return the folders of all vectors."""
    for kind in ("valid", "invalid", "containers/valid", "containers/invalid"):
        yield from folders(kind)


def complaint(folder: Path, backend: str = "auto") -> str | None:
    """Return what is wrong with how our reader takes a vector; None if nothing is.

    Args:
        folder: Of the vector.
        backend: That runs the networks of tiles.
    """
    case = read_case(folder)
    try:
        if "containers" in folder.parts:
            return _container(folder, case)
        if folder.parent.name == "invalid":
            return _expected(case, _refusal(folder, case))
        return _valid(folder, case, backend)
    except Exception as error:
        return f"{type(error).__name__}: {error!s:.200}"


def _expected(case: dict[str, Any], reason: str | None) -> str | None:
    return None if reason == case["error"] else f"expected {case['error']}, got {reason}"


def _refusal(folder: Path, case: dict[str, Any]) -> str | None:
    """Return the reason with which a tile or an artifact is refused."""
    artifact, tile = folder / "artifact.safetensors", folder / "tile.pae"
    try:
        if artifact.exists():
            model = load_artifact(artifact.read_bytes())
        else:
            model = stored_model(case["model"])
        if tile.exists():
            TileCodec(model).decode_tiles([tile.read_bytes()])
    except (FormatError, ModelError) as error:
        return error.reason if "\n" not in str(error) else "an error of several lines"
    return None


def _valid(folder: Path, case: dict[str, Any], backend: str) -> str | None:
    data = (folder / "tile.pae").read_bytes()
    model = stored_model(case.get("model", MODEL))
    tile = unpack_tile(data)
    if pack_tile(*tile) != data:
        return "packing gives other bytes"
    if (folder / "symbols.npy").exists():
        symbols = unpack_latent_tiles(model, [tile])
        if sha256(symbols.astype("<u2").tobytes()).hexdigest() != case["symbols_sha256"]:
            return "other symbols"
        if not np.array_equal(symbols[0].ravel(), np.load(folder / "symbols.npy").ravel()):
            return "other symbols than symbols.npy"
        if (folder / "input.npy").exists():
            inputs = synthesis_inputs(model, symbols, [tile])[0]
            seeded = case["seed"] == crc32(tile[1])
            if not seeded or not np.array_equal(inputs, np.load(folder / "input.npy")):
                return "another input of the synthesis"
    if not (folder / "pixels.npy").exists():
        return None
    if tile[0].mode is Mode.EXACT:
        paths = sorted(folder.glob("stream-*"))
        streams = original_streams(*tile, model.jpeg_sets)
        if [path.read_bytes() for path in paths] != [
            one for one in streams.streams if one is not None
        ]:
            return "other streams"
    codec = TileCodec(model, backend=backend, realism=case.get("realism"))
    (pixels,) = codec.decode_tiles([data])
    return difference(pixels, np.load(folder / "pixels.npy"), case)


def difference(found: NDArray[Any], expected: NDArray[Any], case: dict[str, Any]) -> str | None:
    """Return how pixels are outside of the tolerance that a vector states; None if they are not."""
    if found.shape != expected.shape or found.dtype != np.uint8:
        return f"expected pixels {expected.shape}, got {found.dtype} {found.shape}"
    error = found.astype(float) - expected
    peak, rms = np.abs(error).max(), np.sqrt(np.square(error).mean())
    if peak > case["peak_error"] or rms > case["rms_error"]:
        return f"pixels: peak error {peak}, root mean square {rms}"
    return None


def _container(folder: Path, case: dict[str, Any]) -> str | None:
    with TemporaryDirectory() as temporary:
        path = laid_out(folder, case, Path(temporary))
        if folder.parent.name == "valid":
            return _sound_container(path, folder, case)
        # A path that is said to be read or checked has to open first.
        for when, step in (("open", open_container), ("read", _read_all)):
            reason = _reason_of(lambda path=path, step=step: step(path))
            if reason is not None or case["when"] == when:
                if case["when"] != when:
                    return f"refused when it is to {when}: {reason}"
                return _expected(case, reason) or _unnoticed(path, when)
        return None if validate_file(path).problems else "a check of all finds nothing"


def _unnoticed(path: Path, when: str) -> str | None:
    """Say so where a check of all does not find what a reader of all does."""
    if when == "read" and not validate_file(path).problems:
        return "a check of all finds nothing"
    return None


def laid_out(folder: Path, case: dict[str, Any], place: Path) -> Path:
    """Return a copy of a container of a vector, in a folder: with what its base has beside it."""
    name = next(name for name in SLIDES if (folder / name).exists() or _is_of(case, name))
    path = place / name
    if (folder / name).is_file():
        shutil.copy(folder / name, path)
        return path
    for source in (VECTORS / case["base"] / name if "base" in case else None, folder / name):
        if source is not None and source.exists():
            shutil.copytree(source, path, dirs_exist_ok=True)
    for file in case.get("removed", ()):
        (path / file).unlink()
    return path


def _is_of(case: dict[str, Any], name: str) -> bool:
    return name.endswith(".zarr") and "base" in case


def _reason_of(step: Any) -> str | None:  # noqa: ANN401
    try:
        step()
    except PathAEError as error:
        return error.reason
    return None


def _read_all(path: Path) -> None:
    with pathae_codec.open(path) as slide:
        for level, size in enumerate(slide.level_dimensions):
            slide.read_array((0, 0), level, size)
    container = open_container(path)
    for name in container.associated:
        container.associated_image(name)


def _sound_container(path: Path, folder: Path, case: dict[str, Any]) -> str | None:
    problems = validate_file(path, decode=True).problems
    if problems:
        return problems[0]
    with pathae_codec.open(path) as slide:
        for level, size in enumerate(slide.level_dimensions):
            expected = np.load(folder / f"level-{level}.npy")
            found = slide.read_array((0, 0), level, size)
            if wrong := difference(found, expected, case):
                return f"level {level}: {wrong}"
    return None
