"""Tiles of many slides for training: the same values as by regions, in any worker."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

pytest.importorskip("torch", reason="torch is not installed")

import torch

import pathae_codec
from pathae_codec import TileDataset
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import SettingError
from pathae_codec.regions.tile_dataset import TileSample, Values
from tests.tiny_model import draw_tissue

TILE = 64


@pytest.fixture
def slides(tmp_path: Path, tiny_model_folder: Path) -> list[Path]:
    """Convert two slides, the first with four tiles of glass, to a container each."""
    paths = []
    for seed, ending in enumerate(("tif", "ome.zarr", "v2.ome.zarr")):
        pixels = draw_tissue(150, 200, seed)
        if not seed:
            pixels[: 2 * TILE, : 2 * TILE] = 255
        source, path = tmp_path / f"{seed}-source.tif", tmp_path / f"{seed}.{ending}"
        tifffile.imwrite(source, pixels, photometric="rgb", tile=(TILE, TILE))
        ngff = "0.4" if "v2" in ending else "0.5"
        settings = ConvertSettings(
            tile=TILE, model="tiny-f8c4", quality=60, min_psnr=0, ngff=ngff, embed_model=True
        )
        convert_slide(source, path, settings)
        paths.append(path)
    return paths


def region(slide: pathae_codec.PathAESlide, sample: TileSample, values: Values) -> np.ndarray:
    """Read what a sample should be through the slide's interface."""
    place = ((sample.x, sample.y), 0, (TILE, TILE))
    if values == "pixels":
        return slide.read_array(*place).transpose(2, 0, 1)
    return slide.read_latents(*place) if values == "latents" else slide.read_symbols(*place)


@pytest.mark.parametrize("values", ["latents", "symbols", "pixels"])
def test_samples_are_the_tiles_of_the_slides(slides: list[Path], values: Values) -> None:
    dataset = TileDataset(slides, values)
    # 3 x 4 tiles each; the four of glass are left out.
    assert len(dataset) == 8 + 12 + 12
    opened = [pathae_codec.open(path) for path in slides]
    samples = dataset.__getitems__(range(len(dataset)))
    assert [sample.slide for sample in samples] == [0] * 8 + [1] * 12 + [2] * 12
    for number, sample in enumerate(samples):
        expected = region(opened[sample.slide], sample, values)
        # Outside the level a region is white, a tile has its padding.
        height = min(TILE, 150 - sample.y) if values == "pixels" else expected.shape[1]
        width = min(TILE, 200 - sample.x) if values == "pixels" else expected.shape[2]
        found = sample.values.numpy()
        assert np.array_equal(found[:, :height, :width], expected[:, :height, :width])
        assert torch.equal(dataset[number].values, sample.values)
    assert torch.equal(dataset[-1].values, samples[-1].values)
    with pytest.raises(IndexError):
        dataset[len(dataset)]


def test_all_tiles_where_asked_for(slides: list[Path]) -> None:
    dataset = TileDataset(slides[:1], "pixels", tissue=False)
    assert len(dataset) == 12
    assert (dataset[0].values == 255).all()


# In a process of its own: torch leaves a handler of SIGCHLD behind, and on CPUs with AMX the kernel
# may find no room for its frame on the small stack that pytest's faulthandler gives to handlers.
WORKERS = """
import sys
import numpy as np, torch
from torch.utils.data import DataLoader
from pathae_codec import TileDataset

if __name__ == "__main__":
    start, out, *slides = sys.argv[1:]
    dataset = TileDataset(slides, "pixels")
    # Open and decode here first: forked workers must not stumble over it.
    dataset[0]
    loader = DataLoader(
        dataset, batch_size=5, num_workers=2, multiprocessing_context=start, timeout=120
    )
    batches = list(loader)
    assert batches[0].slide.tolist() == [0] * 5
    assert batches[0].x.dtype == torch.int64
    np.save(out, torch.cat([batch.values for batch in batches]).numpy())
"""


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_give_what_one_process_gives(
    slides: list[Path], start: str, tmp_path: Path
) -> None:
    script, out = tmp_path / "workers.py", tmp_path / "found.npy"
    script.write_text(WORKERS)
    command = [sys.executable, script, start, out, *slides]
    subprocess.run(command, check=True, timeout=300)
    dataset = TileDataset(slides, "pixels")
    expected = torch.stack([sample.values for sample in dataset.__getitems__(range(32))])
    assert np.array_equal(np.load(out), expected.numpy())


def test_a_transform_is_applied_and_a_pickle_holds_no_open_slide(slides: list[Path]) -> None:
    dataset = TileDataset(slides, "pixels", transform=torch.Tensor.float)
    assert dataset[0].values.dtype == torch.float32
    assert len(pickle.dumps(dataset)) < 10_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"slides": []}, "one or more"),
        ({"values": "tokens"}, "latents"),
        ({"level": 9}, "level of"),
    ],
)
def test_wrong_settings(slides: list[Path], change: dict[str, object], message: str) -> None:
    settings = {"slides": slides} | change
    with pytest.raises(SettingError, match=message):
        TileDataset(**settings)  # type: ignore[arg-type]
