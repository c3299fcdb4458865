"""Bytes that people can read."""

_LEAST_PRINTABLE = 0.8
_SHORTEST = 3


def readable(data: bytes) -> str | None:
    """Return bytes as the text that they seem to be, in UTF-8 or UTF-16; None for others."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding).strip("\0 \ufeff")
        except UnicodeDecodeError:
            continue
        plain = sum(c.isascii() and (c.isprintable() or c.isspace()) for c in text)
        if len(text) >= _SHORTEST and plain >= _LEAST_PRINTABLE * len(text):
            return text
    return None
