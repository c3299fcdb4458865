"""Bottlenecks, canary and JPEG sets <-> tensors of an artifact.

Spec: v1, model artifact, section 2.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.exact import JpegSet
from pathae_codec.bitstream.frequencies import FrequencyTables
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.limits import (
    MAX_JPEG_SET_BYTES,
    MAX_JPEG_SETS,
    MAX_QUALITY,
    MAX_TABLES,
)
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.errors import ArtifactError, FormatError
from pathae_codec.model.artifact import Bottleneck, Canary, Tensors
from pathae_codec.model.quantizer import Quantizer
from pathae_codec.model.realism import FACES, Realism

_JPEG_PARTS = ("tables", "reconstruction")


def bottleneck_tensors(quality: int, bottleneck: Bottleneck) -> Tensors:
    """Return the tensors of a rung, by name."""
    prefix = f"bottleneck.{quality}"
    quantizer, tables = bottleneck.quantizer, bottleneck.tables
    tensors: Tensors = {
        f"{prefix}.alphabets": np.array([t.shape[1] for t in tables.channels], np.uint16),
        # A single set is stored without its axis, as before there were several.
        f"{prefix}.frequencies": np.concatenate(tables.channels, 1).squeeze(0)
        if tables.sets == 1
        else np.concatenate(tables.channels, 1),
        f"{prefix}.codewords": np.concatenate(quantizer.codewords),
    }
    if quantizer.thresholds is not None:
        tensors[f"{prefix}.thresholds"] = np.concatenate(quantizer.thresholds)
    return tensors


def read_bottlenecks(tensors: Tensors, channels: int) -> dict[int, Bottleneck]:
    """Return the bottlenecks by quality.

    Raises:
        ArtifactError: Tensors of another dtype or shape, or beyond the limits.
        KeyError: A tensor is missing.
    """
    names = [
        name.split(".")[1]
        for name in tensors
        if name.startswith("bottleneck.") and name.endswith(".alphabets")
    ]
    sets = sum(_table_sets(tensors[f"bottleneck.{name}.frequencies"]) for name in names)
    if sets * channels > MAX_TABLES:
        raise ArtifactError(
            f"bottleneck tables: expected {MAX_TABLES} at most, got {sets * channels}"
        )
    bottlenecks = {}
    for name in names:
        if name not in map(str, range(MAX_QUALITY + 1)):
            raise ArtifactError(f"bottleneck: expected a quality of 0 to 100, got {name!r:.20}")
        bottlenecks[int(name)] = _read_bottleneck(tensors, f"bottleneck.{name}", channels)
    return bottlenecks


def _table_sets(frequencies: NDArray[Any]) -> int:
    return frequencies.shape[0] if frequencies.ndim == 2 else 1


def _read_bottleneck(tensors: Tensors, prefix: str, channels: int) -> Bottleneck:
    stored = tensors[f"{prefix}.alphabets"]
    if stored.dtype != np.uint16 or stored.shape != (channels,) or stored.min() < 1:
        raise ArtifactError(
            f"{prefix}.alphabets: expected uint16 ({channels},), none zero, "
            f"got {stored.dtype} {stored.shape}"
        )
    alphabets = stored.astype(np.int64)

    def split(name: str, kind: type[np.generic], lengths: NDArray[np.int64]) -> tuple[Any, ...]:
        tensor = tensors[f"{prefix}.{name}"]
        sets = tensor.shape[:-1] if name == "frequencies" and tensor.ndim == 2 else ()
        if tensor.dtype != kind or tensor.shape != (*sets, lengths.sum()):
            raise ArtifactError(
                f"{prefix}.{name}: expected {np.dtype(kind)} ({lengths.sum()},), "
                f"got {tensor.dtype} {tensor.shape}"
            )
        return tuple(np.split(tensor, np.cumsum(lengths)[:-1], axis=-1))

    with_thresholds = f"{prefix}.thresholds" in tensors
    quantizer = Quantizer(
        codewords=split("codewords", np.float32, alphabets),
        thresholds=split("thresholds", np.float32, alphabets - 1) if with_thresholds else None,
    )
    frequencies = split("frequencies", np.uint16, alphabets)
    return Bottleneck(quantizer, FrequencyTables(tuple(map(np.atleast_2d, frequencies))))


def canary_tensors(canary: Canary) -> Tensors:
    """Return the tensors of a canary, by name."""
    return {
        "canary.tile": np.frombuffer(canary.tile, np.uint8),
        "canary.pixels": canary.pixels,
    } | {_face_name(steps): pixels for steps, pixels in canary.faces.items()}


def read_canary(tensors: Tensors, realism: Realism | None) -> Canary | None:
    """Return the canary, None if there is none.

    Args:
        tensors: Of the artifact.
        realism: As its synthesis takes it: then there are faces beside the default one.

    Raises:
        ArtifactError: It is not a sound latent tile with pixels of its size.
        KeyError: Pixels, or a face, are missing.
    """
    if "canary.tile" not in tensors:
        return None
    tile = tensors["canary.tile"].tobytes()
    pixels = tensors["canary.pixels"]
    faces = {steps: tensors[_face_name(steps)] for steps in FACES} if realism else {}
    try:
        header, _ = unpack_tile(tile)
    except FormatError as error:
        raise ArtifactError(f"canary.tile: {error}") from None
    shape = (header.height, header.width, 3)
    for found in (pixels, *faces.values()):
        if header.mode is not Mode.LATENT or found.dtype != np.uint8 or found.shape != shape:
            raise ArtifactError(
                f"canary: expected a latent tile and its pixels, uint8 {shape}, "
                f"got mode {header.mode.name.lower()} and {found.dtype} {found.shape}"
            )
    return Canary(tile, pixels, faces)


def _face_name(steps: int) -> str:
    return f"canary.pixels.{steps}"


def jpeg_tensors(sets: tuple[JpegSet, ...]) -> Tensors:
    """Return the tensors of JPEG sets, by name."""
    return {
        f"jpeg.{number}.{part}": np.frombuffer(getattr(one, part), np.uint8)
        for number, one in enumerate(sets)
        for part in _JPEG_PARTS
    }


def read_jpeg_sets(tensors: Tensors) -> tuple[JpegSet, ...]:
    """Return the JPEG sets, numbered from 0 without a gap.

    Raises:
        ArtifactError: Too many, or tensors of another dtype, shape or size.
        KeyError: A tensor is missing.
    """
    count = len({name.split(".")[1] for name in tensors if name.startswith("jpeg.")})
    if count > MAX_JPEG_SETS:
        raise ArtifactError(f"JPEG sets: expected {MAX_JPEG_SETS} at most, got {count}")
    return tuple(
        JpegSet(*(_read_bytes(tensors, f"jpeg.{number}.{part}") for part in _JPEG_PARTS))
        for number in range(count)
    )


def _read_bytes(tensors: Tensors, name: str) -> bytes:
    tensor = tensors[name]
    if tensor.dtype != np.uint8 or tensor.ndim != 1 or tensor.size > MAX_JPEG_SET_BYTES:
        raise ArtifactError(
            f"{name}: expected uint8 of {MAX_JPEG_SET_BYTES} bytes at most, got {tensor.dtype} "
            f"{tensor.shape}"
        )
    return tensor.tobytes()
