"""What tasks share: data that is read once, bitstreams, features and networks that are made once.

All that is kept lies in the work folder under a digest of what it depends on; it can be deleted
at any time.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from benchmarks.bench.cells import digest_of
from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.config import Data
from benchmarks.bench.tile_sets import TileSet
from pathae_codec.arrays import Pixels

if TYPE_CHECKING:
    import torch

    from benchmarks.bench.extractors import Extractor

BATCH = 16
LONG = 60
"""Seconds. Reconstructions that took longer to decode are kept."""


@dataclass(frozen=True)
class Coded:
    """Bitstreams of a tile set, and how they are decoded."""

    tiles: tuple[bytes, ...]
    codec: CodecSetting

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each tile, headers included."""
        return np.array([len(tile) for tile in self.tiles])

    def decode(self, chosen: Iterable[int] | None = None) -> Pixels:
        """Return the reconstructions, uint8 (N, H, W, 3); of chosen tiles only, where they are."""
        tiles = self.tiles if chosen is None else tuple(self.tiles[i] for i in chosen)
        batches = [tiles[i : i + BATCH] for i in range(0, len(tiles), BATCH)]
        return np.stack([tile for batch in batches for tile in self.codec.decode(batch)])


@dataclass(frozen=True)
class Material:
    """Data of a config and the work folder."""

    data: Data
    work: Path

    def coded(self, codec: CodecSetting, tiles: TileSet) -> Coded:
        """Return the bitstreams of a set: from the work folder, or encoded now."""

        def make() -> dict[str, NDArray[np.generic]]:
            batches = range(0, len(tiles.pixels), BATCH)
            data = [t for i in batches for t in codec.encode(tiles.pixels[i : i + BATCH])]
            return {
                "sizes": np.array([len(tile) for tile in data]),
                "data": np.frombuffer(b"".join(data), np.uint8),
            }

        stored = self._arrays("coded", digest_of(codec.identity, tiles.identity), make)
        ends = np.cumsum(stored["sizes"])
        data = stored["data"].tobytes()
        starts = ends - stored["sizes"]
        return Coded(tuple(data[a:b] for a, b in zip(starts, ends, strict=True)), codec)

    def features(
        self, codec: CodecSetting, tiles: TileSet, extractor: "Extractor"
    ) -> NDArray[np.float32]:
        """Return features of the reconstructions of a set, float32 (N, D)."""
        digest = digest_of(codec.identity, tiles.identity, extractor.identity)
        stored = self._arrays(
            "features", digest, lambda: {"features": extractor.embed(self.decoded(codec, tiles))}
        )
        return stored["features"]

    def decoded(
        self, codec: CodecSetting, tiles: TileSet, chosen: Sequence[int] | None = None
    ) -> Pixels:
        """Return the reconstructions of a set, uint8 (N, H, W, 3); of chosen tiles only, if any."""
        if codec.is_original:
            return tiles.pixels if chosen is None else tiles.pixels[chosen]
        path = self.work / "decoded" / f"{digest_of(codec.identity, tiles.identity)}.npy"
        if path.exists():
            stored = np.load(path, mmap_mode="r")
            return np.asarray(stored if chosen is None else stored[chosen])
        started = time.monotonic()
        pixels = self.coded(codec, tiles).decode(chosen)
        if chosen is None and time.monotonic() - started > LONG:
            with _whole(path) as part:
                np.save(part, pixels)
        return pixels

    def network(
        self,
        kind: str,
        depends: object,
        build: "Callable[[], torch.nn.Module]",
        train: "Callable[[torch.nn.Module], None]",
    ) -> "torch.nn.Module":
        """Return a network that was trained here: from the work folder, or trained now.

        Args:
            kind: For the name of the file.
            depends: All that the weights depend on.
            build: Gives it untrained, always with the same weights.
            train: Trains it.
        """
        import torch

        path = self.work / "networks" / f"{kind}-{digest_of(depends)}.pt"
        network = build()
        with _making(path):
            if path.exists():
                network.load_state_dict(torch.load(path, weights_only=True))
            else:
                train(network)
                with _whole(path) as part:
                    torch.save(network.state_dict(), part)
        return network.eval()

    def _arrays(
        self, kind: str, digest: str, make: Callable[[], Mapping[str, NDArray[np.generic]]]
    ) -> Mapping[str, NDArray[np.generic]]:
        path = self.work / kind / f"{digest}.npz"
        with _making(path):
            if not path.exists():
                made = make()
                with _whole(path) as part:
                    np.savez(part, **made)
                return made
        with np.load(path) as stored:
            return dict(stored)


def _making(path: Path) -> FileLock:
    """Return a lock on making a file: another process that wants it waits until it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path.with_name(f"{path.name}.lock"))


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Return where to write a file that is then there whole; killed before, not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # numpy adds an ending that is not there.
    part = path.with_name(f"part-{os.getpid()}-{path.name}")
    yield part
    part.replace(path)
