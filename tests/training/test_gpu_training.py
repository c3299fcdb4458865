"""What a machine with a GPU is given: tiles in one file, crops drawn ahead, steps by the minute."""

import json
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="torch is not installed")

import torch

from benchmarks.synthetic_slide import draw_tissue
from pathae_codec.errors import SettingError
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.training import command
from pathae_codec.training.checkpoint import checkpoint_steps
from pathae_codec.training.command import TrainingMachine, train_model
from pathae_codec.training.config import TileFolder, load_config
from pathae_codec.training.crop_pool import BLOCK, CropPool
from pathae_codec.training.loop import TrainingState
from pathae_codec.training.tile_pack import tile_folder, write_pack
from pathae_codec.training.tiles import CropSource
from tests.training.test_training import CONFIG

CPU = torch.device("cpu")
TWO_FOLDERS = CONFIG.replace(
    'folders = [{ name = "drawn", full = 1.0, half = 0.5 }]',
    'folders = [{ name = "drawn", full = 2.0, half = 0.0 }, '
    '{ name = "other", full = 1.0, half = 0.0 }]',
)


@pytest.fixture
def two_folders(tmp_path: Path) -> Path:
    for name in ("drawn", "other"):
        folder = tmp_path / "two" / name
        folder.mkdir(parents=True)
        for seed in range(6):
            Image.fromarray(draw_tissue(96, 96, seed)).save(folder / f"{seed}.png")
    return tmp_path / "two"


def config_of(tmp_path: Path, text: str, steps: int = 4) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text % steps)
    return path


def test_pack_holds_images_untouched_by_the_weights(two_folders: Path, tmp_path: Path) -> None:
    config = load_config(config_of(tmp_path, TWO_FOLDERS))
    paths = tmp_path / "a.zip", tmp_path / "b.zip"
    size = sum(p.stat().st_size for p in two_folders.rglob("*.png")) // 2 + 2**16
    counts = [write_pack(path, config, two_folders, size) for path in paths]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[0].stat().st_size <= size
    with zipfile.ZipFile(paths[0]) as pack:
        names = pack.namelist()
        assert json.loads(pack.comment)["images"] == len(names) == counts[0]
    of_each = [sum(name.startswith(folder) for name in names) for folder in ("drawn", "other")]
    assert of_each[0] > of_each[1] > 0
    assert sum(of_each) < 12
    with tile_folder(paths[0]) as folder:
        for name in names:
            assert (folder / name).read_bytes() == (two_folders / name).read_bytes()
    assert not folder.exists()


def test_a_pack_without_room_for_a_folder_is_refused(two_folders: Path, tmp_path: Path) -> None:
    config = load_config(config_of(tmp_path, TWO_FOLDERS))
    with pytest.raises(SettingError, match="pack: expected a size that has room for"):
        write_pack(tmp_path / "a.zip", config, two_folders, 2**16 + 100)
    text = tmp_path / "text.zip"
    text.write_text("no pack")
    said = "expected a folder of tiles, or a pack"
    with pytest.raises(SettingError, match=said), tile_folder(text):
        pass


def test_processes_put_new_crops_into_the_ring(tiles: Path) -> None:
    make = partial(CropSource, tiles, (TileFolder("drawn", 1.0, 0.0),), 32)
    random = np.random.default_rng(0)
    with CropPool(make, 32, 3 * BLOCK // 2, 1, 7, CPU) as pool:
        first = pool.draw_tensor(random, 8)
        assert (first.shape, first.dtype) == ((8, 32, 32, 3), torch.uint8)
        known = {crop.tobytes() for crop in pool.draw(random, 64)}
        while pool.drawn < 5 * BLOCK:
            later = pool.draw(random, 64)
    assert {crop.tobytes() for crop in later} - known
    # Crops are those of the images, and the ring holds no place that nobody has filled.
    image = np.asarray(Image.open(tiles / "drawn" / "a.png"))
    colours = {tuple(colour) for colour in image.reshape(-1, 3)}
    assert {tuple(colour) for colour in later.reshape(-1, 3)} <= colours


def test_a_pack_trains_for_minutes_and_goes_on(
    two_folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathae_codec.training.latents.FIT_CROPS", 16)
    monkeypatch.setattr("pathae_codec.training.latents.FIT_CROP_SIDE", 64)
    monkeypatch.setattr(command, "TIMED_STEPS", (2, 3))
    monkeypatch.setattr(command, "CHECKPOINT_SECONDS", 0.0)
    config, pack = config_of(tmp_path, TWO_FOLDERS), tmp_path / "pack.zip"
    write_pack(pack, load_config(config), two_folders, 10**7)
    artifact, checkpoint = tmp_path / "short.safetensors", tmp_path / "c"
    machine = TrainingMachine(processes=1, minutes=1e-6)
    kept = []

    def stop(path: Path, state: TrainingState, steps: int) -> None:
        saved(path, state, steps)
        kept.append(state.step)
        if state.step == 7:
            raise KeyboardInterrupt

    saved = command.save_checkpoint
    monkeypatch.setattr(command, "save_checkpoint", stop)
    with pytest.raises(KeyboardInterrupt):
        train_model(config, pack, artifact, checkpoint, machine)
    assert kept == [1, 2, 3, 4, 5, 6, 7]
    # No minute holds so few: the fewest steps are taken, and the second run knows it.
    assert checkpoint_steps(checkpoint) == command.FEWEST_STEPS
    train_model(config, pack, artifact, checkpoint, machine)
    assert kept[7:] == list(range(8, command.FEWEST_STEPS + 1))
    assert load_artifact(artifact.read_bytes()).qualities == (0, 25, 50, 75, 100)
