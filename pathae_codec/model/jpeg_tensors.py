"""JPEG sets <-> tensors of an artifact. Spec: v1, model artifact, section 2."""

import numpy as np

from pathae_codec.bitstream.exact import JpegSet
from pathae_codec.bitstream.limits import MAX_JPEG_SET_BYTES, MAX_JPEG_SETS
from pathae_codec.errors import ArtifactError
from pathae_codec.model.artifact import Tensors

_PARTS = ("tables", "reconstruction")


def jpeg_tensors(sets: tuple[JpegSet, ...]) -> Tensors:
    """Return the tensors of JPEG sets, by name."""
    return {
        f"jpeg.{number}.{part}": np.frombuffer(getattr(one, part), np.uint8)
        for number, one in enumerate(sets)
        for part in _PARTS
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
        JpegSet(*(_read(tensors, f"jpeg.{number}.{part}") for part in _PARTS))
        for number in range(count)
    )


def _read(tensors: Tensors, name: str) -> bytes:
    tensor = tensors[name]
    if tensor.dtype != np.uint8 or tensor.ndim != 1 or tensor.size > MAX_JPEG_SET_BYTES:
        raise ArtifactError(
            f"{name}: expected uint8 of {MAX_JPEG_SET_BYTES} bytes at most, got {tensor.dtype} "
            f"{tensor.shape}"
        )
    return tensor.tobytes()
