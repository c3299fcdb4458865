"""Reading all that was asked for, and no more than a limit."""

from typing import Any

from pathae_codec.errors import ContainerError


def read_all(file: Any, count: int) -> bytes:  # noqa: ANN401
    """Read `count` bytes, fewer only at the end of the file: one read may give less."""
    parts = []
    while count > 0 and (part := file.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def check_size(name: str, size: int, limit: int) -> None:
    """Refuse a file of more bytes than a limit.

    Raises:
        ContainerError: It has more.
    """
    if size > limit:
        raise ContainerError(f"file {name}: expected {limit} bytes at most, got {size}")
