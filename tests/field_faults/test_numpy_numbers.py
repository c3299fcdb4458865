"""Numbers of numpy, with sign or not and of any width, are as good as Python's."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pathae_codec
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.errors import SettingError
from pathae_codec.export.settings import ExportSettings
from pathae_codec.transcoding.transcode import TranscodeSettings, transcode_slide
from tests.field_faults.small_slide import settings, write_converted, write_slide

WHOLE = [np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.float32]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_converted(tmp_path_factory.mktemp("numbers"))


def test_regions(converted: Path) -> None:
    """In a process of little memory, since uint32 once took all of it."""
    code = (
        "import sys, numpy as np, pathae_codec\n"
        "s = pathae_codec.open(sys.argv[1])\n"
        "for n in [getattr(np, name) for name in sys.argv[2:]]:\n"
        "  for xy, size in (((0, 0), (128, 128)), ((64, 128), (64, 64))):\n"
        "    mine = (n(xy[0]), n(xy[1])), n(0), (n(size[0]), n(size[1]))\n"
        "    for read in (s.read_array, s.read_latents, s.read_symbols):\n"
        "      assert (read(*mine) == read(xy, 0, size)).all(), n\n"
        "    assert s.read_region(*mine).tobytes() == s.read_region(xy, 0, size).tobytes()\n"
        "  assert s.get_best_level_for_downsample(n(1)) == 0\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(converted), *(kind.__name__ for kind in WHOLE)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30)),
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("kind", WHOLE)
def test_regions_of_sources(kind: type[np.number], converted: Path) -> None:
    with pathae_codec.open_slide(converted.parent / "s.tif") as slide:
        numbers = [kind(n) for n in (0, 100, 100, 64, 64)]
        expected = slide.read_region(0, 100, 100, 64, 64)
        assert (slide.read_region(*numbers) == expected).all()


def test_settings(tmp_path: Path, tiny_model_folder: Path) -> None:
    source, model = write_slide(tmp_path / "s.tif"), tiny_model_folder / "tiny.safetensors"
    numpy = settings(
        model,
        tile=np.int32(64),
        quality=np.uint8(60),
        min_psnr=np.float32(10),
        max_error=np.int16(200),
        threads=np.uint8(1),
    )
    plain = settings(model, quality=60, min_psnr=10.0, max_error=200, threads=1)
    assert json.dumps([numpy.tile, numpy.quality, numpy.min_psnr]) == "[64, 60, 10.0]"
    for name, asked in (("numpy.tif", numpy), ("plain.tif", plain)):
        convert_slide(source, tmp_path / name, asked)
    assert (tmp_path / "numpy.tif").read_bytes() == (tmp_path / "plain.tif").read_bytes()
    transcode_slide(
        tmp_path / "numpy.tif", tmp_path / "n.ome.zarr", TranscodeSettings(np.uint8(20))
    )
    assert type(ExportSettings(quality=np.int64(90)).quality) is int


def test_training_tiles(converted: Path) -> None:
    from pathae_codec import TileDataset

    dataset = TileDataset([converted], level=np.uint8(0), tissue=False)
    for kind in WHOLE:
        assert (dataset[kind(3)].values == dataset[3].values).all()


def test_what_is_no_whole_number_is_told(converted: Path) -> None:
    slide = pathae_codec.open(converted)
    with pytest.raises(SettingError, match="whole number"):
        slide.read_region((0, 0), 0, (np.float32(1.5), 3))
    with pytest.raises(SettingError, match="two numbers"):
        slide.read_array((0, 0, 0), 0, (3, 3))
