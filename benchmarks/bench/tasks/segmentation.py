"""Does a U-Net that finds nuclei notice (the paper's Table 3)?

It is trained on original crops and tested on reconstructions of crops of other patients. A seed is
one of its trainings. Dice and IoU are of pixels, F1 is of nuclei as objects; each is computed for
each crop by itself: none can be had from the others.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.material import Material
from benchmarks.bench.networks.unet import UNet, segment, train_unet
from benchmarks.bench.networks.weights import weights_digest
from benchmarks.bench.nuclei import find_nuclei, object_f1, overlap
from benchmarks.bench.tile_sets import load_nuclei

REVISION = 1


@dataclass(frozen=True)
class Settings:
    """Crops of each part, the U-Net and its training, the smallest nucleus in pixels."""

    limit: int = 20
    width: int = 12
    steps: int = 500
    crop: int = 160
    least_area: int = 40


def nuclei_network(settings: Settings, seed: int, material: Material) -> nn.Module:
    """Return the U-Net of a seed, trained on original crops."""
    assert material.data.nuclei is not None
    crops = load_nuclei(material.data.nuclei, settings.limit)
    depends = [crops.train.identity, settings.width, settings.steps, settings.crop, seed]
    return material.network(
        "unet",
        depends,
        lambda: UNet(settings.width, seed),
        lambda network: train_unet(
            network,
            crops.train.pixels,
            crops.train_masks,
            steps=settings.steps,
            crop=settings.crop,
            seed=seed,
        ),
    )


def measure(
    codec: CodecSetting, seed: int, settings: Settings, material: Material
) -> dict[str, Any]:
    """Measure every test crop: bytes, Dice, F1 and IoU against the mask of the data."""
    assert material.data.nuclei is not None
    crops = load_nuclei(material.data.nuclei, settings.limit)
    network = nuclei_network(settings, seed, material)
    coded = material.coded(codec, crops.test)
    pixels = coded.decode()
    scores: dict[str, list[float]] = {"dice": [], "f1": [], "iou": []}
    found = segment(network, pixels)
    for picture, mask, wanted in zip(pixels, found, crops.test_masks, strict=True):
        dice, iou = overlap(wanted, mask)
        nuclei = [find_nuclei(m, picture, settings.least_area) for m in (wanted, mask)]
        for name, value in (("dice", dice), ("f1", object_f1(*nuclei)), ("iou", iou)):
            scores[name].append(float(np.round(value, 5)))
    return {
        "crops": list(crops.names),
        "networks": {"U-Net": weights_digest(network)},
        "pixels": int(pixels[0, ..., 0].size),
        "bytes": coded.sizes.tolist(),
        **scores,
    }
