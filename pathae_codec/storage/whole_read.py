"""What is read whole has a limit, wherever it lies."""

from pathae_codec.errors import ContainerError


def too_long(name: str, size: int, limit: int) -> ContainerError:
    """Return the error of a file of more bytes than a limit."""
    return ContainerError(f"file {name}: expected {limit} bytes at most, got {size}")
