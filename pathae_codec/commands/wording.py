"""How numbers are worded for people."""


def count(number: int, noun: str) -> str:
    """Return `1 tile`, `2 tiles`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def megabytes(size: int) -> str:
    """Return bytes in megabytes of 10**6."""
    return f"{size / 1e6:.2f} MB"
