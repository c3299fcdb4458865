"""What is said of a wrong container, and ledgers that are wrong in either kind of container."""

from struct import pack
from typing import Any
from zlib import crc32

from format_spec.v1.vectors.container_slide import LEVELS

CONTAINER = "invalid_container"


def at(when: str, error: str, rule: str) -> dict[str, Any]:
    """Return what is said of a wrong container.

    Args:
        when: `open`, `read` (the tiles or images), or `validate` (the whole file).
        error: The reason.
        rule: That it breaks.
    """
    return {"when": when, "error": error, "rules": [rule]}


def wrong_ledgers(ledger: bytes) -> dict[str, tuple[bytes | None, str, str, str]]:
    """Return ledgers by name, and of each when it is refused, the reason and the rule."""
    grids, crc = 8 + 8 * len(LEVELS), "checksum_mismatch"

    def changed(place: int, value: bytes) -> bytes:
        body = ledger[:place] + value + ledger[place + len(value) : -4]
        return body + pack("<I", crc32(body))

    flipped = bytes([ledger[-5] ^ 1])
    return {
        "no-ledger": (None, "open", CONTAINER, "R-10.1-length"),
        "ledger-short": (ledger[:-1], "open", CONTAINER, "R-10.1-length"),
        "ledger-long": (ledger + b"\0", "open", CONTAINER, "R-10.1-length"),
        "ledger-magic": (changed(0, b"PAEM"), "read", CONTAINER, "R-10.1-magic"),
        "ledger-version": (changed(4, b"\2"), "read", "unsupported_version", "R-10.1-version"),
        "ledger-levels": (changed(6, b"\3"), "read", CONTAINER, "R-10.1-grids"),
        "ledger-grids": (changed(8, b"\3"), "read", CONTAINER, "R-10.1-grids"),
        "ledger-hash": (changed(len(ledger) - 5, flipped), "read", crc, "R-10.1-hash"),
        "ledger-spare-omitted": (
            changed(grids, b"\x40"), "validate", CONTAINER, "R-10.1-spare-bits",
        ),
        "ledger-spare-glass": (
            changed(grids + 2, b"\x40"), "validate", CONTAINER, "R-10.1-spare-bits",
        ),
        "ledger-crc": (
            ledger[:-1] + bytes([ledger[-1] ^ 1]), "validate", CONTAINER, "R-10.1-crc",
        ),
        "ledger-omits-stored": (changed(grids, b"\2"), "validate", CONTAINER, "R-10.1-omitted"),
    }  # fmt: skip
