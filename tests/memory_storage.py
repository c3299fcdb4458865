"""A container in memory: what a reader of containers reads, without a disk."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import ContainerError


class MemoryStorage:
    """See `pathae_codec.storage.location.Storage`; a TIFF is the file of the empty name."""

    remote = False

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        data = self._find(name)
        return data[start:] if stop is None else data[start:stop]

    def read_whole(self, name: str, limit: int) -> bytes:
        if len(data := self._find(name)) > limit:
            raise ContainerError(f"file {name}: expected {limit} bytes at most, got {len(data)}")
        return data

    def identify(self, name: str) -> object:
        return id(self._find(name))

    def open(self, name: str) -> BinaryIO:
        return BytesIO(self._find(name))

    def size(self, name: str) -> int:
        return len(self._find(name))

    def names(self, folder: str) -> Iterator[str]:
        return (name for name in self.files if not folder or name.startswith(f"{folder}/"))

    def is_folder(self) -> bool:
        return "" not in self.files

    def _find(self, name: str) -> bytes:
        try:
            return self.files[name]
        except KeyError:
            raise FileNotFoundError(name) from None


def load_files(path: Path) -> dict[str, bytes]:
    """Return the bytes of a file, or of the files of a folder by their names in it."""
    if path.is_file():
        return {"": path.read_bytes()}
    files = (file for file in sorted(path.rglob("*")) if file.is_file())
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


def open_files(files: Mapping[str, bytes]) -> ContainerReader:
    """Open a TIFF or OME-Zarr in memory, as `open_container` opens one on a disk."""
    from pathae_codec.ome_zarr.reader import OmeZarrReader
    from pathae_codec.tiff.reader import TiffReader

    storage = MemoryStorage(files)
    return (OmeZarrReader if storage.is_folder() else TiffReader)(storage, "memory")
