"""A part of the training tiles as one file, small enough to be taken to a machine with a GPU.

The images lie in it as they are, byte for byte, in a ZIP that does not compress them again; its
comment says what was chosen by which rule.
"""

import json
import random
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from pathae_codec.errors import DestinationWriteError, SettingError
from pathae_codec.training.config import TrainingConfig
from pathae_codec.training.tiles import ENDINGS

RULE = "of each folder images in a seeded random order while its share of the bytes lasts"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""For all files: the same choice gives the same bytes."""


def write_pack(path: Path, config: TrainingConfig, tiles: Path, most_bytes: int) -> int:
    """Choose images and write them; the same tiles, config and size give the same file.

    A folder's share of the bytes is its weight in the config; what one leaves goes to the next.

    Args:
        path: The `.zip` to write.
        config: Names the folders.
        tiles: Holds them.
        most_bytes: Of the file.

    Returns:
        How many images there are in it.

    Raises:
        SettingError: A folder is missing or holds no image that fits.
        DestinationWriteError: The file cannot be written.
    """
    chosen = list(_chosen(config, tiles, most_bytes - 2**16))
    described = {
        "rule": RULE,
        "config": config.name,
        "seed": config.seed,
        "images": len(chosen),
        "sha256": sha256(b"".join(sha256(p.read_bytes()).digest() for p in chosen)).hexdigest(),
    }
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as pack:
            pack.comment = json.dumps(described).encode()
            for image in chosen:
                name = image.relative_to(tiles).as_posix()
                pack.writestr(zipfile.ZipInfo(name, _EARLIEST), image.read_bytes())
    except OSError as error:
        raise DestinationWriteError(f"pack {path}: {error.strerror}") from None
    return len(chosen)


@contextmanager
def tile_folder(tiles: Path) -> Iterator[Path]:
    """Return the folder of training tiles: `tiles` itself, or what a pack holds, for a while.

    Raises:
        SettingError: It is neither.
    """
    if tiles.is_dir():
        yield tiles
        return
    try:
        with zipfile.ZipFile(tiles) as pack, TemporaryDirectory() as folder:
            pack.extractall(folder)
            yield Path(folder)
    except (OSError, zipfile.BadZipFile) as error:
        raise SettingError(
            f"tiles {tiles}: expected a folder of tiles, or a pack of them: {error}"
        ) from None


def _chosen(config: TrainingConfig, tiles: Path, most_bytes: int) -> Iterator[Path]:
    left, weights = most_bytes, {f.name: f.full + f.half for f in config.folders}
    # Small folders first: what they cannot use goes to those that can.
    found = {name: _images(tiles / name) for name in weights}
    sizes = {name: sum(p.stat().st_size for p in images) for name, images in found.items()}
    for name in sorted(weights, key=lambda name: (sizes[name] / weights[name], name)):
        share = left * weights[name] / sum(weights.values())
        del weights[name]
        images = found[name]
        random.Random(config.seed).shuffle(images)
        taken = 0
        for image in images:
            size = image.stat().st_size + 2 * len(str(image)) + 128
            if taken + size <= share:
                taken += size
                yield image
        if not taken:
            raise SettingError(
                f"pack: expected a size that has room for an image of {name}, got {most_bytes} "
                "bytes for all folders"
            )
        left -= taken


def _images(folder: Path) -> list[Path]:
    images = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
    if not images:
        raise SettingError(f"tiles: expected images in {folder}, found none")
    return images
