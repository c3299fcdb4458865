"""A file, or a folder of files: its bytes, its digest, how it compares in size."""

from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path


def stored_bytes(path: Path) -> int:
    """Return the bytes of a file, or of all files below a folder."""
    return sum(file.stat().st_size for file in _files(path))


def stored_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content, or of the names and digests of a folder's files.

    Of a file it is what `sha256sum` prints. A folder's is that of a line a file, in order: digest,
    two spaces, name below the folder, as `sha256sum` prints them.
    """
    if not path.is_dir():
        return _digest(path)
    lines = (f"{_digest(file)}  {file.relative_to(path).as_posix()}\n" for file in _files(path))
    return sha256("".join(lines).encode()).hexdigest()


def compared_size(before: int, after: int) -> str:
    """Say how many times smaller, or larger, it became: `4.28 times smaller`."""
    ratio = before / max(1, after)
    return f"{ratio:.2f} times smaller" if ratio >= 1 else f"{1 / ratio:.2f} times larger"


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file())
    else:
        yield path
