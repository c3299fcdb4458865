"""An OME-Zarr holds an embedded decoder once, and zarr decodes every level of its group."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr

import pathae_codec
from pathae_codec.codec.decode_queue import codec_for
from pathae_codec.configuration import parse_configuration
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import ContainerError, ModelNotFoundError
from pathae_codec.model import carried_decoders
from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.model.light_parameters import embeds_decoder, light_parameters
from pathae_codec.privacy.disclosures import file_disclosures
from pathae_codec.transcoding.transcode import TranscodeSettings, transcode_slide
from pathae_codec.verification.structure import validate_file
from tests.tiny_model import draw_tissue, tiny_model

TILE, SIDE = 32, 300
NGFF = ("0.5", "0.4")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Convert a slide of three levels with its decoder embedded; the model is then gone."""
    folder = tmp_path_factory.mktemp("embedded")
    source, model = folder / "source.tif", folder / "tiny.safetensors"
    pixels = draw_tissue(SIDE, SIDE)
    with tifffile.TiffWriter(source) as tiff:
        for step in (1, 2, 4):
            level = pixels[::step, ::step].copy()
            tiff.write(level, photometric="rgb", tile=(TILE, TILE), subfiletype=int(step > 1))
    model.write_bytes(save_artifact(tiny_model()))
    settings = ConvertSettings(
        model=str(model), tile=TILE, quality=60, embed_model=True, min_psnr=0
    )
    made = {"tiff": folder / "slide.tif"}
    convert_slide(source, made["tiff"], settings)
    for ngff in NGFF:
        made[ngff] = folder / f"slide-{ngff}.ome.zarr"
        transcode_slide(made["tiff"], made[ngff], TranscodeSettings(ngff=ngff))
    model.unlink()
    return made


def configurations(path: Path) -> dict[str, dict[str, Any]]:
    """Read the codec's configuration of every array."""
    found = {}
    for file in sorted(path.rglob("*")):
        if file.name not in ("zarr.json", ".zarray"):
            continue
        metadata = json.loads(file.read_text())
        if metadata.get("node_type") != "group" and file.parent.name != "ledger":
            codec = metadata.get("compressor") or metadata["codecs"][0]
            inside = codec.get("configuration", codec)
            inside = inside["codecs"][0]["configuration"] if "codecs" in inside else inside
            found[file.parent.relative_to(path).as_posix()] = inside
    return found


@pytest.mark.parametrize("ngff", NGFF)
def test_level_0_alone_embeds_the_decoder(files: dict[str, Path], ngff: str) -> None:
    """Covers R-zarr-parameters and R-zarr-no-parameters."""
    stored = configurations(files[ngff])
    parameters = open_container(files["tiff"]).parameters
    assert parse_configuration(stored.pop("0")) == parameters
    assert parse_configuration(stored.pop("associated/thumbnail")) == b""
    assert len(stored) == 2
    for configuration in stored.values():
        light = parse_configuration(configuration)
        assert light == light_parameters(parameters)
        assert not embeds_decoder(light)
    assert open_container(files[ngff]).parameters == parameters


def test_without_a_decoder_nothing_is_written_twice(tmp_path: Path, files: dict[str, Path]) -> None:
    model = tmp_path / "tiny.safetensors"
    model.write_bytes(save_artifact(tiny_model()))
    settings = ConvertSettings(model=str(model), tile=TILE, quality=60, min_psnr=0)
    convert_slide(files["tiff"].parent / "source.tif", tmp_path / "light.ome.zarr", settings)
    group = json.loads((tmp_path / "light.ome.zarr" / "zarr.json").read_text())
    assert "consolidated_metadata" not in group


COLD = """
import sys
import numpy as np, zarr
level = zarr.open(sys.argv[1], mode="r")[sys.argv[2]]
sys.stdout.write(str(int(np.asarray(level[:]).sum())))
"""


@pytest.mark.slow
@pytest.mark.parametrize("ngff", NGFF)
def test_zarr_decodes_a_coarse_level_first(
    files: dict[str, Path], ngff: str, tmp_path: Path
) -> None:
    """Covers R-zarr-consolidated: in a new process that has no such model."""
    environment = os.environ | {"PATHAE_MODELS": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    command = [sys.executable, "-c", COLD, str(files[ngff]), "2"]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    expected = zarr.open_group(files[ngff], mode="r")["2"]
    assert isinstance(expected, zarr.Array)
    assert int(found.stdout) == int(np.asarray(expected[:]).sum())


def total(array: "zarr.Array[Any]") -> int:
    return int(np.asarray(array[:]).sum())


@pytest.mark.slow
@pytest.mark.parametrize("ngff", NGFF)
def test_a_level_takes_its_decoder_to_another_process(files: dict[str, Path], ngff: str) -> None:
    level = zarr.open_group(files[ngff], mode="r")["1"]
    assert isinstance(level, zarr.Array)
    with get_context("spawn").Pool(1) as pool:
        assert pool.apply(total, [level]) == total(level)


@pytest.mark.parametrize("ngff", NGFF)
def test_arrays_by_themselves(
    files: dict[str, Path], ngff: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Level 0 and the images stand alone; the other levels say what they lack."""
    monkeypatch.setattr(carried_decoders, "_kept", type(carried_decoders._kept)())
    codec_for.cache_clear()
    thumbnail = zarr.open_array(files[ngff], path="associated/thumbnail", mode="r")
    with pathae_codec.open(files["tiff"]) as slide:
        expected = np.asarray(slide.associated_images["thumbnail"])[..., :3]
    assert np.abs(np.moveaxis(np.asarray(thumbnail[:]), 0, 2) - expected.astype(int)).mean() < 9
    coarse = zarr.open_array(files[ngff], path="1", mode="r")
    with pytest.raises(ModelNotFoundError):
        coarse[:]
    zarr.open_array(files[ngff], path="0", mode="r")[:]
    coarse[:]


@pytest.mark.usefixtures("tiny_model_folder")
@pytest.mark.parametrize("ngff", NGFF)
def test_the_file_is_sound_and_says_no_more(files: dict[str, Path], ngff: str) -> None:
    assert validate_file(files[ngff], decode=True).problems == ()
    assert file_disclosures(files[ngff]) == ()


def change_second_level(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the codec's configuration of level 1, in its file and in the group's."""
    for file, place in ((path / "1/zarr.json", None), (path / "zarr.json", "1")):
        document = json.loads(file.read_text())
        array = document["consolidated_metadata"]["metadata"][place] if place else document
        change(array["codecs"][0]["configuration"]["codecs"][0]["configuration"])
        file.write_text(json.dumps(document))


def test_levels_of_other_parameters_are_refused(files: dict[str, Path], tmp_path: Path) -> None:
    """Covers R-zarr-parameters."""
    other = configurations(files["0.5"])["0"]
    for number, change in enumerate(
        (
            lambda found: found.update(other, model="another"),
            lambda found: found.clear() or found.update(version=1, channel_axis=0),
        )
    ):
        path = tmp_path / f"{number}.ome.zarr"
        shutil.copytree(files["0.5"], path)
        change_second_level(path, change)
        with pytest.raises(ContainerError, match="level 1 codec configuration"):
            open_container(path)


def test_all_levels_may_embed_it(files: dict[str, Path], tmp_path: Path) -> None:
    """As files of earlier writers do."""
    path = tmp_path / "all.ome.zarr"
    shutil.copytree(files["0.5"], path)
    whole = configurations(path)["0"]
    for level in ("1", "2"):
        file = path / level / "zarr.json"
        document = json.loads(file.read_text())
        document["codecs"][0]["configuration"]["codecs"][0]["configuration"] = whole
        file.write_text(json.dumps(document))
    assert open_container(path).parameters == open_container(files["0.5"]).parameters


@pytest.mark.parametrize("ngff", NGFF)
def test_consolidated_metadata_say_what_the_nodes_say(
    files: dict[str, Path], ngff: str, tmp_path: Path
) -> None:
    """Covers R-zarr-consolidated."""
    path = tmp_path / "changed.ome.zarr"
    shutil.copytree(files[ngff], path)
    file = path / ("1/zarr.json" if ngff == "0.5" else "1/.zarray")
    document = json.loads(file.read_text())
    file.write_text(json.dumps(document | {"dimension_names": ["c", "y", "z"], "more": 1}))
    problems = validate_file(path).problems
    assert [p for p in problems if p.startswith("consolidated metadata 1")]
