"""The curves of `rate_distortion` in short: bytes of PathAE at equal fidelity, for README.md.

    python -m benchmarks.equal_fidelity

reads `results/rate_distortion.json` and `results/rate_distortion_half.json` and writes the table
into README.md.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bench.page.tables import markdown
from benchmarks.curve import Point, bd_rate
from benchmarks.curve_file import read_curves
from benchmarks.readme import README, show_table

COMMAND = "python -m benchmarks.equal_fidelity"
RESULTS = Path(__file__).with_name("results")
FILES = ("rate_distortion.json", "rate_distortion_half.json")
TILES = {
    "dev/brecahad": "breast (BreCaHAD)",
    "nuclei/test": "nuclei 40x (MoNuSeg; source not trained on)",
    "nuclei/test, half size": "nuclei, halved to 20x",
    "dev/breakhis": "breast, camera (BreakHis, smooth)",
    "dev/osteosarcoma_ut": "bone, once JPEG (osteosarcoma)",
    "dev/lc25000": "lung and colon, once JPEG (LC25000; source not trained on)",
}
BY_PSNR = ("JPEG 4:2:0", "JPEG 2000", "WebP", "JPEG XL e7", "AVIF s6")
BY_FEATURES = ("JPEG 4:2:0", "JPEG XL e7", "AVIF s6")

Curves = Mapping[str, Sequence[Point]]


def load_curves(folder: Path) -> dict[str, Curves]:
    """Return the curves of each set of tiles, by codec."""
    return {
        title: measured.curves
        for name in FILES
        for title, measured in read_curves(folder / name).items()
    }


def short_table(sets: Mapping[str, Curves]) -> str:
    """Return BD-rates by PSNR and by features, a line a set."""
    features = [f"by features: {BY_FEATURES[0]}", *BY_FEATURES[1:]]
    lines = []
    for title, name in TILES.items():
        curves = sets[title]
        rates = [bd_rate(curves["PathAE"], curves[codec], "psnr") for codec in BY_PSNR]
        rates += [bd_rate(curves["PathAE"], curves[codec], "features") for codec in BY_FEATURES]
        lines.append([name, *(f"{rate:+.0f} %" for rate in rates)])
    return markdown(["Tiles", *BY_PSNR, *features], lines)


if __name__ == "__main__":
    show_table(README, COMMAND, short_table(load_curves(RESULTS)))
