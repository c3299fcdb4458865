"""Are nuclei lost, invented or changed?

The same U-Net (see `segmentation`) finds nuclei in the original and in the reconstruction; what
differs is the codec's doing. Counts, areas and haematoxylin are compared for each quarter of each
test crop (Bland and Altman 1986). The worst quarters are drawn into the work folder, original and
reconstruction side by side, for they show the data's pixels.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.material import Material
from benchmarks.bench.networks.unet import segment
from benchmarks.bench.networks.weights import weights_digest
from benchmarks.bench.nuclei import Mask, Nuclei, find_nuclei, same_nuclei
from benchmarks.bench.tasks import segmentation
from benchmarks.bench.tile_sets import load_nuclei
from pathae_codec.arrays import Pixels

REVISION = 1
ZOOM = 2
OUTLINE = (0, 0, 0)


@dataclass(frozen=True)
class Settings(segmentation.Settings):
    """As of `segmentation`, and how many of the worst quarters are drawn."""

    drawn: int = 3


def measure(
    codec: CodecSetting, seed: int, settings: Settings, material: Material
) -> dict[str, Any]:
    """Measure every quarter: nuclei of both, those that both have, mean area and haematoxylin."""
    assert material.data.nuclei is not None
    crops = load_nuclei(material.data.nuclei, settings.limit)
    network = segmentation.nuclei_network(settings, seed, material)
    coded = material.coded(codec, crops.test)
    originals, decoded = crops.test.pixels, coded.decode()
    masks = segment(network, originals), segment(network, decoded)
    side = originals.shape[1] // 2
    corners = [(top, left) for top in (0, side) for left in (0, side)]
    quarters = []
    for index, top, left in ((i, *corner) for i in range(len(crops.names)) for corner in corners):
        window = _window(index, top, left, side)
        found = [
            find_nuclei(mask[window], pixels[window], settings.least_area)
            for mask, pixels in zip(masks, (originals, decoded), strict=True)
        ]
        quarters.append({"crop": crops.names[index], "top": top, "left": left} | _compare(*found))
    worst = sorted(quarters, key=lambda q: q["both"] / max(q["original"], q["decoded"], 1))
    worst = worst[: 0 if codec.is_original else settings.drawn]
    folder = _pictures(material.work, codec, seed)
    for rank, quarter in enumerate(worst):
        window = _window(crops.names.index(quarter["crop"]), quarter["top"], quarter["left"], side)
        pair = [(originals[window], masks[0][window]), (decoded[window], masks[1][window])]
        _draw(folder / f"{rank + 1}-{quarter['crop']}.png", pair)
    return {
        "networks": {"U-Net": weights_digest(network)},
        "pixels": int(originals[0, ..., 0].size),
        "bytes": coded.sizes.tolist(),
        "quarters": quarters,
        "worst": [f"{q['crop']} at {q['left']}, {q['top']}" for q in worst],
    }


def _pictures(work: Path, codec: CodecSetting, seed: int) -> Path:
    """Return where quarters are drawn to, of plain characters only."""
    plain = [
        re.sub(r"[^a-z0-9.]+", "_", p.lower()).strip("_") for p in (codec.codec, codec.setting)
    ]
    return work / "pictures" / "nuclei_fidelity" / f"{'-'.join(plain)}-{seed}"


def _window(index: int, top: int, left: int, side: int) -> tuple[int, slice, slice]:
    return index, slice(top, top + side), slice(left, left + side)


def _compare(original: Nuclei, decoded: Nuclei) -> dict[str, float | int | None]:
    def mean(values: Any) -> float | None:  # noqa: ANN401
        return float(np.round(values.mean(), 5)) if len(values) else None

    return {
        "original": len(original.areas),
        "decoded": len(decoded.areas),
        "both": same_nuclei(original, decoded),
        "original_area": mean(original.areas),
        "decoded_area": mean(decoded.areas),
        "original_haematoxylin": mean(original.haematoxylin),
        "decoded_haematoxylin": mean(decoded.haematoxylin),
    }


def _draw(path: Path, pair: list[tuple[Pixels, Mask]]) -> None:
    """Draw original left and reconstruction right, the nuclei of each outlined."""
    panels = []
    for pixels, mask in pair:
        large = pixels.repeat(ZOOM, 0).repeat(ZOOM, 1).copy()
        inside = mask.repeat(ZOOM, 0).repeat(ZOOM, 1)
        edge = inside.copy()
        edge[1:-1, 1:-1] &= ~(
            inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
        )
        large[edge] = OUTLINE
        panels.append(large)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(panels, 1)).save(path)
