"""The files of an OME-Zarr as one string of bytes, for engines that know bytes only.

A file is its name, a line feed, its content, and a separator. Of the chunks only the first ones of
each level are packed, and the ledger, without which nothing opens: metadata is what is under test.
"""

from collections.abc import Mapping

SEPARATOR = b"\n\xff\xfe\xff\n"
_CHUNKS = ("/c/0/0/0", "/0/0/0", "/0/0/1", "ledger/c/0", "ledger/0")


def pack_zarr(files: Mapping[str, bytes]) -> bytes:
    """Return a folder's files as one value."""
    kept = {name: data for name, data in files.items() if _is_kept(name)}
    return SEPARATOR.join(name.encode() + b"\n" + data for name, data in kept.items())


def unpack_zarr(data: bytes) -> dict[str, bytes]:
    """Return the files of a packed folder; what has no name is left out."""
    files = {}
    for part in data.split(SEPARATOR):
        name, found, content = part.partition(b"\n")
        if found:
            files[name.decode("latin-1")] = content
    return files


def _is_kept(name: str) -> bool:
    return not name.rsplit("/", 1)[-1].isdigit() or name.endswith(_CHUNKS)
