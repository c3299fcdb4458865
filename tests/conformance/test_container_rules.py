"""The rules of section 6 and of the bindings, on files that the converter writes."""

import base64
import json
import re
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from jsonschema import Draft202012Validator
from pathae_plugins.chunk import tile_to_chunk

import pathae_codec
from pathae_codec.bitstream.header import Mode, parse_header
from pathae_codec.bitstream.limits import MAX_PARAMETERS_BYTES
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.configuration import build_configuration, parse_configuration
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import ArtifactError, ContainerError, FieldError, UnsupportedVersionError
from pathae_codec.geometry import pad_to_tile
from pathae_codec.model.artifact_file import load_artifact, save_artifact
from pathae_codec.verification.structure import validate_file
from tests.conformance.vectors import SPEC
from tests.tiny_model import draw_tissue, tiny_model, tiny_parameters

TILE = 64
HEIGHT, WIDTH = 150, 200
MICRONS = 0.5


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Convert a slide, with and without a resolution, to both containers."""
    folder = tmp_path_factory.mktemp("rules")
    model = folder / "tiny.safetensors"
    model.write_bytes(save_artifact(tiny_model()))
    pixels = draw_tissue(HEIGHT, WIDTH)
    # The first tile is glass.
    pixels[:TILE, :TILE] = 255
    settings = ConvertSettings(
        model=str(model), tile=TILE, quality=60, embed_model=True, min_psnr=0
    )
    made = {}
    for name, options in {
        "known": {"resolution": (1e4 / MICRONS, 1e4 / MICRONS), "resolutionunit": "CENTIMETER"},
        "unknown": {},
    }.items():
        source = folder / f"{name}-source.tif"
        tifffile.imwrite(source, pixels, photometric="rgb", tile=(TILE, TILE), **options)
        for ending in ("tif", "ome.zarr"):
            made[f"{name}.{ending}"] = folder / f"{name}.{ending}"
            convert_slide(source, made[f"{name}.{ending}"], settings)
    return made


def tiff_tiles(path: Path, page: int = 0) -> list[bytes]:
    with tifffile.TiffFile(path) as tiff, path.open("rb") as file:
        tiles = []
        levels = [p for p in tiff.pages if p.is_tiled]
        for offset, size in zip(levels[page].dataoffsets, levels[page].databytecounts, strict=True):
            file.seek(offset)
            tiles.append(file.read(size))
    return tiles


def zarr_tiles(array: Path) -> list[bytes | None]:
    """Read the tiles of an array with one shard, row by row."""
    metadata = json.loads((array / "zarr.json").read_text())
    data = (array / "c" / "0" / "0" / "0").read_bytes()
    outer = metadata["chunk_grid"]["configuration"]["chunk_shape"]
    count = (outer[1] // TILE) * (outer[2] // TILE)
    index = np.frombuffer(data[-4 - 16 * count : -4], "<u8").reshape(count, 2)
    missing = 2**64 - 1
    return [
        None if offset == missing else data[offset : offset + size]
        for offset, size in index.tolist()
    ]


def zarr_group(path: Path) -> dict[str, Any]:
    attributes: dict[str, Any] = json.loads((path / "zarr.json").read_text())["attributes"]
    return attributes


def tiff_record(path: Path) -> dict[str, Any]:
    with tifffile.TiffFile(path) as tiff:
        record: dict[str, Any] = json.loads(tiff.pages.first.tags[65501].value)
    return record


def test_padding_repeats_the_last_pixels() -> None:
    """Covers R-2-padding."""
    pixels = draw_tissue(5, 3)
    padded = pad_to_tile(pixels, 8)
    assert padded.shape == (8, 8, 3)
    for row in range(8):
        for column in range(8):
            assert (padded[row, column] == pixels[min(row, 4), min(column, 2)]).all()


def test_tiles_have_the_same_bytes(files: dict[str, Path]) -> None:
    """Covers R-zarr-same-bytes."""
    ours, theirs = tiff_tiles(files["known.tif"]), zarr_tiles(files["known.ome.zarr"] / "0")
    assert len(ours) == len(theirs) == 12
    assert theirs[0] is None
    assert ours[1:] == theirs[1:]


def test_tiff_has_every_tile(files: dict[str, Path]) -> None:
    """Covers R-tiff-no-empty."""
    tiles = tiff_tiles(files["known.tif"])
    assert all(tiles)
    assert parse_header(tiles[0]).mode is Mode.CONSTANT
    (pixels,) = TileCodec(tiny_model()).decode_tiles(tiles[:1])
    assert (pixels == 255).all()


def test_tiff_tags(files: dict[str, Path]) -> None:
    """Covers R-tiff-compression and R-tiff-tags."""
    with tifffile.TiffFile(files["known.tif"]) as tiff:
        levels = [page for page in tiff.pages if page.is_tiled]
        for level in levels:
            assert level.tags[259].value == 44718
            assert level.tags[42113].value == "255"
        first = tiff.pages[0].tags
        assert load_artifact(bytes(first[65502].value)).name == tiny_model().name
        assert json.loads(first[65501].value)["format"] == "pathae"
        assert not any({65501, 65502} & set(page.tags.keys()) for page in tiff.pages[1:])
        assert "MPP = 0.5" in first[270].value


@pytest.mark.parametrize("name", ["known", "unknown"])
def test_slide_record(files: dict[str, Path], name: str) -> None:
    """Covers R-6-schema and R-6-no-guess."""
    schema = json.loads((SPEC / "v1" / "schema" / "slide_record.schema.json").read_text())
    records = [tiff_record(files[f"{name}.tif"]), zarr_group(files[f"{name}.ome.zarr"])["pathae"]]
    for record in records:
        Draft202012Validator(schema).validate(record)
        assert record["mpp"] == ([MICRONS, MICRONS] if name == "known" else None)
        assert record["magnification"] is None


def test_levels_are_those_of_the_record(files: dict[str, Path], tmp_path: Path) -> None:
    """Covers R-6-levels."""
    for kind in ("tif", "ome.zarr"):
        changed = tmp_path / f"changed.{kind}"
        source = files[f"known.{kind}"]
        (shutil.copy if source.is_file() else shutil.copytree)(source, changed)
        place = changed if changed.is_file() else changed / "zarr.json"
        data, count = re.subn(rb'("levels":\s*\[\s*\[\s*)200', rb"\g<1>201", place.read_bytes())
        assert count == 1
        place.write_bytes(data)
        with pytest.raises(ContainerError, match="levels: expected"):
            pathae_codec.open(changed)
        (problem,) = validate_file(changed).problems
        assert "levels: expected" in problem


def test_tiff_guesses_nothing(files: dict[str, Path]) -> None:
    """Covers R-tiff-no-guess."""
    with tifffile.TiffFile(files["unknown.tif"]) as tiff:
        description = tiff.pages[0].tags[270].value
    assert "MPP" not in description
    assert "AppMag" not in description


@pytest.mark.parametrize(("name", "unit"), [("known", "micrometer"), ("unknown", None)])
def test_zarr_units(files: dict[str, Path], name: str, unit: str | None) -> None:
    """Covers R-zarr-no-unit."""
    (multiscale,) = zarr_group(files[f"{name}.ome.zarr"])["ome"]["multiscales"]
    assert [axis.get("unit") for axis in multiscale["axes"]] == [None, unit, unit]
    scale = multiscale["datasets"][0]["coordinateTransformations"][0]["scale"]
    assert scale == ([1, MICRONS, MICRONS] if unit else [1, 1, 1])


def test_zarr_arrays_have_the_stated_form(files: dict[str, Path]) -> None:
    metadata = json.loads((files["known.ome.zarr"] / "0" / "zarr.json").read_text())
    (sharding,) = metadata["codecs"]
    inside = sharding["configuration"]
    schema = json.loads((SPEC / "v1" / "schema" / "codec.schema.json").read_text())
    assert metadata["fill_value"] == 255
    assert metadata["shape"] == [3, HEIGHT, WIDTH]
    assert sharding["name"] == "sharding_indexed"
    assert inside["chunk_shape"] == [3, TILE, TILE]
    assert inside["index_location"] == "end"
    assert [codec["name"] for codec in inside["index_codecs"]] == ["bytes", "crc32c"]
    assert inside["codecs"][0]["name"] == "pathae"
    Draft202012Validator(schema).validate(inside["codecs"][0]["configuration"])


def test_patients_images_are_not_kept_unasked() -> None:
    """Covers R-9-associated."""
    assert ConvertSettings().keep == frozenset()


def test_unasked_label_and_macro_are_left_out() -> None:
    """Covers R-9-associated."""
    from pathae_codec.geometry import Level
    from pathae_codec.privacy import associated

    image = draw_tissue(8, 8)

    class Slide:
        levels = (Level(0, 8, 8, 1.0),)

        def associated_images(self) -> dict[str, Any]:
            return dict.fromkeys(("label", "macro", "thumbnail"), image)

        def read_region(self, *_: int) -> Any:  # noqa: ANN401
            return image[:1]

    slide: Any = Slide()
    assert set(associated.associated_images(slide, frozenset())) == {"thumbnail"}
    assert set(associated.associated_images(slide, frozenset({"label"}))) == {"thumbnail", "label"}


def test_configuration_of_another_version_is_refused() -> None:
    """Covers R-zarr-version."""
    with pytest.raises(UnsupportedVersionError):
        parse_configuration(build_configuration(tiny_parameters()) | {"version": 2})


def test_inflating_is_bounded() -> None:
    """Covers R-zarr-inflate: 65 KiB of text stand for 64 MiB and one byte."""
    bomb = base64.b64encode(zlib.compress(bytes(MAX_PARAMETERS_BYTES + 1), 9)).decode()
    configuration = build_configuration(tiny_parameters()) | {"parameters": bomb}
    with pytest.raises(ArtifactError, match="at most"):
        parse_configuration(configuration)


def test_tile_of_another_shape_is_refused() -> None:
    """Covers R-zarr-shape."""
    tile = draw_tissue(8, 16)
    assert tile_to_chunk(tile, (3, 8, 16)).shape == (3, 8, 16)
    with pytest.raises(FieldError):
        tile_to_chunk(tile, (3, 16, 8))
