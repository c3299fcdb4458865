"""How numbers and texts are worded for people, and the one place that prints them."""

import sys

DROP_DAMAGED = "leave out a thumbnail, label or macro that does not decode"


def count(number: int, noun: str) -> str:
    """Return `1 tile`, `2 tiles`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def megabytes(size: int) -> str:
    """Return bytes in megabytes of 10**6."""
    return f"{size / 1e6:.2f} MB"


def plain(text: str) -> str:
    """Return a text as a terminal may show it: control characters as escapes, lines kept.

    Texts of files are the files' own: one could move the cursor, change the title, hide lines.
    """
    return "".join(
        c if c.isprintable() or c in "\n\t " else c.encode("unicode_escape").decode() for c in text
    )


def say(text: str, *, error: bool = False) -> None:
    """Print a text to standard output or standard error, as a terminal may show it."""
    print(plain(text), file=sys.stderr if error else sys.stdout, flush=True)


def say_error(text: str) -> None:
    """Print a line about a file or an error to standard error: one line, whatever it holds."""
    say(" ".join(text.splitlines()), error=True)
