"""Where the bytes are: by level and by how tiles are coded."""

from dataclasses import dataclass

import numpy as np

from pathae_codec.bitstream.limits import MAX_QUALITY
from pathae_codec.verification.figures import CONSTANT, describe_coding
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.wording import number, share, size

_NAMES = {
    "latent": "latent",
    "fallback": "JPEG XL",
    "constant": "constant (one colour)",
    "rest": "not tiles",
}


@dataclass(frozen=True)
class Sizes:
    """The bytes of a file.

    Attributes:
        parts: Kind, name and bytes of what the file is made of, without what takes nothing.
        total: Bytes of all of it.
        rows: By level and coding: level, coding, tiles, size, share of the file, bits a pixel.
    """

    parts: tuple[tuple[str, str, int], ...]
    total: int
    rows: tuple[tuple[str, ...], ...]


def count_sizes(found: Verification) -> Sizes:
    """Return where the bytes of a file are."""
    rows, bytes_by_kind = [], dict.fromkeys(_NAMES, 0)
    for level in found.levels:
        for code in np.unique(level.coding).tolist():
            which = level.coding == code
            held, count = int(level.bytes[which].sum(dtype=np.int64)), int(which.sum())
            bytes_by_kind[_kind(code)] += held
            bits = f"{8 * held / (count * level.tile**2):.3f}"
            of_all = share(held, found.file_bytes)
            named = str(level.level.index), describe_coding(code)
            rows.append((*named, number(count), size(held), of_all, bits))
    rest = found.file_bytes - sum(bytes_by_kind.values())
    bytes_by_kind["rest"] = rest
    of_all = share(rest, found.file_bytes)
    rows.append(("", "all that is not tiles", "", size(max(0, rest)), of_all, ""))
    parts = [(kind, _NAMES[kind], held) for kind, held in bytes_by_kind.items() if held > 0]
    return Sizes(tuple(parts), sum(bytes_by_kind.values()), tuple(rows))


def _kind(code: int) -> str:
    if code == CONSTANT:
        return "constant"
    return "latent" if code <= MAX_QUALITY else "fallback"
