"""Draws what looks like H&E-stained tissue at 0.5 microns per pixel, from a seed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

# Optical density of the dyes in red, green and blue, as in Ruifrok and Johnston, softened to the
# colours of scanners.
_HEMATOXYLIN = np.array([0.62, 0.66, 0.32], np.float32)
_EOSIN = np.array([0.10, 0.62, 0.26], np.float32)
_NUCLEUS_SPACING = 26
_GLAND_SPACING = 330


@dataclass(frozen=True)
class _Dyes:
    """Amount of each dye, float32 (H, W), 0 on glass."""

    hematoxylin: Plane
    eosin: Plane


def draw_tissue(height: int, width: int, seed: int) -> NDArray[np.uint8]:
    """Draw uint8 (height, width, 3): stroma, nuclei and glands on glass of exactly 255."""
    rng = np.random.default_rng(seed)
    tissue = _tissue(rng, height, width)
    dyes = _draw_stroma(rng, tissue)
    glands = _draw_glands(rng, dyes, tissue)
    _draw_stroma_nuclei(rng, dyes, tissue & ~glands)
    light = np.empty((height, width, 3), np.uint8)
    for channel in range(3):
        density = dyes.hematoxylin * _HEMATOXYLIN[channel] + dyes.eosin * _EOSIN[channel]
        light[..., channel] = np.rint(255 * np.exp(-density))
    light[~tissue] = 255
    return light


def _noise(rng: np.random.Generator, height: int, width: int, cell: float) -> Plane:
    """Smooth noise, float32 (height, width) in 0 to 1, with features of `cell` pixels."""
    rows, columns = int(height / cell) + 3, int(width / cell) + 3
    grid = rng.random((rows, columns), np.float32)
    return _blend(_blend(grid, height, cell).T, width, cell).T


def _blend(grid: Plane, length: int, cell: float) -> Plane:
    place = np.arange(length, dtype=np.float32) / np.float32(cell)
    index = place.astype(np.intp)
    part = (place - index)[:, None]
    part = part * part * (3 - 2 * part)
    blended: Plane = grid[index] * (1 - part) + grid[index + 1] * part
    return blended


def _tissue(rng: np.random.Generator, height: int, width: int) -> NDArray[np.bool_]:
    """Say where tissue is: one ragged section with glass around it and tears in it."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    side = min(height, width)
    edge = _noise(rng, height, width, side / 4) + 0.3 * _noise(rng, height, width, side / 30)
    tears = _noise(rng, height, width, side / 9) + 0.03 * _noise(rng, height, width, 14)
    inside: NDArray[np.bool_] = (x * x + y * y < 0.35 + 0.55 * edge) & (tears < 0.9)
    # Corners stay glass whatever the noise is.
    return inside & (abs(x) < 0.93) & (abs(y) < 0.93)


def _draw_stroma(rng: np.random.Generator, tissue: NDArray[np.bool_]) -> _Dyes:
    height, width = tissue.shape
    y = np.arange(height, dtype=np.float32)[:, None]
    x = np.arange(width, dtype=np.float32)[None, :]
    bend = 260 * _noise(rng, height, width, 240) + 12 * _noise(rng, height, width, 28)
    fibres = np.sin((0.8 * y + 0.45 * x + bend) / 3.4) * _noise(rng, height, width, 30)
    gaps = np.clip(_noise(rng, height, width, 17) + 0.22 * fibres - 0.72, 0, 1)
    eosin = 0.42 + 0.30 * _noise(rng, height, width, 150) + 0.11 * fibres
    eosin += 0.10 * (_noise(rng, height, width, 2.2) - 0.5) - 1.6 * gaps
    hematoxylin = 0.05 + 0.08 * _noise(rng, height, width, 60) * (gaps == 0)
    clear = np.float32(0.02)
    return _Dyes(
        np.where(tissue, hematoxylin, 0).astype(np.float32),
        np.where(tissue, np.maximum(eosin, clear), 0).astype(np.float32),
    )


def _jittered(rng: np.random.Generator, shape: tuple[int, ...], spacing: int) -> NDArray[np.intp]:
    """Scatter points at about `spacing` pixels, intp (N, 2) of y, x."""
    y, x = np.mgrid[0 : shape[0] : spacing, 0 : shape[1] : spacing]
    points = np.stack([y.ravel(), x.ravel()], 1) + rng.uniform(0, spacing, (y.size, 2))
    return points[(points < shape[:2]).all(axis=1)].astype(np.intp)


def _draw_stroma_nuclei(rng: np.random.Generator, dyes: _Dyes, allowed: NDArray[np.bool_]) -> None:
    crowding = _noise(rng, allowed.shape[0], allowed.shape[1], 180)
    for y, x in _jittered(rng, allowed.shape, _NUCLEUS_SPACING):
        if allowed[y, x] and rng.random() < 0.2 + 0.7 * crowding[y, x] ** 2:
            slim = rng.random() < 0.55
            radii = (rng.uniform(9, 14), rng.uniform(2.5, 3.8)) if slim else rng.uniform(4.5, 7, 2)
            angle = rng.normal(-0.5, 0.5) if slim else rng.uniform(0, np.pi)
            _draw_nucleus(rng, dyes, (y, x), (radii[0], radii[1]), angle)


def _draw_nucleus(
    rng: np.random.Generator,
    dyes: _Dyes,
    centre: tuple[float, float],
    radii: tuple[float, float],
    angle: float,
) -> None:
    """Draw an ellipse of dark chromatin with a darker rim; `angle` is of its long axis to x."""
    reach = int(max(radii)) + 3
    top, left = int(centre[0]) - reach, int(centre[1]) - reach
    rows = slice(max(top, 0), min(top + 2 * reach + 1, dyes.eosin.shape[0]))
    columns = slice(max(left, 0), min(left + 2 * reach + 1, dyes.eosin.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - centre[0]
    x = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :] - centre[1]
    along = (x * np.cos(angle) + y * np.sin(angle)) / radii[0]
    across = (y * np.cos(angle) - x * np.sin(angle)) / radii[1]
    distance = np.sqrt(along * along + across * across)
    cover = np.clip((1 - distance) * min(radii) / 1.6, 0, 1)
    chromatin = rng.uniform(0.7, 1.15) + 0.35 * rng.random(distance.shape, np.float32)
    chromatin += 0.25 * np.exp(-(((distance - 0.85) / 0.15) ** 2))
    part = dyes.hematoxylin[rows, columns]
    part += cover * (chromatin - part)
    dyes.eosin[rows, columns] *= 1 - 0.4 * cover


def _draw_glands(
    rng: np.random.Generator, dyes: _Dyes, tissue: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Draw glands into the dyes and return where they are."""
    covered = np.zeros_like(tissue)
    for y, x in _jittered(rng, tissue.shape, _GLAND_SPACING):
        radius = rng.uniform(60, 125)
        reach = int(radius * 1.5)
        rows, columns = slice(max(y - reach, 0), y + reach), slice(max(x - reach, 0), x + reach)
        if rng.random() < 0.75 and tissue[rows, columns].all():
            covered[rows, columns] |= _draw_gland(rng, dyes, (y, x), radius, (rows, columns))
    return covered


def _draw_gland(
    rng: np.random.Generator,
    dyes: _Dyes,
    centre: tuple[int, int],
    radius: float,
    window: tuple[slice, slice],
) -> NDArray[np.bool_]:
    """Draw an empty lumen, a ring of cytoplasm and a row of nuclei near its outer edge."""
    phases, heights = rng.uniform(0, 2 * np.pi, 4), rng.uniform(0.02, 0.09, 4)

    def outline(angle: Plane) -> Plane:
        waves = [
            h * np.sin((n + 2) * angle + p)
            for n, (h, p) in enumerate(zip(heights, phases, strict=True))
        ]
        return np.asarray(radius * (1 + sum(waves)), np.float32)

    shape = dyes.eosin[window].shape
    y = np.arange(shape[0], dtype=np.float32)[:, None] + window[0].start - centre[0]
    x = np.arange(shape[1], dtype=np.float32)[None, :] + window[1].start - centre[1]
    depth = np.hypot(x, y) / outline(np.arctan2(y, x))
    ring = np.clip((1 - depth) * 25, 0, 1)
    lumen = np.clip((0.52 + 0.1 * _noise(rng, shape[0], shape[1], 9) - depth) * 20, 0, 1)
    for plane, inside in ((dyes.eosin, 0.42), (dyes.hematoxylin, 0.20)):
        part = plane[window]
        cytoplasm = inside + 0.14 * (_noise(rng, shape[0], shape[1], 7) - 0.5)
        part += ring * (cytoplasm * (1 - lumen) + 0.02 * lumen - part)
    for angle in np.arange(0, 2 * np.pi, 8.5 / radius):
        edge = float(outline(np.asarray(angle, np.float32))) * rng.uniform(0.80, 0.88)
        place = centre[0] + edge * np.sin(angle), centre[1] + edge * np.cos(angle)
        _draw_nucleus(rng, dyes, place, (rng.uniform(7.5, 10), rng.uniform(3.8, 5)), angle)
    return np.asarray(depth < 1.04)
