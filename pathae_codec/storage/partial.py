"""The folder beside a destination that holds what is done of it.

Beside `slide.tif` there is, while a conversion runs or after it was killed, the folder
`.slide.tif.partial`:

* `lock`: held by the process that converts; the system frees it when that process ends;
* `journal.json`: what is converted, and how; nothing goes on with another slide or settings;
* `tiles`: the tiles that are done, see `spool`;
* `slide.tif`: the container, written when all tiles are done;
* `finished`: the container is whole, only its name is missing;
* `replaced`: what stood at the destination before, until it is removed.

A folder of that name that is not ours is refused as it is: a link, another user's, or one with
anything else in it. Ours lets nobody else in, so what was looked at stays what it is.
"""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from pathae_codec.errors import DestinationBusyError, DestinationExistsError, ResumeError
from pathae_codec.storage.durable import remove, write_durably
from pathae_codec.storage.lock import HeldError, LostError, held

_LONGEST_NAME = 255
"""Bytes of a name, on every file system in use."""
_OPENED_ELSEWHERE = ".nfs"
"""How NFS names a file that was removed while it was open."""
_TRIES = 100


class Partial:
    """What is done of a destination.

    A destination that is a symbolic link stays one: what it leads to is made or replaced, and the
    folder lies beside that.

    Attributes:
        path: Of the destination, links followed.
        tiles: Where the tiles that are done lie.
        container: Where the container is written to, by the name that was asked for.
        finished: Says that the container is whole.
        replaced: Where what is replaced steps aside.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.realpath(path))
        self.folder = self.path.with_name(_partial_name(self.path.name))
        self.tiles = self.folder / "tiles"
        self.container = self.folder / path.name
        self.finished = self.folder / "finished"
        self.replaced = self.folder / "replaced"
        self._journal = self.folder / "journal.json"
        self._lock = self.folder / "lock"

    @property
    def is_published(self) -> bool:
        """Whether the destination is whole and all that is left to do is to clear up."""
        # What clears up removes `finished` last.
        left = set(os.listdir(self.folder)) - {self._lock.name} if self.folder.is_dir() else set()
        done = self.finished.name in left and not self.container.exists()
        return self.path.exists() and done

    @property
    def is_torn(self) -> bool:
        """Whether what stood at the destination stepped aside, and nothing took its place."""
        return os.path.lexists(self.replaced) and not os.path.lexists(self.path)

    @property
    def has_tiles(self) -> bool:
        """Whether there is something to go on from."""
        return self.tiles.exists() and self.tiles.stat().st_size > 0

    @property
    def is_begun(self) -> bool:
        """Whether there is something of an earlier conversion."""
        return self._journal.exists() or self.finished.exists()

    def check_ours(self) -> None:
        """Refuse a folder that no conversion of this user left; what is not there is ours.

        Raises:
            DestinationExistsError: It is another one.
        """
        try:
            found = self.folder.lstat()
        except FileNotFoundError:
            return
        problem = self._problem(found)
        if problem:
            raise DestinationExistsError(
                f"destination {self.path}: expected in {self.folder.name} what a conversion left, "
                f"found {problem}; nothing was touched; remove it yourself, or name another "
                "destination"
            )

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

    def undo(self) -> None:
        """Let what stepped aside step back, if nothing took its place."""
        if self.is_torn:
            self.replaced.rename(self.path)

    def remove_container(self) -> None:
        """Remove a container that was not finished."""
        remove(self.container)

    def clear(self, *, keep_lock: bool = False) -> None:
        """Remove the folder, the mark that the destination is whole as the last of it.

        Raises:
            OSError: Something of it cannot be removed; it is then as whole as before.
        """
        self.undo()
        last = [self.finished.name, self._lock.name]
        with suppress(FileNotFoundError):
            for name in sorted(os.listdir(self.folder), key=lambda n: n in last):
                if name not in last:
                    remove(self.folder / name)
            remove(self.finished)
            if not keep_lock:
                remove(self._lock)
                # Another process may be in again: the folder is its own then.
                with suppress(OSError):
                    self.folder.rmdir()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Create the folder and keep other processes out.

        Raises:
            DestinationBusyError: Another process is in.
            DestinationExistsError: See `check_ours`.
        """
        with ExitStack() as stack:
            for _ in range(_TRIES):
                with suppress(FileExistsError):
                    self.folder.mkdir(0o700)
                self.check_ours()
                try:
                    stack.enter_context(held(self._lock))
                except HeldError:
                    break
                except (LostError, FileNotFoundError):
                    # Who was in went, and took the folder along.
                    continue
                yield
                return
            raise DestinationBusyError(
                f"destination {self.path}: another process is converting to it; wait for it"
            )

    def _problem(self, found: os.stat_result) -> str | None:
        """Return what the folder is instead of one of ours."""
        if not stat.S_ISDIR(found.st_mode):
            return "a link" if stat.S_ISLNK(found.st_mode) else "a file"
        if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
            return "a folder of another user"
        files = {
            self._lock.name, self.tiles.name, self.finished.name, self._journal.name,
            f"{self.finished.name}.new", f"{self._journal.name}.new",
        }  # fmt: skip
        with suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                known = entry.name in (self.container.name, self.path.name, self.replaced.name)
                if entry.name in files:
                    known = entry.is_file(follow_symlinks=False)
                elif entry.name.startswith(_OPENED_ELSEWHERE):
                    known = True
                if not known or entry.is_symlink():
                    return f"{'a link' if entry.is_symlink() else 'something else'}, {entry.name}"
        return None


def _partial_name(name: str) -> str:
    folder = f".{name}.partial"
    if len(os.fsencode(folder)) <= _LONGEST_NAME:
        return folder
    return f".{sha256(os.fsencode(name)).hexdigest()[:16]}.partial"
