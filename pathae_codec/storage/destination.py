"""Never half a file: write beside the destination, rename when all is there, go on after a stop.

What is done lies in the folder beside the destination that `partial` describes; how it takes its
name at the end, `publication`. Readers of this package notice that what they opened was replaced.
"""

import errno
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pathae_codec.errors import DestinationExistsError, DestinationWriteError
from pathae_codec.storage.partial import Partial
from pathae_codec.storage.publication import publish
from pathae_codec.storage.replaceable import Kind, check_replaceable
from pathae_codec.storage.surroundings import check_outside_zarr

_log = logging.getLogger(__name__)
_WRITE_ERRNOS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.EROFS: "the file system is read-only",
    errno.ENOENT: "there is no such folder",
    errno.ENOTDIR: "its parent is no folder",
    errno.EFBIG: "the file is too large for the file system",
    errno.ENAMETOOLONG: "its name is too long",
    errno.EIO: "the disk failed",
    errno.ESTALE: "the file server lost it",
    errno.ETIMEDOUT: "the file server does not answer",
    errno.ELOOP: "it is a link that leads to itself",
}


@contextmanager
def partial_destination(
    path: Path,
    identity: Mapping[str, object],
    kind: Kind,
    *,
    overwrite: bool,
    resume: bool = False,
    restart: bool = False,
    goes_on: bool = False,
) -> Iterator[Partial | None]:
    """Return the place to write to; at the end the container in it takes the name `path`.

    Args:
        path: The destination.
        identity: What is converted and how, JSON values.
        kind: Of what is made; see `check_replaceable`.
        overwrite: Replace what is already there, if it is of that kind.
        resume: Go on with an earlier run, and leave what is done whatever stops this one. Otherwise
            an error leaves nothing behind.
        restart: Forget an earlier run.
        goes_on: Tiles that are done can be gone on from: an interrupt leaves them, and a run of the
            same identity takes them. Otherwise an interrupt leaves nothing either.

    Yields:
        The place, or None if an earlier run had finished and was stopped while it cleared up.

    Raises:
        DestinationExistsError: There is something at `path`, or an unfinished conversion beside
            it, and neither `overwrite` nor `resume` says what to do with that; or something else
            than what `overwrite` replaces.
        DestinationBusyError: Another process is writing it.
        DestinationWriteError: The system refuses to write.
        ResumeError: The unfinished conversion is of other settings or another slide.
        SettingError: It would lie inside a Zarr.
    """
    partial = Partial(path)
    check_outside_zarr(partial.path)
    with _write_errors(path):
        if partial.path.is_symlink():
            raise OSError(errno.ELOOP, "a link that leads to itself")
        partial.check_ours()
        if partial.is_torn:
            with partial.locked():
                partial.undo()
            _log.warning("%s: a run was stopped while it replaced it; it is back", path)
        published = resume and partial.is_published
        if partial.path.exists() and not published:
            if not overwrite:
                raise DestinationExistsError(
                    f"destination {path}: exists; use --overwrite to replace it"
                )
            check_replaceable(partial.path, kind)
        with partial.locked():
            if published:
                yield None
                _clear_up(partial)
                return
            if partial.is_begun and (
                restart or not _goes_on(partial, identity, overwrite, resume, goes_on)
            ):
                partial.clear(keep_lock=True)
            try:
                partial.check_or_begin(identity)
                partial.remove_container()
                yield partial
                publish(partial, kind, overwrite=overwrite)
            except BaseException as error:
                stopped = isinstance(error, KeyboardInterrupt | DestinationExistsError)
                if not resume and not (goes_on and stopped and partial.has_tiles):
                    _clear_up(partial)
                raise
            _clear_up(partial)


def _clear_up(partial: Partial) -> None:
    """Remove what a run needed. That it cannot be removed changes nothing of how the run ended."""
    try:
        partial.clear()
    except OSError as error:
        _log.warning(
            "destination %s: %s beside it cannot be removed (%s); remove it yourself",
            partial.path,
            partial.folder.name,
            (error.strerror or str(error)).lower(),
        )


def _goes_on(
    partial: Partial, identity: Mapping[str, object], overwrite: bool, resume: bool, goes_on: bool
) -> bool:
    """Say whether an earlier run is gone on with, or forgotten.

    Raises:
        DestinationExistsError: It is of something else, which nobody said to forget.
    """
    if resume:
        return True
    same = not partial.differing(identity)
    if same or overwrite:
        return same and goes_on
    raise DestinationExistsError(
        f"destination {partial.path}: an unfinished one of another source or other settings is "
        f"beside it, in {partial.folder.name}: {', '.join(partial.differing(identity))} differs; "
        "the same command as then goes on with it, --restart begins anew"
    )


@contextmanager
def _write_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _WRITE_ERRNOS:
            raise
        raise DestinationWriteError(
            f"destination {path}: cannot be written: {_WRITE_ERRNOS[error.errno]}"
        ) from error
