"""A network that segments H&E: do its maps of a tile and of its reconstruction agree?

SHELL (LaViolette Lab, MIT), a SegResNet trained on whole slides at 1 µm a pixel. Its three maps are
called epithelium, stroma and background by the package; each is a probability of its own. It sees
three planes, eosin, haematoxylin and optical density, each stretched from its 1st to its 99th
percentile, as `shell/transforms.py` makes them. Two things differ from there. The stain vectors are
those that the package takes for its reference, not estimated for every picture: a tile of 256 has
too little in it for that, and the estimate's jumps would be counted as the codec's. And tiles are
shrunk by 2, to about 0.5 µm a pixel where they are of 40x: at 1 µm a tile of 256 is 64 pixels wide,
and borders of a few pixels, which codecs differ by, are gone.
"""

from functools import cache, partial
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from benchmarks.judges.installed import installed_file
from benchmarks.judges.judge import Features, Judge
from pathae_codec.arrays import Pixels

PACKAGE, GRAPH = "lavlab-shell", "shell/weights/model_v1.onnx"
SHRINK, MULTIPLE = 2, 64
HAEMATOXYLIN, EOSIN = (0.65, 0.70, 0.29), (0.07, 0.99, 0.11)
WHITE = 240.0
"""Light that is let through by glass, where there is none in the picture to measure it by."""
PERCENTILES = (1, 99)


def segmentation_judge(threads: int = 1) -> Judge:
    """Return the judge: the Dice coefficient of its maps, all three together.

    Raises:
        SettingError: The package is not installed.
    """
    path = installed_file(PACKAGE, GRAPH)
    return Judge(
        "SHELL",
        "SegResNet",
        f"{PACKAGE}, H&E slides: epithelium, stroma and background; Dice of its maps",
        path.with_name(path.name + ".data"),
        partial(probability_maps, path, threads),
        soft_dice,
    )


def probability_maps(path: Path, threads: int, pixels: Pixels) -> Features:
    """Return the maps of tiles, float32 (N, 3, H/2, W/2), 0 to 1."""
    session = _session(path, threads)
    maps = []
    for tile in pixels:
        planes = stain_planes(_shrunk(tile))
        height, width = planes.shape[1:]
        below, right = (-side % MULTIPLE for side in (height, width))
        padded = np.pad(planes, ((0, 0), (0, below), (0, right)), "reflect")
        (scores,) = session.run(None, {"input": padded[None]})
        maps.append(1 / (1 + np.exp(-scores[0, :, :height, :width])))
    return [np.stack(maps).astype(np.float32)]


def soft_dice(a: Features, b: Features) -> NDArray[np.float64]:
    """Return twice the common part of the maps over their sum, (N,), 0 to 1."""
    (x,), (y,) = a, b
    axes = tuple(range(1, x.ndim))
    common = np.minimum(x, y).sum(axes, dtype=np.float64)
    both = x.sum(axes, dtype=np.float64) + y.sum(axes, dtype=np.float64)
    return 2 * common / np.maximum(both, 1e-12)


def stain_planes(tile: Pixels) -> NDArray[np.float32]:
    """Return eosin, haematoxylin and optical density, float32 (3, H, W), 0 to 1.

    Args:
        tile: uint8 (H, W, 3).
    """
    density = -np.log10(np.clip(tile.astype(np.float32), 1, WHITE) / WHITE)
    planes = np.stack([*(density @ _unmixing().T).transpose(2, 0, 1), density.mean(2)])
    low, high = (np.percentile(planes, share, axis=(1, 2))[:, None, None] for share in PERCENTILES)
    stretched: NDArray[np.float32] = np.clip((planes - low) / (high - low + 1e-8), 0, 1)
    return stretched.astype(np.float32)


def _shrunk(tile: Pixels) -> Pixels:
    height, width = (side // SHRINK for side in tile.shape[:2])
    boxes = tile[: height * SHRINK, : width * SHRINK].reshape(height, SHRINK, width, SHRINK, 3)
    return boxes.mean((1, 3)).round().astype(np.uint8)


@cache
def _unmixing() -> NDArray[np.float32]:
    """Return rows that turn optical densities into eosin and haematoxylin, (2, 3)."""
    stains = np.array([HAEMATOXYLIN, EOSIN])
    stains /= np.linalg.norm(stains, axis=1, keepdims=True)
    rest = np.cross(*stains)
    inverse = np.linalg.inv(np.stack([*stains, rest / np.linalg.norm(rest)], 1))
    return inverse[[1, 0]].astype(np.float32)


@cache
def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
