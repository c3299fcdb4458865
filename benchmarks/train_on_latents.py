"""Train a small classifier on stored latents, and the same on decoded pixels: accuracy and time.

    python -m benchmarks.train_on_latents [--folder LABELLED] [--quality 50] [--epochs 12]

LABELLED has `train` and `test`, and in each a folder of tiles for each class. All tiles of a class
become one slide, a mosaic without borders, and each is one stored tile. Which patient a tile is of
is not known in the default data, so that accuracies are those of the tiles, not of patients.
"""

import argparse
import math
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import tifffile
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader

from benchmarks.data import data_folder
from pathae_codec import ConvertSettings, TileDataset, convert_slide
from pathae_codec.regions.tile_dataset import TileSample, Values

BATCH, RATE = 32, 2e-3


def write_mosaic(paths: list[Path], destination: Path) -> int:
    """Write tiles of one size side by side as an uncompressed TIFF; return their side."""
    tiles = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
    side = tiles[0].shape[0]
    columns = math.isqrt(len(tiles) - 1) + 1
    mosaic = np.full((-(-len(tiles) // columns) * side, columns * side, 3), 255, np.uint8)
    for number, tile in enumerate(tiles):
        y, x = (place * side for place in divmod(number, columns))
        mosaic[y : y + side, x : x + side] = tile
    tifffile.imwrite(destination, mosaic, photometric="rgb", tile=(side - side % 16,) * 2)
    return side


def convert_classes(folder: Path, destination: Path, quality: int) -> tuple[list[Path], int]:
    """Convert each class of a split to a slide; return the slides and the bytes of their tiles."""
    slides = []
    for label in sorted(path for path in folder.iterdir() if path.is_dir()):
        source = destination / f"{label.name}-source.tif"
        paths = sorted(path for path in label.iterdir() if path.suffix in {".jpg", ".png"})
        side = write_mosaic(paths, source)
        slides.append(destination / f"{label.name}.tif")
        convert_slide(
            source, slides[-1], ConvertSettings(quality=quality, tile=side, keep=frozenset())
        )
        source.unlink()
    return slides, sum(path.stat().st_size for path in slides)


def classifier(channels: int, classes: int, halvings: int) -> nn.Module:
    """Return four convolutions, the first ones of stride 2 as often as `halvings`, and a mean."""
    widths = [channels, 32, 48, 64, 96]
    layers: list[nn.Module] = []
    for place, (before, after) in enumerate(pairwise(widths)):
        stride = 2 if place < halvings else 1
        layers += [
            nn.Conv2d(before, after, 3, stride, 1),
            nn.BatchNorm2d(after),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(96, classes))


def batches(
    slides: list[Path], values: Values, *, shuffle: bool, seed: int
) -> DataLoader[TileSample]:
    dataset = TileDataset(slides, values, tissue=False)
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, BATCH, shuffle=shuffle, generator=generator)


def prepared(loader: DataLoader[TileSample]) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Return inputs around zero, and labels: the number of the slide."""
    for batch in loader:
        values = batch.values
        yield (values / 127.5 - 1 if values.dtype == torch.uint8 else values), batch.slide


def train(
    train_slides: list[Path], test_slides: list[Path], values: Values, epochs: int, seed: int
) -> dict[str, float]:
    """Train once; give accuracy on the test tiles and seconds of reading and of all."""
    torch.manual_seed(seed)
    started = time.perf_counter()
    channels = 3 if values == "pixels" else 32
    # Pixels are halved three times to the side that latents have.
    model = classifier(channels, len(train_slides), 3 if values == "pixels" else 0)
    optimizer = torch.optim.AdamW(model.parameters(), RATE)
    steps = epochs * len(batches(train_slides, values, shuffle=True, seed=seed))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    reading = 0.0
    for epoch in range(epochs):
        model.train()
        waited = time.perf_counter()
        for inputs, labels in prepared(
            batches(train_slides, values, shuffle=True, seed=1000 * seed + epoch)
        ):
            reading += time.perf_counter() - waited
            loss = nn.functional.cross_entropy(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            waited = time.perf_counter()
    seconds = time.perf_counter() - started
    model.eval()
    right = total = 0
    with torch.no_grad():
        for inputs, labels in prepared(batches(test_slides, values, shuffle=False, seed=0)):
            right += int((model(inputs).argmax(1) == labels).sum())
            total += len(labels)
    return {"accuracy": right / total, "seconds": seconds, "reading": reading}


def main() -> None:
    parser = argparse.ArgumentParser(description="Train on stored latents and on pixels.")
    parser.add_argument("--folder", type=Path, default=data_folder() / "tiles/labelled/crc5")
    parser.add_argument("--quality", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        splits = {}
        for split in ("train", "test"):
            (folder := Path(made) / split).mkdir()
            splits[split], size = convert_classes(options.folder / split, folder, options.quality)
            print(f"{split}: {len(splits[split])} slides, {size / 1e6:.2f} MB", flush=True)
        print("| input | accuracy (each seed) | seconds to train | of these, reading |")
        print("|---|---|---|---|")
        for values in ("latents", "pixels"):
            runs = [
                train(splits["train"], splits["test"], values, options.epochs, seed)
                for seed in range(options.seeds)
            ]
            accuracies = ", ".join(f"{run['accuracy']:.3f}" for run in runs)
            mean = float(np.mean([run["accuracy"] for run in runs]))
            seconds, reading = (
                float(np.mean([run[key] for run in runs])) for key in ("seconds", "reading")
            )
            print(f"| {values} | {mean:.3f} ({accuracies}) | {seconds:.0f} | {reading:.0f} |")


if __name__ == "__main__":
    main()
