"""Training data: crops as scanners make them."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pathae_codec.arrays import Pixels
from pathae_codec.backends.choice import choose_backend
from pathae_codec.errors import SettingError
from pathae_codec.training import latents
from pathae_codec.training.config import TileFolder, load_config
from pathae_codec.training.jpeg_grid import find_grid
from pathae_codec.training.scanner_history import (
    KINDS,
    HistoryTable,
    Kind,
    draw_history,
    through_jpeg,
    through_jpeg2000,
)
from pathae_codec.training.stains import StainTable, draw_stain
from pathae_codec.training.tiles import CropSource
from pathae_codec.training.unmixing import estimate_unmixing
from tests.shared_data import require_tiles
from tests.tiny_model import tiny_model

EVEN = HistoryTable(1, 1, 1, 1, 1, 1)
RECIPE = Path(__file__).parents[2] / "pathae_codec/models/he-f16c192-3.toml"


@pytest.fixture
def folder(tmp_path: Path, tissue: Pixels) -> Path:
    (tmp_path / "drawn").mkdir()
    Image.fromarray(tissue).save(tmp_path / "drawn/a.png")
    return tmp_path


@pytest.fixture
def jpeg_folder(tmp_path: Path, tissue: Pixels) -> Path:
    (tmp_path / "drawn").mkdir()
    Image.fromarray(tissue).save(tmp_path / "drawn/a.jpg", quality=20)
    return tmp_path


def border_steps(crops: Pixels) -> NDArray[np.float64]:
    """Mean step from column 8k + p - 1 to 8k + p, and of rows alike, for p = 0 to 7: (2, 8)."""
    grey = crops.astype(np.float64).mean(-1)
    steps = [np.abs(np.diff(grey, axis=axis)).mean((0, 3 - axis)) for axis in (2, 1)]
    return np.array([[line[(p - 1) % 8 :: 8].mean() for p in range(8)] for line in steps])


def peaks_at_zero(crops: Pixels) -> bool:
    """Say whether the steps at phase 0 stand out, in columns and in rows."""
    steps = border_steps(crops)
    return bool((steps[:, 0] > 1.05 * steps[:, 1:].max(1)).all())


@pytest.mark.parametrize("kind", ["jpeg420", "jpeg422", "jpeg444", "jpeg_rgb"])
def test_drawn_histories_have_the_grid_at_phase_0(folder: Path, kind: str) -> None:
    table = HistoryTable(quality=(25, 30), **{kind: 1.0})
    crops = CropSource(folder, (TileFolder("drawn", 1.0, 1.0),), 96, table)
    assert peaks_at_zero(crops.draw(np.random.default_rng(0), 24))


def test_aligned_crops_keep_the_grid_of_their_images(jpeg_folder: Path) -> None:
    histories = EVEN, StainTable(other=1.0)
    aligned = CropSource(jpeg_folder, (TileFolder("drawn", 1.0, 0.0, 1.0),), 96, *histories)
    anywhere = CropSource(jpeg_folder, (TileFolder("drawn", 1.0, 0.0),), 96)
    assert peaks_at_zero(aligned.draw(np.random.default_rng(0), 24))
    assert not peaks_at_zero(anywhere.draw(np.random.default_rng(0), 24))


@pytest.mark.parametrize("quality", [50, 75, 90])
@pytest.mark.parametrize("first", [(0, 0), (3, 13), (8, 1)])
def test_the_grid_is_found_wherever_an_image_was_cut(
    tissue: Pixels, first: tuple[int, int], quality: int
) -> None:
    stored = through_jpeg(tissue, "jpeg420", quality)
    assert find_grid(stored[-first[0] % 16 :, -first[1] % 16 :]) == first
    assert find_grid(tissue) is None
    assert find_grid(np.full((64, 64, 3), 240, np.uint8)) is None


def test_no_grid_no_alignment(folder: Path) -> None:
    asked, none = (
        CropSource(folder, (TileFolder("drawn", 1.0, 0.0, share),), 96) for share in (1.0, 0.0)
    )
    drawn = [source.draw(np.random.default_rng(0), 8) for source in (asked, none)]
    assert np.array_equal(*drawn)


def test_aligned_crops_are_pixels_of_the_image_at_multiples_of_16(jpeg_folder: Path) -> None:
    image = np.asarray(Image.open(jpeg_folder / "drawn/a.jpg"))
    places = {
        np.ascontiguousarray(np.rot90(image[y : y + 96, x : x + 96], turn)[:, ::flip]).tobytes()
        for y in range(0, 512 - 95, 16)
        for x in range(0, 512 - 95, 16)
        for turn in range(4)
        for flip in (1, -1)
    }
    source = CropSource(jpeg_folder, (TileFolder("drawn", 1.0, 0.0, 1.0),), 96, EVEN)
    crops = source.draw(np.random.default_rng(0), 24)
    assert len(np.unique(crops, axis=0)) > 12
    assert all(crop.tobytes() in places for crop in crops)


def through(kind: Kind, pixels: Pixels) -> Pixels:
    if kind == "jpeg2000":
        return through_jpeg2000(pixels, 36)
    return pixels if kind == "none" else through_jpeg(pixels, kind, 50)


def test_each_history_happens_as_often_as_it_should(tissue: Pixels) -> None:
    crop = tissue[256:320, 256:320]
    table = replace(EVEN, none=3.0, quality=(50, 50), psnr=(36, 36))
    kinds = {through(kind, crop).tobytes(): kind for kind in KINDS}
    assert len(kinds) == len(KINDS)
    random = np.random.default_rng(0)
    drawn = [kinds[draw_history(crop, table, random).tobytes()] for _ in range(400)]
    counts = [drawn.count(kind) for kind in KINDS]
    assert counts == pytest.approx([150, 50, 50, 50, 50, 50], abs=30)


def test_qualities_span_what_is_asked(tissue: Pixels) -> None:
    crop, random = tissue[256:320, 256:320], np.random.default_rng(0)
    table = HistoryTable(jpeg444=1.0, quality=(40, 43))
    drawn = {draw_history(crop, table, random).tobytes() for _ in range(60)}
    assert drawn == {through_jpeg(crop, "jpeg444", q).tobytes() for q in (40, 41, 42, 43)}


def test_rgb_jpeg_has_one_table_and_no_transform(tissue: Pixels) -> None:
    # Planes in another order come back alike in that order: no plane is treated otherwise.
    crop = np.ascontiguousarray(tissue[256:320, 256:320])
    stored = through_jpeg(crop, "jpeg_rgb", 30)
    assert np.array_equal(
        through_jpeg(crop[..., [2, 0, 1]], "jpeg_rgb", 30), stored[..., [2, 0, 1]]
    )
    other = through_jpeg(crop, "jpeg444", 30)
    assert not np.array_equal(
        through_jpeg(crop[..., [2, 0, 1]], "jpeg444", 30), other[..., [2, 0, 1]]
    )


def test_without_histories_and_stains_crops_are_those_of_before(tmp_path: Path) -> None:
    (tmp_path / "drawn").mkdir()
    random = np.random.default_rng(3)
    for name in "ab":
        noise = random.integers(0, 256, (96, 112, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / f"drawn/{name}.png")
    source = CropSource(tmp_path, (TileFolder("drawn", 1.0, 0.5),), 32)
    drawn = source.draw(np.random.default_rng(7), 20)
    # Of the code before it knew of either: recipes of then repeat.
    frozen = "be2a2213eb0f86bdbc175bdc3985900b222666fedd7e1fda3e0385244fa593b8"
    assert hashlib.sha256(drawn.tobytes()).hexdigest() == frozen


def test_one_seed_gives_the_same_crops(folder: Path) -> None:
    folders = (TileFolder("drawn", 1.0, 1.0, 0.3),)
    first, second = (
        CropSource(folder, folders, 64, EVEN, StainTable(1, 1, 1)).draw(
            np.random.default_rng(5), 40
        )
        for _ in range(2)
    )
    assert np.array_equal(first, second)
    other = CropSource(folder, folders, 64, EVEN, StainTable(1, 1, 1))
    assert not np.array_equal(other.draw(np.random.default_rng(6), 40), first)


def test_nothing_happens_where_nothing_is_asked(tissue: Pixels) -> None:
    crop, random = tissue[256:320, 256:320], np.random.default_rng(0)
    unmixing = estimate_unmixing(tissue)
    for _ in range(50):
        assert draw_stain(crop, unmixing, StainTable(none=1.0), random) is crop
        assert draw_history(crop, HistoryTable(none=1.0), random) is crop


TABLES = """
[history]
none = 0.5
jpeg420 = 0.25
jpeg_rgb = 0.25
quality = [30, 90]
[stains]
none = 0.6
he = 0.4
background = [210, 250]
"""


def recipe(tmp_path: Path, tables: str) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE.read_text("utf-8") + tables, "utf-8")
    return path


def test_recipe_says_both(tmp_path: Path) -> None:
    config = load_config(recipe(tmp_path, TABLES))
    history = HistoryTable(none=0.5, jpeg420=0.25, jpeg_rgb=0.25, quality=(30, 90))
    assert config.history == history
    assert config.stains == StainTable(none=0.6, he=0.4, background=(210, 250))
    assert history.shares == pytest.approx([0.5, 0.25, 0, 0, 0.25, 0])
    without = load_config(RECIPE)
    assert without.history is None
    assert without.stains is None


def test_ladders_are_fitted_on_crops_of_the_same_kind(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latents, "FIT_CROPS", 16)
    monkeypatch.setattr(latents, "FIT_CROP_SIDE", 64)
    model = tiny_model()
    assert model.analysis is not None
    folders = (TileFolder("drawn", 1.0, 0.0),)
    config = replace(load_config(recipe(tmp_path, TABLES)), folders=folders)
    drawn = latents.draw_latents(config, model.analysis, folder)
    source = CropSource(folder, folders, 64, config.history, config.stains)
    crops = source.draw(np.random.default_rng(config.seed), 16)
    expected = choose_backend().load_analysis(model.analysis, 0).analyze(crops)
    assert np.array_equal(drawn, expected)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ("[history]\nnone = 1\njpeg411 = 1\n", "jpeg411"),
        ("[history]\nnone = 0\n", "one above"),
        ("[history]\njpeg420 = 1\nquality = [0, 40]\n", "quality"),
        ("[history]\njpeg2000 = 1\npsnr = [40, 30]\n", "psnr"),
        ("[stains]\nnone = 1\ndab = 1\n", "dab"),
        ("[stains]\nnone = -1\nhe = 1\n", "0 or more"),
        ("[stains]\nhe = 1\nbackground = [100, 255]\n", "background"),
    ],
)
def test_recipe_refuses_what_it_does_not_know(tmp_path: Path, tables: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        load_config(recipe(tmp_path, tables))


@pytest.mark.parametrize(
    "name", ["osteosarcoma_ut", "crcval7k", "glomeruli_pas", "tnbc", "gbm40_tcga"]
)
def test_aligned_crops_of_real_sources_have_the_grid_at_phase_0(name: str) -> None:
    folder = require_tiles("train", name)
    source = CropSource(folder.parent, (TileFolder(name, 1.0, 0.0, 1.0),), 192)
    steps = border_steps(source.draw(np.random.default_rng(0), 60))
    assert (steps[:, 0] > steps[:, 1:].max(1)).all(), steps
