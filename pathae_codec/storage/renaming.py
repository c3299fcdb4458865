"""Two names of a file system exchanged in one step, and a name taken only if it is free.

Linux has `renameat2` for both, on most of its file systems; Python has no function for it.
"""

import ctypes
import errno
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

_AT_FDCWD, _NOREPLACE, _EXCHANGE = -100, 1, 2
_NOT_KNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)
"""What a system or a file system answers that does not know the call, or what it shall do."""
_NO_HARD_LINKS = (*_NOT_KNOWN, errno.EPERM, errno.EMLINK, errno.EACCES)


def exchange(first: Path, second: Path) -> bool:
    """Let two paths of one file system change places, so that neither is ever missing.

    Returns:
        Whether it was done. If not, nothing was.
    """
    return _rename(first, second, _EXCHANGE) == 0


def rename_new(source: Path, target: Path) -> None:
    """Rename a file or a folder to a name that nothing has.

    Where the system has no call for it, a file is linked to its new name, which fails if there is
    something, and a folder is renamed after a look: what comes in between is lost only if it is an
    empty folder. A file system without hard links has the look alone, for files too.

    Raises:
        FileExistsError: There is something of that name; it is as it was.
        OSError: The system refuses.
    """
    failed = _rename(source, target, _NOREPLACE)
    if failed not in _NOT_KNOWN:
        if failed:
            raise OSError(failed, os.strerror(failed), str(target))
        return
    if not source.is_dir():
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
        else:
            source.unlink()
            return
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


def _rename(source: Path, target: Path, flag: int) -> int:
    """Call `renameat2`; return 0, or what failed."""
    rename = _renameat2()
    if rename is None:
        return errno.ENOSYS
    names = os.fsencode(source), os.fsencode(target)
    if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], flag) == 0:
        return 0
    return ctypes.get_errno() or errno.EIO


@cache
def _renameat2() -> Any:  # noqa: ANN401
    if sys.platform != "linux":
        return None
    found = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if found is not None:
        found.argtypes = [
            ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint,
        ]  # fmt: skip
    return found
