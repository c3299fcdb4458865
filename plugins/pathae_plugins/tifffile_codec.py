"""PathAE in tifffile, which has no way to register a codec: seven small changes, undone together.

tifffile then reads compression 44718 in every way that it has (`imread`, `asarray`, `segments`,
`aszarr`), and `TiffWriter` takes tiles that are already encoded. All that touches tifffile's
private parts is in this file. Spec: v1, section 6.3.
"""

import threading
from collections.abc import Callable, MutableMapping
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from types import ModuleType

    from tifffile import TiffPage

# Nothing of pathae_codec is imported up here: its front door imports this module.

NAME = "PATHAE"
WAITING_THREADS = 16
"""Tiles of one read that wait together for the worker: the size of its batches."""

_lock = threading.Lock()
_undo: list[Callable[[], object]] = []


def register() -> None:
    """Let tifffile decode PathAE; the second time it does nothing.

    Raises:
        BackendUnavailableError: This tifffile is not built as those from 2025.5.21 on are.
    """
    import tifffile.tifffile as tf

    from pathae_codec.errors import BackendUnavailableError
    from pathae_codec.tiff.tags import COMPRESSION
    from pathae_plugins.forks import watch_forks

    watch_forks()
    with _lock:
        if _undo:
            return
        try:
            _patch(tf, COMPRESSION)
        except (AttributeError, KeyError, TypeError) as error:
            _restore()
            raise BackendUnavailableError(
                f"tifffile {tf.__version__}: expected the internals of 2025.5.21 or later, "
                f"got {error!r}; install another tifffile or a newer pathae"
            ) from error


def unregister() -> None:
    """Take back what `register` did. Pages that were read before keep their decoder."""
    with _lock:
        _restore()


def _restore() -> None:
    while _undo:
        _undo.pop()()


def _patch(tf: "ModuleType", number: int) -> None:
    member = int.__new__(tf.COMPRESSION, number)
    member._name_, member._value_ = NAME, number
    _put(tf.COMPRESSION._value2member_map_, number, member)
    _put(tf.COMPRESSION._member_map_, NAME, member)
    _put(tf.TIFF.DECOMPRESSORS._codecs, number, _pass_pixels)
    _put(tf.TIFF.COMPRESSORS._codecs, number, _refuse_to_encode)
    tf.TIFF.IMAGE_COMPRESSIONS.add(number)
    _undo.append(partial(tf.TIFF.IMAGE_COMPRESSIONS.discard, number))
    _change(tf.TiffPage, "decode", number, _decode_function)
    _change(tf.TiffPage, "maxworkers", number, _more_workers)


def _put(mapping: MutableMapping[Any, Any], key: object, value: object) -> None:
    mapping[key] = value
    _undo.append(partial(mapping.pop, key))


def _change(
    page_class: type, name: str, number: int, change: Callable[["TiffPage", Any], object]
) -> None:
    """Let a cached property give, for our pages, `change(page, what it gave)`."""
    cached = page_class.__dict__[name]
    original = cached.func

    @wraps(original)
    def changed(page: "TiffPage") -> object:
        value = original(page)
        return change(page, value) if page.compression == number else value

    cached.func = changed
    _undo.append(partial(setattr, cached, "func", original))


def _more_workers(page: "TiffPage", workers: int) -> int:
    # tifffile reckons with threads that compute; these only wait for the worker.
    return max(workers, min(WAITING_THREADS, len(page.dataoffsets)))


def _decode_function(page: "TiffPage", place: Callable[..., object]) -> Callable[..., object]:
    """Return the page's decode function, with the codec parameters bound to it.

    tifffile's own, `place`, may be shared by pages of several files. It gets pixels instead of
    bytes, which `_pass_pixels` hands through, and so never needs the parameters.
    """
    from pathae_plugins.tiff_page import tile_decoder

    decode_tile = tile_decoder(page)

    def decode(data: bytes | None, index: int, /, **options: object) -> object:
        return place(None if data is None else decode_tile(data), index, **options)

    return decode


def _pass_pixels(data: object, **_: object) -> object:
    if isinstance(data, bytes):
        from pathae_codec.errors import SettingError

        raise SettingError("PathAE tile: expected a read through its TIFF page, got bytes alone")
    return data


def _refuse_to_encode(*_: object, **__: object) -> NoReturn:
    from pathae_codec.errors import SettingError

    raise SettingError("tifffile: expected encoded PathAE tiles, got pixels; use pathae convert")
