"""Levels of every size about a multiple of the tile: zarr reads what our reader reads."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import example, given, settings
from hypothesis import strategies as st

import pathae_codec
from pathae_codec.arrays import Pixels
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.transcoding.transcode import TranscodeSettings, transcode_slide
from tests.tiny_model import draw_tissue, tiny_model

TILE = 16
sides = st.builds(
    lambda tiles, off: tiles * TILE + off, st.sampled_from([1, 2, 8]), st.integers(-1, 1)
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    path.write_bytes(save_artifact(tiny_model()))
    return str(path)


def write_slide(path: Path, width: int, height: int) -> None:
    pixels = draw_tissue(height, width)
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(pixels, photometric="rgb", tile=(TILE, TILE))
        tiff.write(pixels[::2, ::2].copy(), photometric="rgb", tile=(TILE, TILE), subfiletype=1)


def arrays_of_zarr(path: Path) -> dict[str, Pixels]:
    group = zarr.open_group(path, mode="r")
    levels = ((name, array) for name, array in group.arrays() if name != "ledger")
    found = {name: np.moveaxis(np.asarray(array[:]), 0, 2) for name, array in levels}
    images = zarr.open_group(path, path="associated", mode="r").arrays()
    found |= {name: np.moveaxis(np.asarray(array[:]), 0, 2) for name, array in images}
    return found


def arrays_of_reader(path: Path) -> dict[str, Pixels]:
    with pathae_codec.open(path) as slide:
        found = {
            str(level): np.asarray(slide.read_region((0, 0), level, size))[..., :3]
            for level, size in enumerate(slide.level_dimensions)
        }
    container = open_container(path)
    return found | {name: container.associated_image(name) for name in container.associated}


@settings(max_examples=10, deadline=None)
@given(width=sides, height=sides, ngff=st.sampled_from(["0.5", "0.4"]))
@example(width=TILE, height=TILE, ngff="0.5")
@example(width=2 * TILE, height=2 * TILE, ngff="0.5")
@example(width=8 * TILE, height=8 * TILE, ngff="0.5")
def test_zarr_reads_what_our_reader_reads(model: str, width: int, height: int, ngff: str) -> None:
    with TemporaryDirectory() as folder:
        source, *made = (Path(folder, name) for name in ("s.tif", "a.zarr", "b.zarr"))
        write_slide(source, width, height)
        chosen = ConvertSettings(
            model=model, tile=TILE, embed_model=True, min_psnr=0, threads=1, ngff=ngff
        )
        convert_slide(source, made[0], chosen)
        transcode_slide(made[0], made[1], TranscodeSettings(ngff=ngff))
        for path in made:
            ours, theirs = arrays_of_reader(path), arrays_of_zarr(path)
            assert ours.keys() == theirs.keys()
            for name, pixels in ours.items():
                np.testing.assert_array_equal(theirs[name], pixels, err_msg=name)
