"""Sessions that must not cross a fork.

A forked child (multiprocessing's "fork", torch's DataLoader) inherits a session without its
threads: running it waits for them for ever, and so does destroying it. A child therefore opens its
own and never lets go of the one that it inherited.
"""

import ctypes
import os
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

Session = TypeVar("Session")


class ProcessLocal(Generic[Session]):
    """A session of this process, opened by a function; a forked child opens another."""

    def __init__(self, open_session: Callable[[], Session]) -> None:
        self._open = open_session
        self._session: Session | None = open_session()
        _all.add(self)

    def get(self) -> Session:
        """Return the session."""
        if self._session is None:
            self._session = self._open()
        return self._session

    def abandon(self) -> None:
        """Forget the session without destroying it."""
        if self._session is not None:
            # One reference too many: its count never comes down to zero.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._session))
            self._session = None


_all: WeakSet[ProcessLocal[Any]] = WeakSet()


def _abandon_all() -> None:
    for local in _all:
        local.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_all)
