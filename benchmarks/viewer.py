"""How fast does a page decode and open, beside AVIF in the same browser? Needs node and Chromium.

`python -m benchmarks.viewer SLIDE OUT.md`: converts the slide, decodes its tiles in headless
Chromium by each kernel and in workers, then AVIF and JPEG of the same pixels; then opens a file of
100,000 x 100,000 pixels that is made of the slide's tiles. Run `make javascript` before.
"""

import argparse
import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import imagecodecs

import pathae_codec
from pathae_codec.container import create_container, open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.geometry import Level, TileIndex, tile_grid
from pathae_codec.model.artifact_file import stated_digest
from pathae_codec.record.description import SlideDescription
from pathae_codec.viewing.server import ViewerServer
from pathae_codec.viewing.shown import open_shown
from pathae_codec.viewing.site import Site
from pathae_codec.viewing.static_site import export_site

MEASURE = Path(__file__).parents[1] / "plugins" / "javascript" / "test" / "measure.js"
QUALITY, TILE = 50, 512
AVIF_LEVEL, AVIF_SPEED, JPEG_LEVEL = 45, 6, 30
PICTURES = 8
LARGE = 100_000
STEP = 4
"""From one level of the large file to the next."""


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("slide", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "slide.tif"
        convert_slide(options.slide, file, ConvertSettings(quality=QUALITY, tile=TILE))
        export_site([open_shown(file, "page")], folder / "site")
        write_pictures(file, folder / "pictures")
        speed = measure("speed", folder / "site", folder / "pictures")
        large = folder / "large.tif"
        write_large(file, large)
        opened = measure_opening(large)
        text = page(speed, opened, large.stat().st_size)
    options.out.write_text(text)
    print(text)


def measure(*arguments: str | Path) -> dict[str, Any]:
    """Run measure.js; return its figures."""
    run = subprocess.run(["node", MEASURE, *arguments], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def measure_opening(file: Path) -> dict[str, Any]:
    """Open a file in the viewer of `pathae view`."""
    with ViewerServer(Site([open_shown(file, "page")])) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            return measure("open", server.address)
        finally:
            server.shutdown()
            thread.join()


def write_pictures(file: Path, folder: Path) -> None:
    """Write tiles of the slide's middle as AVIF and JPEG."""
    folder.mkdir()
    slide = pathae_codec.open(file)
    width, height = slide.dimensions
    columns = width // TILE
    for number in range(min(PICTURES, columns * (height // TILE))):
        row, column = divmod(number, columns)
        pixels = slide.read_array((column * TILE, row * TILE), 0, (TILE, TILE))
        avif = imagecodecs.avif_encode(pixels, level=AVIF_LEVEL, speed=AVIF_SPEED, numthreads=1)
        (folder / f"{number}.avif").write_bytes(avif)
        (folder / f"{number}.jpg").write_bytes(imagecodecs.jpeg8_encode(pixels, level=JPEG_LEVEL))


def write_large(file: Path, large: Path) -> None:
    """Write a pyramid of LARGE x LARGE pixels whose tiles are those of a file, over and over."""
    container = open_container(file)
    levels, side = [], LARGE
    while side > TILE:
        levels.append(Level(len(levels), side, side, LARGE / side))
        side = -(-side // STEP)
    record = replace(
        container.record.sound(),
        levels=tuple((level.width, level.height) for level in levels),
        tiles=None,
        root=None,
        conversion=None,
    )
    description = SlideDescription(
        tuple(levels),
        None,
        {},
        container.parameters,
        record,
        stated_digest(container.parameters),
    )
    grid = list(tile_grid(container.levels[0], container.tile))
    stored = [data for data in container.tiles_bytes(0, grid) if data]
    with create_container(large, description) as writer:
        for level in levels:
            writer.write_level(level, repeated(stored, writer.tile_order(level)))


def repeated(stored: list[bytes], order: Iterator[TileIndex]) -> Iterator[bytes]:
    """Return a tile for each place."""
    for index in order:
        yield stored[(7 * index.row + index.column) % len(stored)]


def page(speed: dict[str, Any], opened: dict[str, Any], large: int) -> str:
    """Return the results as Markdown."""
    rows = [
        ("network, products and sums apart, direct", speed["direct"]),
        ("network, products and sums apart, Winograd", speed["winograd"]),
        ("network, fused (relaxed SIMD), direct", speed.get("fused")),
        ("network, fused (relaxed SIMD), Winograd", speed.get("fusedWinograd")),
        ("symbols (rANS)", speed["symbols"]),
        ("a tile, all of it, one worker", speed["workers1"]),
        ("a tile, all of it, two workers", speed["workers2"]),
        (f"AVIF {AVIF_LEVEL}, {speed['avifBytes'] / 1e3:.1f} kB", speed["avif"]),
        (f"JPEG {JPEG_LEVEL}, {speed['jpgBytes'] / 1e3:.1f} kB", speed["jpg"]),
    ]
    table = "\n".join(
        f"| {name} | {'not here' if ms is None else f'{ms:.1f}'} |" for name, ms in rows
    )
    first = opened["atFirst"]
    total = first["page"] + first["decoder"] + first["slide"]
    return f"""# The viewer

`python -m benchmarks.viewer SLIDE OUT.md`: headless Chromium, tiles of {speed["side"]} pixels
a side at quality {QUALITY}, {speed["bytes"] / 1e3:.1f} kB each, on two hyperthreads that others
share: compare the rows with each other, not with other machines.

| {speed["tiles"]} tiles, best round | ms a tile |
|---|---:|
{table}

A file of {LARGE:,} x {LARGE:,} pixels ({large / 1e6:.0f} MB), made of the slide's tiles, in the
viewer of `pathae view`:

| | |
|---|---:|
| first tile on the screen | {opened["first"] / 1e3:.1f} s, {opened["firstCpu"]:.1f} s of CPU |
| whole first picture | {opened["whole"] / 1e3:.1f} s, {opened["wholeCpu"]:.1f} s of CPU |
| page, not compressed | {first["page"] / 1e6:.2f} MB |
| decoder | {first["decoder"] / 1e6:.2f} MB |
| of the slide | {first["slide"] / 1e6:.2f} MB in {first["own"]["requests"]} requests |
| all that was loaded | {total / 1e6:.2f} MB in {first["requests"]} requests |
| memory of the page's process after {opened["seen"]} tiles | {opened["memory"] / 1e6:.0f} MB |
"""


if __name__ == "__main__":
    main()
