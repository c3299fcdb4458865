"""A sample of `python -m tests.bit_flips`: no flipped bit gives wrong pixels silently."""

import random
from pathlib import Path

import pytest
import tifffile

from pathae_codec.errors import ContainerError
from tests.bit_flips import SIDES, count, make_whole

SAMPLE = 1500


@pytest.mark.parametrize("name", SIDES)
def test_a_flipped_bit_is_harmless_or_told(name: str, tmp_path: Path) -> None:
    whole = make_whole(name, tmp_path, 300)
    flips = list(whole.flips())
    table = count(whole, random.Random(1).sample(flips, SAMPLE))
    assert sum(ends.total() for ends in table.values()) == SAMPLE
    assert sum(ends["silent"] for ends in table.values()) == 0
    assert table["tile"]["harmless"] == 0
    assert table["tile"].total() > 100
    told = {"codec parameters"} if name.endswith(".tif") else {"zarr.json", ".zarray"} & set(table)
    for area in told:
        assert table[area].total() > table[area]["harmless"]


@pytest.mark.parametrize("tag", [256, 257])
def test_tifffile_is_told_of_another_size(tag: int, tmp_path: Path) -> None:
    make_whole("flips.tif", tmp_path, 300)
    path = tmp_path / "flips.tif"
    with tifffile.TiffFile(path) as tiff:
        at = tiff.pages.first.tags[tag].valueoffset
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(ContainerError, match="expected a size of the slide record"):
        tifffile.imread(path, series=0, level=0)
