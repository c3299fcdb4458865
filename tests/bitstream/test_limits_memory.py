"""What is beyond a limit is refused before anything is allocated for it. Covers R-8-beyond."""

import base64
import json
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import tifffile
from safetensors.numpy import load, save

from pathae_codec.bitstream.fallback import encode_fallback
from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.bitstream.limits import MAX_PARAMETERS_BYTES
from pathae_codec.bitstream.tile import pack_tile
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.configuration import parse_configuration
from pathae_codec.errors import FormatError
from pathae_codec.model.artifact_file import load_artifact, read_record
from tests.memory_storage import load_files, open_files
from tests.tiny_model import draw_tissue, tiny_parameters

FIXTURES = Path(__file__).parents[1] / "fixtures" / "0.1.0"
LONG = 4
LITTLE = 4 << 20
"""Bytes that a refusal may take beside the file itself."""


def refuse(action: Callable[[], object], match: str, most: int = LITTLE) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=match):
            action()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most, f"{peak} bytes"


def change_tag(tag: int, value: int, place: int = 0) -> bytes:
    """Return the fixture with another number in a tag of a directory."""
    file = BytesIO((FIXTURES / "slide.tif").read_bytes())
    with tifffile.TiffFile(file) as tiff:
        at = tiff.pages[place].tags[tag].offset
    data = bytearray(file.getvalue())
    struct.pack_into("<HII", data, at + 2, LONG, 1, value)
    return bytes(data)


@pytest.fixture(autouse=True, scope="module")
def warm() -> None:
    """Import and load what is loaded once."""
    for name in ("slide.tif", "slide.ome.zarr"):
        open_files(load_files(FIXTURES / name))
    load_artifact(tiny_parameters(embed=True))


@pytest.mark.parametrize(
    ("tag", "value", "match"),
    [
        (256, 2**31, "level 0 side: expected 1 to"),
        (257, 2**32 - 1, "level 0 side: expected 1 to"),
        (256, 2**24, "levels: expected .* as the record states"),
        (322, 2**15, "tiles: expected sides"),
    ],
)
def test_dimensions_of_a_tiff(tag: int, value: int, match: str) -> None:
    data = change_tag(tag, value)
    refuse(lambda: open_files({"": data}), match)


@pytest.mark.parametrize("tag", [324, 325, 65501, 65502])
def test_lengths_of_tiff_tables(tag: int) -> None:
    file = BytesIO((FIXTURES / "slide.tif").read_bytes())
    with tifffile.TiffFile(file) as tiff:
        at = tiff.pages.first.tags[tag].offset + 4
    data = bytearray(file.getvalue())
    data[at : at + 4] = (2**30).to_bytes(4, "little")
    refuse(lambda: open_files({"": bytes(data)}), "expected")


def test_samples_of_an_associated_image() -> None:
    """33,011 samples a pixel made 4 GB of a thumbnail of 400 x 320; found by `tests.fuzz`."""
    data = change_tag(277, 33011, place=1)
    reader = open_files({"": data})
    refuse(lambda: reader.associated_image("thumbnail"), "thumbnail", 16 << 20)


@pytest.mark.parametrize(
    ("shape", "shard", "match"),
    [
        ([3, 2**40, 8], None, "side: expected"),
        ([3, 2**24, 2**24], None, "tiles: expected"),
        (None, [3, 2**24, 2**24], "shard: expected"),
    ],
)
def test_dimensions_of_a_zarr(shape: list[int] | None, shard: list[int] | None, match: str) -> None:
    files = load_files(FIXTURES / "slide.ome.zarr")
    array = json.loads(files["0/zarr.json"])
    grid = array["chunk_grid"]["configuration"]
    array["shape"] = shape or array["shape"]
    grid["chunk_shape"] = shard or grid["chunk_shape"]
    files["0/zarr.json"] = json.dumps(array).encode()
    refuse(lambda: open_files(files), match)


def test_levels_of_a_zarr() -> None:
    files = load_files(FIXTURES / "slide.ome.zarr")
    group = json.loads(files["zarr.json"])
    group["attributes"]["ome"]["multiscales"][0]["datasets"] *= 1000
    files["zarr.json"] = json.dumps(group).encode()
    refuse(lambda: open_files(files), "datasets: expected 1 to")


def test_inflated_parameters_stop_at_their_limit() -> None:
    """128 MiB of zeros in 128 KiB: inflated to the limit, and no further."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    packed = b"".join([*(packer.compress(block) for _ in range(128)), packer.flush()])
    configuration = {"version": 1, "parameters": base64.b64encode(packed).decode()}
    refuse(lambda: parse_configuration(configuration), "at most", 3 * MAX_PARAMETERS_BYTES)


def test_length_of_codec_parameters() -> None:
    refuse(lambda: load_artifact(bytes(MAX_PARAMETERS_BYTES + 1)), "at most", 80 << 20)


def test_a_safetensors_header_of_any_stated_length() -> None:
    refuse(lambda: load_artifact((2**63 - 1).to_bytes(8, "little") + b"{}"), "artifact")


@pytest.mark.parametrize(
    ("key", "value"), [("factor", 2**20), ("latent_channels", 2**20), ("factor", -1)]
)
def test_numbers_of_a_model(key: str, value: int) -> None:
    data = tiny_parameters()
    record = read_record(data) | {key: value}
    record.pop("digest", None)
    changed = save(load(data), {"pathae": json.dumps(record)})
    refuse(lambda: load_artifact(changed), f"{key}: expected")


@pytest.mark.parametrize("side", [4097, 65535])
@pytest.mark.parametrize("mode", Mode)
def test_sides_of_a_tile(mode: Mode, side: int) -> None:
    coding = 1 if mode in (Mode.FALLBACK, Mode.EXACT) else 0
    data = bytearray(pack_tile(TileHeader(mode, 8, 8, 3, 0, 0, coding, 3), b"abc"))
    struct.pack_into("<HH", data, 4, side, side)
    codec = TileCodec(load_artifact(tiny_parameters(embed=True)))
    refuse(lambda: codec.decode_tiles([bytes(data)]), "expected 1 to 4096")


def test_a_large_image_behind_a_small_header() -> None:
    """Covers R-3.5-before-allocation."""
    large = encode_fallback(np.tile(draw_tissue(64, 64), (12, 12, 1)))
    payload = large[16:-4]
    small = pack_tile(TileHeader(Mode.FALLBACK, 8, 8, 3, 0, 0, 1, len(payload)), payload)
    codec = TileCodec(load_artifact(tiny_parameters(embed=True)))
    refuse(lambda: codec.decode_tiles([small]), "expected a JPEG XL image")
