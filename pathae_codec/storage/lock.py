"""A file that one process holds at a time; the system frees it when that process ends."""

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pathae_codec.storage.durable import open_own

_log = logging.getLogger(__name__)
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)
"""What file systems without `flock` answer: Lustre mounted without it, some NFS and FUSE."""


class HeldError(Exception):
    """Another process holds the file."""


class LostError(Exception):
    """The file was removed while it was waited for: whoever comes next takes another one."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file, which is made where it is missing.

    Where the file system has no locks, or the system no `flock` (Windows), nothing is held: two
    conversions to one destination are then not told apart.

    Raises:
        HeldError: Another process holds it.
        LostError: The process that held it removed it.
    """
    with os.fdopen(open_own(path, os.O_RDWR | os.O_APPEND), "ab") as file:
        _lock(file.fileno(), path)
        # Held is what was opened; what has the name now is what others will open.
        named = None
        with suppress(FileNotFoundError):
            named = path.lstat()
        if named is None or not os.path.samestat(named, os.fstat(file.fileno())):
            raise LostError(str(path))
        yield


def _lock(opened: int, path: Path) -> None:
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise HeldError(str(path)) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        _log.warning(
            "destination folder %s: its file system has no locks (%s); do not convert to the "
            "same name from two processes",
            path.parent.parent,
            error.strerror,
        )
