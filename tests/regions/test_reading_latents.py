"""Latents and symbols in slide coordinates; another decoder for the same latents."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import ModelMismatchError, SettingError
from pathae_codec.geometry import TileIndex
from pathae_codec.model.artifact_file import load_artifact, save_artifact
from pathae_codec.model.identity import transform_id
from tests.tiny_model import tiny_model

TILE = 128


@pytest.fixture
def stored(tmp_path: Path, tiny_model_folder: Path) -> Path:
    source, path = tmp_path / "drawn.svs", tmp_path / "a.ome.zarr"
    write_synthetic_slide(source, width=600, height=500, levels=2)
    # The tiny model holds no floor: what is read here are its latents.
    settings = ConvertSettings(tile=TILE, model="tiny-f8c4", quality=60, min_psnr=0)
    convert_slide(source, path, settings)
    return path


def test_symbols_are_those_of_the_tiles(stored: Path) -> None:
    slide, container = pathae_codec.open(stored), open_container(stored)
    whole = slide.read_symbols((0, 0), 0, (5 * TILE, 4 * TILE))
    assert whole.shape == (4, 64, 80)
    assert whole.dtype == np.uint16
    codec = TileCodec(load_artifact(container.parameters))
    from pathae_codec.bitstream.tile import unpack_tile

    data = container.tile_bytes(0, TileIndex(1, 2))
    assert data is not None
    symbols = codec.decode_tile_symbols([unpack_tile(data)])[0].reshape(4, 16, 16)
    assert (whole[:, 16:32, 32:48] == symbols).all()
    part = slide.read_symbols((104, 64), 0, (176, 120))
    assert (part == whole[:, 8:23, 13:35]).all()


def test_latents_decode_to_the_pixels(stored: Path) -> None:
    slide = pathae_codec.open(stored)
    latents = slide.read_latents((TILE, TILE), 0, (TILE, TILE), scaled=False)
    pixels = TileCodec(tiny_model())._synthesis.synthesize(latents[None])[0]
    assert (pixels == slide.read_array((TILE, TILE), 0, (TILE, TILE))).all()
    scaled = slide.read_latents((TILE, TILE), 0, (TILE, TILE))
    assert scaled.dtype == np.float32
    for channel, plain in zip(scaled, latents, strict=True):
        assert np.corrcoef(channel.ravel(), plain.ravel())[0, 1] == pytest.approx(1, abs=1e-4)


def test_positions_of_a_level_are_the_nearest_of_level_0(stored: Path) -> None:
    slide = pathae_codec.open(stored)
    downsample = slide.level_downsamples[1]
    whole = slide.read_symbols((0, 0), 1, (TILE, TILE))
    corner = (round(16 * downsample), round(8 * downsample))
    assert (slide.read_symbols(corner, 1, (64, 40)) == whole[:, 1:6, 2:10]).all()


def test_tiles_without_latents_have_the_encoders(tmp_path: Path, tiny_model_folder: Path) -> None:
    pixels = np.full((TILE, 2 * TILE, 3), 255, np.uint8)
    pixels[:, TILE:] = (10, 120, 200)
    tifffile.imwrite(tmp_path / "glass.tif", pixels, tile=(TILE, TILE))
    path = tmp_path / "glass.ome.zarr"
    convert_slide(tmp_path / "glass.tif", path, ConvertSettings(tile=TILE, model="tiny-f8c4"))
    symbols = pathae_codec.open(path).read_symbols((0, 0), 0, (2 * TILE, TILE))
    tiles = np.stack([pixels[:, :TILE], pixels[:, TILE:]])
    quality = tiny_model().nearest_quality(50)
    expected = TileCodec(tiny_model()).analyze_tiles(tiles, quality).reshape(2, 4, 16, 16)
    assert (symbols == np.concatenate(list(expected), -1)).all()


def test_tiles_that_climbed_have_latents_but_not_symbols_together(tmp_path: Path) -> None:
    source, path = tmp_path / "drawn.svs", tmp_path / "a.tif"
    write_synthetic_slide(source, width=600, height=500, levels=1)
    convert_slide(source, path, ConvertSettings(tile=TILE, quality=20, min_psnr=32))
    slide = pathae_codec.open(path)
    region = ((0, 0), 0, (5 * TILE, 4 * TILE))
    with pytest.raises(SettingError, match="read_latents takes them together"):
        slide.read_symbols(*region)
    latents = slide.read_latents(*region, scaled=False)
    model = pathae_codec.find_model()
    second = slice(TILE // model.factor, 2 * TILE // model.factor)
    pixels = TileCodec(model)._synthesis.synthesize(latents[None, :, second, second])[0]
    assert (pixels == slide.read_array((TILE, TILE), 0, (TILE, TILE))).all()


@pytest.mark.parametrize(
    ("stated", "shift", "factor"),
    [
        ({"scaling_factor": 0.25, "shift_factor": 0.5}, [0.5] * 4, [0.25] * 4),
        (
            {
                "scaling_factor": 2,
                "latents_mean": [0.0, 1.0, 2.0, 3.0],
                "latents_std": [1.0, 2.0, 4.0, 8.0],
            },
            [0, 1, 2, 3],
            [2, 1, 0.5, 0.25],
        ),
    ],
)
def test_the_cards_scale_is_taken(
    stated: dict[str, object],
    shift: list[float],
    factor: list[float],
    stored: Path,
    tmp_path: Path,
    tiny_model_folder: Path,
) -> None:
    card = {"license": "CC0-1.0", "sources": []} | stated
    path = tmp_path / "scaled.safetensors"
    path.write_bytes(save_artifact(replace(tiny_model(), card=card)))
    settings = ConvertSettings(tile=TILE, model=str(path), quality=60, min_psnr=0, embed_model=True)
    convert_slide(tmp_path / "drawn.svs", tmp_path / "scaled.tif", settings)
    slide, region = pathae_codec.open(tmp_path / "scaled.tif"), ((0, 0), 0, (TILE, TILE))
    plain = slide.read_latents(*region, scaled=False)
    means, factors = (np.array(values)[:, None, None] for values in (shift, factor))
    assert np.allclose(slide.read_latents(*region), (plain - means) * factors, atol=1e-6)


@pytest.mark.parametrize(
    ("location", "level", "size", "message"),
    [
        ((4, 0), 0, (64, 64), "multiples of 8"),
        ((0, 0), 0, (60, 64), "multiples of 8"),
        ((0, 0), 0, (0, 64), "multiples of 8"),
        ((-8, 0), 0, (64, 64), "inside the tiles"),
        ((0, 0), 0, (1024, 64), "inside the tiles"),
        ((0, 0), 2, (64, 64), "level: expected 0 to 1"),
    ],
)
def test_other_regions_are_refused(
    location: tuple[int, int], level: int, size: tuple[int, int], message: str, stored: Path
) -> None:
    with pytest.raises(SettingError, match=message):
        pathae_codec.open(stored).read_symbols(location, level, size)


def test_another_decoder_decodes_the_same_latents(stored: Path, tiny_model_folder: Path) -> None:
    model, synthesis = tiny_model(), tiny_model(7).synthesis
    assert synthesis is not None
    identity = transform_id(model.factor, model.latent_channels, synthesis)
    other = replace(model, name="other", synthesis=synthesis, decoder_id=identity)
    path = tiny_model_folder / "other.safetensors"
    path.write_bytes(save_artifact(other))
    region = ((0, 0), 0, (TILE, TILE))
    plain = pathae_codec.open(stored)
    for name in (str(path), identity):
        changed = pathae_codec.PathAESlide(stored, decoder=name)
        latents = plain.read_latents(*region, scaled=False)
        expected = TileCodec(other)._synthesis.synthesize(latents[None])[0]
        assert (changed.read_array(*region) == expected).all()
        assert (changed.read_symbols(*region) == plain.read_symbols(*region)).all()
    stranger = tiny_model_folder / "stranger.safetensors"
    stranger.write_bytes(save_artifact(tiny_model(7)))
    with pytest.raises(ModelMismatchError, match="expected one for the encoder"):
        pathae_codec.PathAESlide(stored, decoder=str(stranger))
