"""Realism of files: what a conversion states, what readers ask for, what else keeps it."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
import zarr

import pathae_codec
from pathae_codec.arrays import Pixels
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.errors import ResumeError, SettingError
from pathae_codec.fidelity import psnr
from pathae_codec.geometry import TileIndex
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.training.sensitivity import measure_sensitivity
from tests.conformance.test_schemas import validator
from tests.tiny_model import draw_tissue, tiny_realism_model, write_tiny_models

TILE, SIDE = 64, 128
REGION = ((0, 0), 0, (SIDE, SIDE))
MODEL = "tiny-f8c4-realism"
SETTINGS = {"model": MODEL, "tile": TILE, "min_psnr": 1.0, "quality": 60}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with models, a source, and files of it: of the default, of 1, of one face."""
    folder = tmp_path_factory.mktemp("realism")
    (folder / "models").mkdir()
    write_tiny_models(folder / "models")
    source = folder / "source.tif"
    tifffile.imwrite(source, draw_tissue(SIDE, SIDE), photometric="rgb", tile=(TILE, TILE))
    before = os.environ.get("PATHAE_MODELS")
    os.environ["PATHAE_MODELS"] = str(folder / "models")
    try:
        for name, settings in {
            "half.tif": {},
            "half.ome.zarr": {},
            "half-0.4.ome.zarr": {"ngff": "0.4"},
            "natural.tif": {"realism": 1},
            "natural.ome.zarr": {"realism": 1},
            "plain.tif": {"model": "tiny-f8c4"},
        }.items():
            convert(source, folder / name, **settings)
    finally:
        os.environ.pop("PATHAE_MODELS")
        if before is not None:
            os.environ["PATHAE_MODELS"] = before
    return folder


@pytest.fixture(autouse=True)
def models(folder: Path, monkeypatch: pytest.MonkeyPatch, forget_models: None) -> None:
    monkeypatch.setenv("PATHAE_MODELS", str(folder / "models"))
    monkeypatch.delenv("PATHAE_REALISM", raising=False)


def convert(source: Path, destination: Path, **settings: object) -> None:
    pathae_codec.convert_slide(
        source,
        destination,
        pathae_codec.ConvertSettings(**{**SETTINGS, **settings}),  # type: ignore[arg-type]
    )


def read(path: Path, realism: float | None = None) -> Pixels:
    return pathae_codec.open(path, realism=realism).read_array(*REGION)


@pytest.fixture(scope="module")
def faces(folder: Path) -> dict[float, Pixels]:
    """Return the pixels of the slide at 0, 0.5 and 1, put together from tiles that are decoded."""
    container = open_container(folder / "half.tif")
    found = {}
    for realism in (0, 0.5, 1):
        codec = pathae_codec.TileCodec(tiny_realism_model(), realism=realism)
        found[realism] = np.empty((SIDE, SIDE, 3), np.uint8)
        for row, column in np.ndindex(2, 2):
            data = container.tile_bytes(0, TileIndex(row, column))
            assert data is not None
            (tile,) = codec.decode_tiles([data])
            across = slice(column * TILE, (column + 1) * TILE)
            found[realism][row * TILE : (row + 1) * TILE, across] = tile
    return found


def test_what_a_file_states_is_what_readers_get(folder: Path, faces: dict[float, Pixels]) -> None:
    """Covers R-model-realism-default: symbols are the same, pixels those of the stated face."""
    for name in ("half.tif", "half.ome.zarr", "half-0.4.ome.zarr"):
        assert np.array_equal(read(folder / name), faces[0.5])
    for name in ("natural.tif", "natural.ome.zarr"):
        assert np.array_equal(read(folder / name), faces[1])
    half, natural = (pathae_codec.open(folder / n) for n in ("half.tif", "natural.tif"))
    assert np.array_equal(half.read_symbols(*REGION), natural.read_symbols(*REGION))
    assert half.properties["pathae.realism"] == "0.5"
    assert natural.properties["pathae.realism"] == "1"
    assert "pathae.realism" not in pathae_codec.open(folder / "plain.tif").properties


def test_the_record_states_it_and_the_floor_is_of_it(
    folder: Path, faces: dict[float, Pixels]
) -> None:
    """Covers R-6-realism."""
    source = draw_tissue(SIDE, SIDE)
    worst = {}
    for name, realism in (("half.tif", 0.5), ("natural.tif", 1)):
        container = open_container(folder / name)
        validator("slide_record").validate(container.record.as_json())
        assert container.record.model.realism == realism
        assert dict(container.record.lossy_history[-1].parameters or {})["realism"] == realism
        parameters = load_artifact(container.parameters)
        assert parameters.realism is not None
        assert parameters.realism.default == realism * 8
        assert parameters.decoder_id == tiny_realism_model().decoder_id
        tiles = [
            psnr(source[y : y + TILE, x : x + TILE], faces[realism][y : y + TILE, x : x + TILE])
            for y in (0, TILE)
            for x in (0, TILE)
        ]
        worst[realism] = container.record.as_json()["tiles"]["worst_psnr"]["psnr"]
        assert worst[realism] == pytest.approx(min(tiles), abs=0.01)
    assert worst[0.5] != worst[1]
    plain = open_container(folder / "plain.tif").record.as_json()
    assert "realism" not in plain["model"]


@pytest.mark.parametrize("name", ["half.tif", "half.ome.zarr", "half-0.4.ome.zarr"])
def test_a_caller_wins_over_the_environment_and_that_over_the_file(
    name: str, folder: Path, faces: dict[float, Pixels], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / name
    assert np.array_equal(read(path, 1), faces[1])
    monkeypatch.setenv("PATHAE_REALISM", "1")
    assert np.array_equal(read(path), faces[1])
    assert np.array_equal(read(path, 0), faces[0])
    assert pathae_codec.open(path, realism=0).properties["pathae.realism"] == "0"
    monkeypatch.setenv("PATHAE_REALISM", "")
    assert np.array_equal(read(path), faces[0.5])


def zarr_pixels(path: Path) -> Pixels:
    level = zarr.open_group(path, mode="r")["0"]
    array: Pixels = np.asarray(level)  # type: ignore[arg-type]
    return np.moveaxis(array.reshape(array.shape[-3:]), 0, 2)


READERS: dict[str, Callable[[Path], Pixels]] = {
    "half.tif": lambda path: tifffile.imread(path),
    "half.ome.zarr": zarr_pixels,
    "half-0.4.ome.zarr": zarr_pixels,
}


@pytest.mark.parametrize("name", READERS)
def test_plugins_heed_the_environment(
    name: str, folder: Path, faces: dict[float, Pixels], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = READERS[name]
    assert np.array_equal(reader(folder / name), faces[0.5])
    for stated, realism in (("0", 0), ("1.0", 1)):
        monkeypatch.setenv("PATHAE_REALISM", stated)
        assert np.array_equal(reader(folder / name), faces[realism])
    monkeypatch.setenv("PATHAE_REALISM", "natural")
    with pytest.raises(SettingError, match="PATHAE_REALISM: expected 0 to 1"):
        reader(folder / name)


def test_a_file_of_one_face(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = folder / "plain.tif"
    expected = read(plain)
    monkeypatch.setenv("PATHAE_REALISM", "1")
    assert np.array_equal(read(plain), expected)
    assert np.array_equal(tifffile.imread(plain), expected)
    with pytest.raises(SettingError, match="one face only"):
        read(plain, 1)
    monkeypatch.setenv("PATHAE_REALISM", "0.3")
    with pytest.raises(SettingError, match="eighth"):
        read(plain)


@pytest.mark.parametrize("realism", [-1, 0.3, 2])
def test_what_is_no_eighth_is_refused(realism: float, folder: Path) -> None:
    with pytest.raises(SettingError, match="in steps of an eighth"):
        read(folder / "half.tif", realism)


def test_a_pickled_slide_keeps_its_realism(folder: Path, faces: dict[float, Pixels]) -> None:
    slide = pathae_codec.open(folder / "half.tif", realism=1)
    assert np.array_equal(pickle.loads(pickle.dumps(slide)).read_array(*REGION), faces[1])


def test_a_dataset_has_a_realism(folder: Path, faces: dict[float, Pixels]) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    path = folder / "half.tif"
    for realism, expected in ((None, 0.5), (0, 0), (1, 1)):
        dataset = pathae_codec.TileDataset([path], "pixels", realism=realism)
        for sample in (dataset[0], pickle.loads(pickle.dumps(dataset))[0]):
            found = sample.values.numpy().transpose(1, 2, 0)
            across = slice(sample.x, sample.x + TILE)
            assert np.array_equal(found, faces[expected][sample.y : sample.y + TILE, across])
    with pytest.raises(SettingError, match="values of 'pixels'"):
        pathae_codec.TileDataset([path], "latents", realism=1)
    with pytest.raises(SettingError, match="one face only"):
        pathae_codec.TileDataset([path, folder / "plain.tif"], "pixels", realism=1)


def test_another_decoder_brings_its_realism(folder: Path) -> None:
    """Both were made for the same encoder; the file of the one states no realism."""
    path = folder / "plain.tif"
    faithful, default, natural = (
        pathae_codec.open(path, decoder=MODEL, realism=realism).read_array(*REGION)
        for realism in (0, None, 1)
    )
    assert not np.array_equal(faithful, natural)
    half = pathae_codec.open(path, decoder=MODEL, realism=0.5).read_array(*REGION)
    assert np.array_equal(default, half)
    stated = pathae_codec.open(folder / "natural.tif", decoder=MODEL).read_array(*REGION)
    assert np.array_equal(stated, read(folder / "natural.tif"))
    with pytest.raises(SettingError, match="one face only"):
        pathae_codec.open(folder / "half.tif", decoder="tiny-f8c4", realism=1)


def test_an_embedded_decoder_has_every_face(
    folder: Path, tmp_path: Path, faces: dict[float, Pixels], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "embedded.tif"
    convert(folder / "source.tif", path, embed_model=True, realism=0)
    monkeypatch.setenv("PATHAE_MODELS", str(tmp_path))
    for realism, expected in ((None, 0), (0.5, 0.5), (1, 1)):
        assert np.array_equal(read(path, realism), faces[expected])


def test_convert_from_the_command_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "slide.tif"
    asked = ["--model", MODEL, "--tile", str(TILE), "--min-psnr", "1", "--quality", "60"]
    words = ["convert", str(folder / "source.tif"), str(path), *asked, "--realism", "0.875"]
    assert main([*words, "--verify", "--report", str(tmp_path / "page.html")]) == 0
    said = capsys.readouterr().out
    assert "quality 60, realism 0.875," in said
    assert "decoded at realism 0.875, as the file states" in said
    assert "0.875 of 0 to 1, as the file states" in (tmp_path / "page.html").read_text("utf-8")
    assert main(["info", str(path)]) == 0
    assert "realism:            0.875 of 0 (faithful) to 1 (natural)" in capsys.readouterr().out
    assert main(["info", "--json", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["model"]["realism"] == 0.875
    assert main(["validate", str(path)]) == 0
    assert main(["models", "list"]) == 0
    assert f"{MODEL}  encoder and decoder, realism 0.5  " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("model", "realism", "message"),
    [
        ("tiny-f8c4", "1", "expected a model that takes it, got tiny-f8c4"),
        (MODEL, "0.3", "expected 0 to 1 in steps of an eighth"),
    ],
)
def test_convert_refuses(
    model: str,
    realism: str,
    message: str,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out.tif"
    words = ["convert", str(folder / "source.tif"), str(out), "--model", model]
    assert main([*words, "--realism", realism]) == 2
    said = capsys.readouterr().err.strip()
    assert message in said
    assert "\n" not in said
    assert not out.exists()


def test_a_run_goes_on_at_its_own_realism_only(folder: Path, tmp_path: Path) -> None:
    out, source = tmp_path / "out.tif", folder / "source.tif"

    def settings(realism: float | None) -> pathae_codec.ConvertSettings:
        return pathae_codec.ConvertSettings(
            model=MODEL, tile=TILE, min_psnr=1.0, quality=60, resume=True, realism=realism
        )

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pathae_codec.convert_slide(source, out, settings(1), stop)
    with pytest.raises(ResumeError, match="--realism"):
        pathae_codec.convert_slide(source, out, settings(None))
    pathae_codec.convert_slide(source, out, settings(1))
    assert out.read_bytes() == (folder / "natural.tif").read_bytes()


def test_neither_convert_nor_verify_heeds_the_environment(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["verify", str(folder / "natural.tif"), "--against", str(folder / "source.tif")]
    said = []
    for stated in ("", "0"):
        monkeypatch.setenv("PATHAE_REALISM", stated)
        assert main(words) == 0
        said.append(capsys.readouterr().out.splitlines()[1:])
    assert said[0] == said[1]
    convert(folder / "source.tif", tmp_path / "again.tif", realism=1)
    assert (tmp_path / "again.tif").read_bytes() == (folder / "natural.tif").read_bytes()


def test_what_is_made_of_a_file_keeps_its_realism(
    folder: Path, tmp_path: Path, faces: dict[float, Pixels], monkeypatch: pytest.MonkeyPatch
) -> None:
    natural, moved, lower = folder / "natural.tif", tmp_path / "n.ome.zarr", tmp_path / "low.tif"
    assert main(["transcode", str(natural), str(moved)]) == 0
    assert np.array_equal(read(moved), faces[1])
    assert np.array_equal(read(moved, 0), faces[0])
    assert main(["transcode", str(natural), str(lower), "--quality", "20"]) == 0
    for path in (moved, lower):
        assert open_container(path).record.model.realism == 1
        assert main(["validate", str(path)]) == 0
    assert np.array_equal(read(lower), read(lower, 1))
    assert not np.array_equal(read(lower), read(lower, 0))
    # What is exported is what the file states, whatever a reader on this machine would show.
    monkeypatch.setenv("PATHAE_REALISM", "0")
    exact = tmp_path / "exact.tif"
    assert main(["export", str(natural), str(exact), "--codec", "deflate"]) == 0
    assert np.array_equal(tifffile.imread(exact), faces[1])


@pytest.mark.parametrize("stated", [0.5, None])
def test_a_record_that_says_otherwise_is_a_problem(
    stated: float | None, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Covers R-6-realism: `validate` compares record and codec parameters."""
    path = tmp_path / "slide.ome.zarr"
    convert(folder / "source.tif", path, realism=1)
    metadata = path / "zarr.json"
    document = json.loads(metadata.read_text("utf-8"))
    model = document["attributes"]["pathae"]["model"]
    del model["realism"]
    if stated is not None:
        model["realism"] = stated
    metadata.write_text(json.dumps(document), "utf-8")
    assert main(["validate", str(path)]) == 3
    assert f"expected realism 1.0, got {stated}" in capsys.readouterr().err


def test_sensitivity_is_of_the_latent_not_of_noise() -> None:
    """What `models fit-codebook` measures of a decoder that takes noise behind the latent."""
    model = tiny_realism_model()
    codec = pathae_codec.TileCodec(model, realism=0)
    latents = np.random.default_rng(0).standard_normal((3, 4, 4, 4), np.float32)
    weights = measure_sensitivity(latents, codec._synthesis, lambda: None, 2)
    assert weights.shape == (4,)
    assert (weights > 0).all()


@pytest.mark.parametrize("realism", ["0.4", "x", [1]])
def test_what_is_no_realism_is_refused_by_name(realism: object, folder: Path) -> None:
    with pytest.raises(SettingError, match="realism: expected"):
        pathae_codec.open(folder / "half.tif", realism=realism)  # type: ignore[arg-type]
