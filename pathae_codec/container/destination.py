"""Never half a file: write beside the destination, rename when all is there."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pathae_codec.errors import DestinationExistsError, DestinationWriteError

_WRITE_ERRNOS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.EROFS: "the file system is read-only",
    errno.ENOENT: "there is no such folder",
    errno.ENOTDIR: "its parent is no folder",
    errno.EFBIG: "the file is too large for the file system",
}


@contextmanager
def prepared_destination(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a path beside `path` to write to; at the end it takes the name, or is removed.

    Raises:
        DestinationExistsError: There is something at `path` and `overwrite` is not set.
        DestinationWriteError: The system refuses to write.
    """
    if path.exists() and not overwrite:
        raise DestinationExistsError(f"destination {path}: exists; use --overwrite to replace it")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        _replace(partial, path)
    except OSError as error:
        if error.errno not in _WRITE_ERRNOS:
            raise
        raise DestinationWriteError(
            f"destination {path}: cannot be written: {_WRITE_ERRNOS[error.errno]}"
        ) from error
    finally:
        _remove(partial)


def _replace(partial: Path, path: Path) -> None:
    # A folder cannot be renamed over another one: the old one steps aside first.
    aside = path.with_name(f".{path.name}.{os.getpid()}.replaced")
    if path.exists():
        path.rename(aside)
    partial.rename(path)
    _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
