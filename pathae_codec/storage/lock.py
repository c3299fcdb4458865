"""A file that one process holds at a time; the system frees it when that process ends."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_log = logging.getLogger(__name__)
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)
"""What file systems without `flock` answer: Lustre mounted without it, some NFS and FUSE."""


class HeldError(Exception):
    """Another process holds the file."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file, which is made where it is missing.

    Where the file system has no locks, or the system no `flock` (Windows), nothing is held: two
    conversions to one destination are then not told apart.

    Raises:
        HeldError: Another process holds it.
    """
    with path.open("ab") as file:
        try:
            import fcntl
        except ImportError:
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
        yield
