"""Draw the same tissue three times, enlarged: source, JPEG and PathAE at equal bytes.

    python -m benchmarks.picture OUT.png [--slide SLIDE --at X Y] [--quality 50]

Without a slide the tissue is drawn. The whole region counts: its PathAE tiles of 512, and the JPEG
(4:2:0) of the quality whose bytes come nearest to theirs. The middle of the first tile is shown.
"""

import argparse
from pathlib import Path

import imagecodecs
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.synthetic_tissue import draw_tissue
from pathae_codec import TileCodec, find_model, open_slide
from pathae_codec.arrays import Pixels
from pathae_codec.model.default import DEFAULT_MODEL

TILE, SHOWN, ENLARGED = 512, 128, 3
MARGIN, CAPTION = 8, 44


def read_region(slide: Path | None, at: tuple[int, int]) -> Pixels:
    """Return uint8 (1024, 1024, 3)."""
    if slide is None:
        return draw_tissue(2 * TILE, 2 * TILE, seed=5)
    with open_slide(slide) as source:
        return source.read_region(0, *at, 2 * TILE, 2 * TILE)


def code_pathae(pixels: Pixels, model: str, quality: int) -> tuple[Pixels, int]:
    """Return what four tiles decode to, and their bytes."""
    codec = TileCodec(find_model(model))
    rung = codec.model.nearest_quality(quality)
    grid = pixels.reshape(2, TILE, 2, TILE, 3).swapaxes(1, 2).reshape(4, TILE, TILE, 3)
    tiles = codec.encode_tiles(grid, rung)
    decoded = np.stack(codec.decode_tiles(tiles)).reshape(2, 2, TILE, TILE, 3).swapaxes(1, 2)
    return decoded.reshape(pixels.shape), sum(map(len, tiles))


def code_jpeg(pixels: Pixels, size: int) -> tuple[Pixels, int, int]:
    """Return the JPEG whose bytes are nearest to `size`: pixels, bytes and quality."""
    coded = {
        quality: imagecodecs.jpeg8_encode(pixels, level=quality, subsampling="420", optimize=True)
        for quality in range(1, 96)
    }
    quality = min(coded, key=lambda q: abs(len(coded[q]) - size))
    return imagecodecs.jpeg8_decode(coded[quality]), len(coded[quality]), quality


def psnr(a: Pixels, b: Pixels) -> float:
    error = np.mean((a.astype(float) - b) ** 2)
    return float(10 * np.log10(255**2 / error))


def main() -> None:
    parser = argparse.ArgumentParser(description="Source, JPEG and PathAE at equal bytes.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--slide", type=Path)
    parser.add_argument("--at", type=int, nargs=2, default=(0, 0))
    parser.add_argument("--quality", type=int, default=50)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    options = parser.parse_args()
    source = read_region(options.slide, tuple(options.at))
    ours, size = code_pathae(source, options.model, options.quality)
    jpeg, jpeg_size, jpeg_quality = code_jpeg(source, size)
    kib = 1024
    panels = [
        (source, "Source", f"{source.nbytes / kib:.0f} KiB as pixels"),
        (
            jpeg,
            f"JPEG, quality {jpeg_quality}",
            f"{jpeg_size / kib:.1f} KiB, {psnr(source, jpeg):.1f} dB",
        ),
        (
            ours,
            f"PathAE, quality {options.quality}",
            f"{size / kib:.1f} KiB, {psnr(source, ours):.1f} dB",
        ),
    ]
    side = SHOWN * ENLARGED
    picture = Image.new("RGB", (3 * side + 4 * MARGIN, side + 2 * MARGIN + CAPTION), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    start = (TILE - SHOWN) // 2
    for place, (pixels, title, figures) in enumerate(panels):
        crop = pixels[start : start + SHOWN, start : start + SHOWN]
        x = MARGIN + place * (side + MARGIN)
        shown = Image.fromarray(crop).resize((side, side), Image.Resampling.NEAREST)
        picture.paste(shown, (x, MARGIN))
        draw.text((x, side + MARGIN + 4), title, "black", font)
        draw.text((x, side + MARGIN + 23), figures, "black", font)
    picture.save(options.out, optimize=True)
    for _, title, figures in panels:
        print(f"{title}: {figures}")


if __name__ == "__main__":
    main()
