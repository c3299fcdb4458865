"""Whether a source is still the one that a conversion began with, and which source it is."""

import os
from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path

from pathae_codec.slide.dicom_series import siblings

PART_BYTES = 1 << 18
PARTS = 9


def source_identity(path: Path) -> str:
    """Return a hash over what shows a change of a slide, without reading all of it.

    It goes over size and time of change of the file and of those that belong to it, and over nine
    parts of 256 KiB, spread evenly, the first and the last among them; of a folder, those of its
    largest file.
    """
    digest = sha256()
    files = list(_files(path))
    for file in files:
        stat = file.stat()
        digest.update(f"{stat.st_size} {stat.st_mtime_ns}\n".encode())
    if path.is_dir():
        path = max(files, key=lambda file: file.stat().st_size)
    size = path.stat().st_size
    with path.open("rb") as opened:
        for part in range(PARTS):
            opened.seek(max(0, size - PART_BYTES) * part // (PARTS - 1))
            digest.update(opened.read(PART_BYTES))
    return f"sha256:{digest.hexdigest()}"


def source_content(path: Path) -> str:
    """Return a hash over all bytes of a slide's files, which names and times do not change."""
    digest = sha256()
    files = siblings(path) if path.suffix.lower() == ".dcm" else ()
    for file in files or _files(path):
        with file.open("rb") as opened:
            digest.update(file_digest(opened, "sha256").digest())
    return f"sha256:{digest.hexdigest()}"


def _files(path: Path) -> Iterator[Path]:
    """Return the file and those beside it that a vendor's format may read too."""
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file())
        return
    yield path
    if path.suffix.lower() == ".dcm":
        yield from sorted(file for file in path.parent.glob("*.dcm") if file != path)
    companions = path.with_suffix("")
    if companions.is_dir():
        for folder, _, names in sorted(os.walk(companions)):
            yield from (Path(folder, name) for name in sorted(names))
