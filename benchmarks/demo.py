"""What `make demo` runs: a slide to OME-Zarr and TIFF, and back through plain zarr and tifffile.

    python -m benchmarks.demo [SLIDE]

Files go to the folder `demo`. Prints sizes, ratio to the source file, PSNR and times.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import tifffile
import zarr

from benchmarks.data import shared_slides
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.arrays import Pixels
from pathae_codec.slide import open_slide
from pathae_codec.storage.stored_files import stored_bytes

Read = Callable[[int, int, int, int], Pixels]
FOLDER = Path("demo")
WINDOW = 1024
WINDOWS = 256


def choose_slide(given: Path | None) -> Path:
    """Return the slide to show: the one that is given, a shared one, or a drawn one."""
    if given:
        return given
    shared = [path for path in shared_slides() if path.suffix == ".svs"]
    if shared:
        return shared[0]
    drawn = FOLDER / "synthetic.svs"
    print("no slide given and none at hand: drawing a synthetic one")
    write_synthetic_slide(drawn)
    return drawn


def convert(source: Path, destination: Path) -> float:
    """Run `pathae convert` as a user would; return the seconds it took."""
    command = [
        Path(sys.executable).parent / "pathae",
        "convert",
        source,
        destination,
        "--overwrite",
    ]
    start = time.perf_counter()
    code = subprocess.run(command, check=False).returncode
    if code:
        sys.exit(code)
    return time.perf_counter() - start


def windows(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Return x, y, width, height of windows over a level: all, or 256 spread over a large one."""
    grid = [(x, y) for y in range(0, height, WINDOW) for x in range(0, width, WINDOW)]
    for index in np.linspace(0, len(grid) - 1, min(WINDOWS, len(grid))).astype(int):
        x, y = grid[index]
        yield x, y, min(WINDOW, width - x), min(WINDOW, height - y)


def compare(source: Path, read: Read) -> tuple[float, float]:
    """Return the PSNR in dB of level 0 against the source, and the MPix/s of reading it."""
    squares, samples, seconds = 0.0, 0, 0.0
    with open_slide(source) as slide:
        level = slide.levels[0]
        for window in windows(level.width, level.height):
            original = slide.read_region(0, *window)
            start = time.perf_counter()
            pixels = read(*window)
            seconds += time.perf_counter() - start
            squares += float(np.square(original.astype(np.float32) - pixels).sum(dtype=np.float64))
            samples += original.size
    psnr = 10 * np.log10(255**2 * samples / squares) if squares else np.inf
    return float(psnr), samples / 3e6 / seconds


def main() -> None:
    """Convert, read back, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("slide", nargs="?", type=Path)
    given = parser.parse_args().slide
    FOLDER.mkdir(exist_ok=True)
    source = choose_slide(given)
    ome_zarr, tiff = FOLDER / f"{source.stem}.ome.zarr", FOLDER / f"{source.stem}.tif"
    seconds = {path: convert(source, path) for path in (ome_zarr, tiff)}
    level = zarr.open_group(ome_zarr, mode="r")["0"]
    with tifffile.TiffFile(tiff) as file:
        page = zarr.open_array(file.aszarr(series=0, level=0), mode="r")
        readers: dict[Path, tuple[str, Read]] = {
            ome_zarr: (
                "plain zarr",
                lambda x, y, w, h: np.moveaxis(level[:, y : y + h, x : x + w], 0, -1),
            ),
            tiff: ("plain tifffile", lambda x, y, w, h: page[y : y + h, x : x + w]),
        }
        size = stored_bytes(source)
        print(f"\n{'file':36} {'MB':>7} {'ratio':>6} {'convert':>8} {'PSNR':>9}  read by")
        print(f"{source.name:36} {size / 1e6:7.2f} {1:6.2f}")
        for path, (name, read) in readers.items():
            psnr, speed = compare(source, read)
            print(
                f"{path.name:36} {stored_bytes(path) / 1e6:7.2f} "
                f"{size / stored_bytes(path):6.2f} {seconds[path]:6.1f} s {psnr:6.2f} dB  "
                f"{name}, {speed:.1f} MPix/s"
            )
    print(f"\ntorch in this process: {'torch' in sys.modules}")


if __name__ == "__main__":
    main()
