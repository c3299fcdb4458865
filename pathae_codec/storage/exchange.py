"""Two names of a file system exchanged in one step, where the system can do that."""

import ctypes
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def exchange(first: Path, second: Path) -> bool:
    """Let two paths of one file system change places, so that neither is ever missing.

    Linux has `renameat2` for that, on most of its file systems; Python has no function for it.

    Returns:
        Whether it was done. If not, nothing was.
    """
    rename = _renameat2()
    if rename is None:
        return False
    names = os.fsencode(first), os.fsencode(second)
    return bool(rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)


@cache
def _renameat2() -> Any:  # noqa: ANN401
    if sys.platform != "linux":
        return None
    found = getattr(ctypes.CDLL(None), "renameat2", None)
    if found is not None:
        found.argtypes = [
            ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint,
        ]  # fmt: skip
    return found
