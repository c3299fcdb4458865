"""Files -> tiles of the tasks, each set with an identity for the digests of cells."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.bench.cells import digest_of
from benchmarks.bench.config import TileFolder
from benchmarks.rate_distortion import is_picture, load_tiles
from pathae_codec.arrays import Pixels
from pathae_codec.errors import SettingError

MASK = "_mask.png"
SIDES = 32
"""Sides of tiles are multiples of it, so that no model's factor is in the way."""


@dataclass(frozen=True)
class TileSet:
    """Tiles of one shape, uint8 (N, H, W, 3)."""

    name: str
    identity: str
    pixels: Pixels


@dataclass(frozen=True)
class LabelledTiles:
    """Tiles of classes; `labels` are indices into `classes`."""

    tiles: TileSet
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class NucleiCrops:
    """Crops with masks of their nuclei, bool (N, H, W); patients of the two parts differ."""

    train: TileSet
    train_masks: NDArray[np.bool_]
    test: TileSet
    test_masks: NDArray[np.bool_]
    names: tuple[str, ...]


def identity_of(paths: list[Path], *settings: object) -> str:
    """Return what a set is made from: names and sizes of files, and how they are cut."""
    return digest_of([(path.name, path.stat().st_size) for path in paths], *settings)


@cache
def load_tile_folder(folder: TileFolder, side: int, limit: int) -> TileSet:
    """Cut a folder's pictures into tiles; at most `limit` of them, evenly taken."""
    paths = sorted(p for p in folder.path.rglob("*") if is_picture(p))
    try:
        pixels = load_tiles(folder.path, side, half=folder.halve, limit=limit)
    except ValueError:
        raise SettingError(
            f"bench tiles {folder.path}: expected pictures of {side} x {side} pixels or more, "
            "found none"
        ) from None
    identity = identity_of(paths, side, limit, folder.halve)
    return TileSet(folder.name, identity, pixels)


@cache
def load_labelled(folder: Path, per_class: int, most_side: int) -> LabelledTiles:
    """Read classes: the middle square of each picture, all of one side.

    Raises:
        SettingError: There are not two folders with pictures.
    """
    parts = [folder / name for name in ("train", "test") if (folder / name).is_dir()] or [folder]
    classes = sorted({path.name for part in parts for path in part.iterdir() if path.is_dir()})
    chosen: list[tuple[Path, int]] = []
    for label, name in enumerate(classes):
        paths = sorted(p for part in parts for p in (part / name).glob("*") if is_picture(p))
        picks = np.linspace(0, len(paths) - 1, min(per_class, len(paths))).astype(int)
        chosen += [(paths[pick], label) for pick in picks]
    if len(classes) < 2 or not chosen:
        raise SettingError(
            f"bench classes {folder}: expected two folders of pictures or more, found {classes}"
        )
    pictures = [np.asarray(Image.open(path).convert("RGB")) for path, _ in chosen]
    side = min(most_side, *(min(p.shape[:2]) for p in pictures)) // SIDES * SIDES
    pixels = np.stack([_middle(picture, side) for picture in pictures])
    identity = identity_of([path for path, _ in chosen], side)
    labels = np.array([label for _, label in chosen])
    return LabelledTiles(TileSet(folder.name, identity, pixels), labels, tuple(classes))


@cache
def load_nuclei(folder: Path, limit: int) -> NucleiCrops:
    """Read crops and masks of `train` and `test`.

    Raises:
        SettingError: One of the two has none.
    """
    sets, masks, names = [], [], []
    for part in ("train", "test"):
        mask_paths = sorted((folder / part).glob(f"*{MASK}"))[:limit]
        paths = [path.with_name(path.name.replace(MASK, ".png")) for path in mask_paths]
        if not paths:
            raise SettingError(
                f"bench nuclei {folder / part}: expected pictures with {MASK}, found none"
            )
        pictures = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
        side = min(min(p.shape[:2]) for p in pictures) // SIDES * SIDES
        pixels = np.stack([picture[:side, :side] for picture in pictures])
        sets.append(TileSet(f"nuclei {part}", identity_of(paths, side), pixels))
        masks.append(
            np.stack([np.asarray(Image.open(p).convert("L"))[:side, :side] > 0 for p in mask_paths])
        )
        names.append(tuple(path.stem for path in paths))
    return NucleiCrops(sets[0], masks[0], sets[1], masks[1], names[1])


def _middle(picture: Pixels, side: int) -> Pixels:
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    return picture[top : top + side, left : left + side]
