"""OpenSlide's own names taking PathAE files, for pipelines that cannot be edited.

`openslide.OpenSlide(...)` asks its metaclass for an instance. The patch gives the class a metaclass
that hands out a `PathAESlide`, which is an `OpenSlide` too, where the file is ours. So it works
however a pipeline has imported the class; `open_slide` calls it as well.
"""

import threading
from abc import ABCMeta
from typing import Any

import openslide

from pathae_codec.regions.openslide_slide import PathAESlide

_lock = threading.Lock()
_class: Any = openslide.OpenSlide
_own_detect = _class.__dict__["detect_format"]


class _PathAEToo(ABCMeta):
    """Metaclass of the patched `OpenSlide`."""

    def __call__(cls, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        filename = named.get("filename", arguments[0] if arguments else None)
        # A subclass has asked for itself and gets itself.
        if cls is _class and filename is not None and PathAESlide.detect_format(filename):
            return PathAESlide(filename)
        return super().__call__(*arguments, **named)


def patch_openslide() -> None:
    """Let `openslide.OpenSlide` and `openslide.open_slide` open PathAE files too.

    The second time it does nothing; `unpatch_openslide` takes it back.
    """

    def detect_format(cls: type, filename: Any) -> object:  # noqa: ANN401
        return PathAESlide.detect_format(filename) or _own_detect.__get__(None, cls)(filename)

    with _lock:
        if type(_class) is not _PathAEToo:
            _class.__class__ = _PathAEToo
            _class.detect_format = classmethod(detect_format)


def unpatch_openslide() -> None:
    """Take back what `patch_openslide` did; slides that are open stay open."""
    with _lock:
        _class.__class__ = ABCMeta
        _class.detect_format = _own_detect
