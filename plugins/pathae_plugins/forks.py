"""Processes that share open files: who is forked shares their positions with its parent.

tifffile keeps a file open and reads by position. Two processes that read through one handle then
get bytes from each other's places, which look like damage.
"""

import os
from functools import cache

from pathae_codec.errors import FormatError

_ADVICE = (
    "likelier than damage: the file was opened before this process was forked, as by a DataLoader "
    "or multiprocessing, and its position is shared; open it in each process"
)
_seen: list[bool] = []


@cache
def watch_forks() -> None:
    """Note from now on whether this process is a child that was forked.

    Of a parent it says nothing: a process may fork to run a command, which harms no position.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_note)


def with_likelier_cause(error: FormatError) -> FormatError:
    """Return an error of bytes that came through a handle; in a forked process it names that."""
    return type(error)(f"{error}; {_ADVICE}") if _seen else error


def _note() -> None:
    _seen[:] = [True]
