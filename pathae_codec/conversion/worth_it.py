"""Whether a result is smaller than its source: who converts to save room wants to know."""

from collections.abc import Iterator
from contextlib import contextmanager

from pathae_codec.storage.partial import Partial
from pathae_codec.storage.stored_files import stored_bytes


class _LargerThanSource(Exception):
    """The result is not to be kept; no failure, and so no error of this package."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


@contextmanager
def sizes_skipped() -> Iterator[list[int]]:
    """Return a list that gets the bytes of a result that `skip_if_larger` forgot within."""
    sizes: list[int] = []
    try:
        yield sizes
    except _LargerThanSource as larger:
        sizes.append(larger.size)


def skip_if_larger(partial: Partial, before: int) -> None:
    """Forget a container that is not yet published if it has more than `before` bytes.

    What was going on ends here, up to `sizes_skipped`.
    """
    size = stored_bytes(partial.container)
    if size > before:
        partial.clear()
        raise _LargerThanSource(size)


def size_notices(before: int, after: int) -> tuple[str, ...]:
    """Return a warning of a result of more bytes than its source; nothing if it has not more."""
    if after <= before:
        return ()
    larger = f"the result is larger than the source, {after} bytes instead of {before}"
    return (f"{larger}; --skip-if-larger keeps no such result",)
