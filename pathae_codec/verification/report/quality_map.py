"""Where on the slide the pixels are near the source and where they are not."""

import numpy as np

from pathae_codec.verification.figures import LevelFigures, State, count_state
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.colours import LEAST, MOST, colour_map, gradient
from pathae_codec.verification.report.markup import picture, section, text
from pathae_codec.verification.report.wording import tiles


def draw_maps(found: Verification) -> str:
    """Draw a map of each level beside the slide: one colour a tile."""
    if not found.compared:
        return ""
    width, height = found.thumbnail.shape[1], found.thumbnail.shape[0]
    slide = (
        f'<figure class="map"><div class="frame" style="aspect-ratio:{width}/{height}">'
        f"{picture(found.thumbnail, 'the slide')}</div>"
        "<figcaption><b>The slide</b> drawn from the source, for orientation</figcaption></figure>"
    )
    maps = "".join(_map(found, level) for level in found.levels)
    legend = (
        f'<div class="legend"><span>{LEAST:g} dB</span><span class="ramp" '
        f'style="background:{gradient()}"></span><span>{MOST:g} dB</span>'
        '<span class="key"><span class="swatch exact"></span>exact</span>'
        '<span class="key"><span class="swatch none"></span>not compared</span>'
        '<span class="key"><span class="swatch low"></span>below the floor</span></div>'
    )
    return section(
        "map",
        "Where on the slide",
        "PSNR of each tile. Numbers are those of the worst tiles below.",
        legend,
        f'<div class="maps">{slide}{maps}</div>',
    )


def _map(found: Verification, level: LevelFigures) -> str:
    rows, columns = level.state.shape
    # In tiles: the last row and column may lie on the level in part only.
    wide, high = level.level.width / level.tile, level.level.height / level.tile
    shown = np.where(level.state == State.COMPARED, level.psnr, np.nan)
    image = picture(
        colour_map(shown.astype(np.float32)),
        f"map of PSNR, level {level.level.index}",
        f"width:{100 * columns / wide:.3f}%;height:{100 * rows / high:.3f}%",
        "cells",
    )
    number = level.level.index
    done = count_state((level,), State.COMPARED)
    return (
        f'<figure class="map"><div class="frame" style="aspect-ratio:{wide:.4f}/{high:.4f}">{image}'
        f'<svg viewBox="0 0 {wide:.4f} {high:.4f}" aria-hidden="true">'
        f"{_outlines(found, number)}{_numbers(found, number, max(wide, high))}</svg></div>"
        f"<figcaption><b>Level {number}</b> {text(level.level.width)} × {text(level.level.height)} "
        f"pixels, {tiles(done)} compared</figcaption></figure>"
    )


def _outlines(found: Verification, level: int) -> str:
    drawn = []
    for below in found.below:
        if below.place.level == level:
            figures = found.levels[level]
            x, y, width, height = (
                side / figures.tile for side in figures.visible(below.place.index)
            )
            drawn.append(
                f'<rect class="low" x="{x:g}" y="{y:g}" width="{width:.4f}" height="{height:.4f}"/>'
            )
    return "".join(drawn)


def _numbers(found: Verification, level: int, extent: float) -> str:
    marks = []
    for rank, tile in enumerate(found.worst, 1):
        if tile.place.level == level:
            figures = found.levels[level]
            x, y, width, height = figures.visible(tile.place.index)
            across, down = (x + width / 2) / figures.tile, (y + height / 2) / figures.tile
            marks.append(
                f'<g transform="translate({across:.3f} {down:.3f}) scale({extent / 34:.4f})">'
                f'<circle r="1"/><text y="0.42">{rank}</text></g>'
            )
    return "".join(marks)
