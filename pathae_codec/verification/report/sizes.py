"""Where the bytes are: by level and by how tiles are coded."""

import numpy as np

from pathae_codec.bitstream.limits import MAX_QUALITY
from pathae_codec.verification.figures import CONSTANT, describe_coding
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.markup import section, table, text
from pathae_codec.verification.report.wording import number, share, size

_KINDS = ("network", "fallback", "constant", "rest")


def draw_sizes(found: Verification) -> str:
    """Draw a bar of the whole file and a table by level and mode."""
    if not found.levels:
        return ""
    rows, bytes_by_kind = [], dict.fromkeys(_KINDS, 0)
    for level in found.levels:
        for code in sorted(np.unique(level.coding).tolist()):
            which = level.coding == code
            held = int(level.bytes[which].sum(dtype=np.int64))
            count = int(which.sum())
            bytes_by_kind[_kind(code)] += held
            rows.append(
                [
                    str(level.level.index),
                    text(describe_coding(code)),
                    number(count),
                    size(held),
                    share(held, found.file_bytes),
                    f"{8 * held / (count * level.tile**2):.3f}",
                ]
            )
    rest = found.file_bytes - sum(bytes_by_kind.values())
    bytes_by_kind["rest"] = rest
    rows.append(
        ["", "all that is not tiles", "", size(max(0, rest)), share(rest, found.file_bytes), ""]
    )
    heads = ("Level", "Coded as", "Tiles", "Size", "Of the file", "Bits a pixel")
    lead = (
        "Tables of the entropy coder, thumbnail, colour profile and the container's own structure "
        "are what is not tiles."
    )
    return section(
        "sizes", "Where the bytes are", text(lead), _bar(bytes_by_kind), table(heads, rows, 2)
    )


def _kind(code: int) -> str:
    if code == CONSTANT:
        return "constant"
    return "network" if code <= MAX_QUALITY else "fallback"


def _bar(bytes_by_kind: dict[str, int]) -> str:
    names = {
        "network": "network",
        "fallback": "JPEG XL",
        "constant": "one colour",
        "rest": "not tiles",
    }
    total = sum(bytes_by_kind.values())
    shown = [(kind, held) for kind, held in bytes_by_kind.items() if held > 0]
    parts = "".join(
        f'<span class="part {kind}" style="flex-grow:{held}"></span>' for kind, held in shown
    )
    keys = "".join(
        f'<span class="key"><span class="swatch {kind}"></span>{names[kind]} {share(held, total)}'
        "</span>"
        for kind, held in shown
    )
    return f'<div class="bar">{parts}</div><div class="legend">{keys}</div>'
