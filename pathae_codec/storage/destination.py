"""Never half a file: write beside the destination, rename when all is there, go on after a stop.

Beside `slide.tif` there is, while a conversion runs or after it was killed, the folder
`.slide.tif.partial`:

* `lock`: held by the process that converts; the system frees it when that process ends;
* `journal.json`: what is converted, and how; nothing goes on with another slide or settings;
* `tiles`: the tiles that are done, see `spool`;
* `slide.tif`: the container, written when all tiles are done;
* `finished`: the container is whole, only its name is missing;
* `replaced`: what stood at the destination before, until it is removed.

A file takes its name in one step. So does a folder that replaces another one where the system can
exchange two names (Linux); elsewhere there is nothing at the destination for a moment. Readers of
this package notice that what they opened was replaced.
"""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from pathae_codec.errors import (
    DestinationBusyError,
    DestinationExistsError,
    DestinationWriteError,
    ResumeError,
)
from pathae_codec.storage.durable import remove, sync_folder, sync_tree, write_durably
from pathae_codec.storage.exchange import exchange
from pathae_codec.storage.lock import HeldError, held
from pathae_codec.storage.replaceable import Kind, check_replaceable
from pathae_codec.storage.surroundings import check_outside_zarr

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
    errno.ELOOP: "it is a link that leads to itself",
}


_LONGEST_NAME = 255
"""Bytes of a name, on every file system in use."""


class Partial:
    """The folder beside a destination that holds what is done of it.

    A destination that is a symbolic link stays one: what it leads to is made or replaced, and the
    folder lies beside that.

    Attributes:
        path: Of the destination, links followed.
        tiles: Where the tiles that are done lie.
        container: Where the container is written to, by the name that was asked for.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.realpath(path))
        self.folder = self.path.with_name(_partial_name(self.path.name))
        self.tiles = self.folder / "tiles"
        self.container = self.folder / path.name
        self._journal = self.folder / "journal.json"
        self._finished = self.folder / "finished"
        self._replaced = self.folder / "replaced"
        self._lock = self.folder / "lock"

    @property
    def is_published(self) -> bool:
        """Whether the destination is whole and all that is left to do is to clear up."""
        # What clears up removes `finished` last.
        left = set(os.listdir(self.folder)) - {self._lock.name} if self.folder.is_dir() else set()
        done = self._finished.name in left and not self.container.exists()
        return self.path.exists() and done

    @property
    def has_tiles(self) -> bool:
        """Whether there is something to go on from."""
        return self.tiles.exists() and self.tiles.stat().st_size > 0

    @property
    def is_begun(self) -> bool:
        """Whether there is something of an earlier conversion."""
        return self._journal.exists() or self._finished.exists()

    def check_or_begin(self, identity: Mapping[str, object]) -> None:
        """Note what is converted and how, or compare it with what an earlier run noted.

        Raises:
            ResumeError: It differs.
        """
        if not self._journal.exists():
            write_durably(self._journal, json.dumps(identity).encode())
            return
        if differing := self.differing(identity):
            raise ResumeError(
                f"destination {self.path}: cannot go on: {', '.join(differing)} changed since the "
                "conversion was begun; --restart begins anew, as does --overwrite"
            )

    def differing(self, identity: Mapping[str, object]) -> list[str]:
        """Return the keys in which an earlier run differs from this conversion and its settings."""
        try:
            noted = dict(json.loads(self._journal.read_bytes()))
        except (ValueError, FileNotFoundError):
            noted = {}
        return [key for key in identity if noted.get(key) != identity[key]]

    def publish(self) -> None:
        """Rename the finished container to its name at the destination."""
        sync_tree(self.container)
        write_durably(self._finished, b"")
        if self.path.exists() and (self.path.is_dir() or self.container.is_dir()):
            # A folder cannot be renamed over another one. Where the system can exchange both, the
            # destination is never missing; elsewhere the old one steps aside for a moment.
            if exchange(self.container, self.path):
                self.container.rename(self._replaced)
                sync_folder(self.path.parent)
                return
            self.path.rename(self._replaced)
        try:
            self.container.replace(self.path)
        except OSError:
            if self._replaced.exists():
                self._replaced.rename(self.path)
            raise
        sync_folder(self.path.parent)

    def remove_container(self) -> None:
        """Remove a container that was not finished."""
        remove(self.container)

    def clear(self, *, keep_lock: bool = False) -> None:
        """Remove the folder, the mark that the destination is whole as the last of it."""
        last = [self._finished.name, self._lock.name]
        with suppress(FileNotFoundError):
            for name in sorted(os.listdir(self.folder), key=lambda n: n in last):
                if name not in last:
                    remove(self.folder / name)
            remove(self._finished)
            if not keep_lock:
                remove(self._lock)
                self.folder.rmdir()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Create the folder and keep other processes out.

        Raises:
            DestinationBusyError: Another process is in.
        """
        self.folder.mkdir(exist_ok=True)
        try:
            with held(self._lock):
                yield
        except HeldError:
            raise DestinationBusyError(
                f"destination {self.path}: another process is converting to it; wait for it"
            ) from None


def _partial_name(name: str) -> str:
    folder = f".{name}.partial"
    if len(os.fsencode(folder)) <= _LONGEST_NAME:
        return folder
    return f".{sha256(os.fsencode(name)).hexdigest()[:16]}.partial"


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
                partial.clear()
                return
            if partial.is_begun and (
                restart or not _goes_on(partial, identity, overwrite, resume, goes_on)
            ):
                partial.clear(keep_lock=True)
            try:
                partial.check_or_begin(identity)
                partial.remove_container()
                yield partial
                partial.publish()
            except BaseException as error:
                interrupted = isinstance(error, KeyboardInterrupt)
                if not resume and not (goes_on and interrupted and partial.has_tiles):
                    partial.clear()
                raise
            partial.clear()


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
