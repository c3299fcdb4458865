"""The worst tiles: source, file, and what differs."""

import numpy as np
from numpy.typing import NDArray

from pathae_codec.verification.figures import describe_coding
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.markup import picture, section, text
from pathae_codec.verification.report.wording import decibels, size, tiles
from pathae_codec.verification.worst import PART_SIDE, WorstTile

Pixels = NDArray[np.uint8]

GAIN = 4
GREY = 128


def draw_worst(found: Verification) -> str:
    """Draw the worst tiles side by side."""
    lead = (
        f"The {tiles(len(found.worst))} of the least PSNR, the worst first: of each the part, up "
        f"to {PART_SIDE} × {PART_SIDE} pixels, that differs most. The third picture is the "
        f"difference, file less source, {GAIN} times as strong around a middle grey."
    )
    cards = "".join(_card(found, rank, tile) for rank, tile in enumerate(found.worst, 1))
    return section("worst", "The worst tiles", text(lead), cards)


def difference(original: Pixels, decoded: Pixels) -> Pixels:
    """Return decoded less original, amplified around a middle grey: uint8 of the same shape."""
    off = np.subtract(decoded, original, dtype=np.int16) * GAIN + GREY
    amplified: Pixels = np.clip(off, 0, 255).astype(np.uint8)
    return amplified


def _card(found: Verification, rank: int, tile: WorstTile) -> str:
    figures, place = tile.figures, tile.place
    level = found.levels[place.level]
    at = place.row, place.column
    where = str(place).capitalize()
    facts = (
        f"largest error {figures.fidelity.max_error}",
        f"SSIM {figures.ssim:.4f}",
        f"CIEDE2000 {figures.colour:.2f}",
        describe_coding(int(level.coding[at])),
        size(int(level.bytes[at])),
        f"part at x {tile.x}, y {tile.y}",
    )
    pictures = (
        ("source", tile.original),
        ("this file", tile.decoded),
        (f"difference × {GAIN}", difference(tile.original, tile.decoded)),
    )
    shown = "".join(
        f"<figure>{picture(pixels, f'{name}, worst tile {rank}')}"
        f"<figcaption>{text(name)}</figcaption></figure>"
        for name, pixels in pictures
    )
    return (
        f'<article class="tile"><h3><span class="rank">{rank}</span> {text(where)} '
        f"<b>{decibels(figures.fidelity.psnr)}</b></h3>"
        f'<p class="facts">{text(" · ".join(facts))}</p><div class="trio">{shown}</div></article>'
    )
