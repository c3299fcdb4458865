"""A drawn slide with all that a network may fail on, each in a tile of its own."""

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.synthetic_tissue import draw_tissue
from pathae_codec.arrays import Pixels

TILE = 256


def draw_mixed_slide() -> Pixels:
    """Draw tissue, pen marks, black text, a colour chart, noise and white glass, 1240 x 700."""
    pixels = draw_tissue(700, 1240, 3)
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    for shift in range(0, 200, 40):
        draw.line([(270 + shift, 10), (330 + shift, 240)], fill=(20, 40, 160), width=9)
    draw.rectangle([512, 0, 767, 255], fill=(255, 255, 255))
    for row in range(14):
        draw.text((520, 6 + 17 * row), "Block 7B, section 12, stain H&E, slide 3 of 9", fill=0)
    mixed = np.array(image)
    colours = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    mixed[:256, 768:1024] = colours.repeat(32, 0).repeat(32, 1)
    mixed[256:512, :256] = np.random.default_rng(2).integers(0, 256, (256, 256, 3), np.uint8)
    mixed[256:512, 256:512] = 255
    return mixed
