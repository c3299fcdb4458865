"""Pixels of stored tiles through a torch DataLoader: workers, and threads in each of them.

    python -m benchmarks.data_loader SLIDE [--quality 50] [--batch 8] [--rounds 3]

The slide is converted once. Each line is a process of its own; the best epoch counts, the first
only warms up: workers start, and open the slide and the network, in that one. Torch is left out: it
has one thread in a worker whatever is said.
"""

import argparse
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from torch.utils.data import DataLoader

from pathae_codec import ConvertSettings, TileDataset, convert_slide
from pathae_codec.backends.choice import available_backends

WAYS = ((0, 0), (1, 0), (2, 0), (2, 1))
"""Workers, and threads of each network; 0 threads leaves the number to the backend."""


def best_epoch(path: Path, workers: int, batch: int, rounds: int) -> float:
    """Read all tiles some times over; give megapixels a second of the fastest time."""
    dataset = TileDataset([path], "pixels")
    loader = DataLoader(
        dataset, batch_size=batch, num_workers=workers, persistent_workers=workers > 0
    )
    best = 0.0
    for number in range(rounds + 1):
        start = time.perf_counter()
        pixels = sum(found.values[:, 0].numel() for found in loader)
        seconds = time.perf_counter() - start
        best = max(best, pixels / 1e6 / seconds) if number else best
    return best


def main() -> None:
    """Convert a slide and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("slide", type=Path)
    parser.add_argument("--quality", type=int, default=50)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.tif"
        convert_slide(options.slide, path, ConvertSettings(quality=options.quality))
        dataset = TileDataset([path], "pixels")
        print(
            f"{options.slide.name}, quality {options.quality}: {len(dataset)} tiles of "
            f"{dataset[0].values.shape[-1]}, {options.batch} a batch, {os.cpu_count()} cores\n"
        )
        print("| backend | workers | threads | MPix/s |\n|---|---|---|---|")
        for backend in (name for name in available_backends() if name != "torch"):
            for workers, threads in WAYS:
                os.environ |= {"PATHAE_BACKEND": backend, "PATHAE_THREADS": str(threads)}
                # Spawned, so that it has no threads and no networks of this one.
                with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                    one = pool.submit(best_epoch, path, workers, options.batch, options.rounds)
                    speed = one.result()
                print(f"| {backend} | {workers} | {threads or 'all'} | {speed:.1f} |", flush=True)


if __name__ == "__main__":
    main()
