"""Tiles and strips that a TIFF leaves out are glass, whatever its samples stand for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from tests.field_faults.exact_conversion import convert, shown

pytestmark = pytest.mark.usefixtures("tiny_model_folder")


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("kind", ["miniswhite", "minisblack", "rgb"])
@pytest.mark.parametrize("tiled", [True, False])
def test_what_is_left_out_is_white(
    tmp_path: Path, kind: str, compression: str | None, tiled: bool
) -> None:
    path, pixels = tmp_path / "sparse.tif", np.full((64, 128, 3), 7, np.uint8)
    options: dict[str, Any] = {"tile": (64, 64)} if tiled else {"rowsperstrip": 32}
    samples = pixels if kind == "rgb" else pixels[..., 0]
    tifffile.imwrite(path, samples, photometric=kind, compression=compression, **options)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tags = tiff.pages.first.tags
        for offsets, sizes in ((324, 325), (273, 279)):
            if offsets in tags:
                for code in (offsets, sizes):
                    tags[code].overwrite((0, *tags[code].value[1:]))
    convert(path, tmp_path / "c.tif")
    shown_pixels = shown(tmp_path / "c.tif")
    if tiled:
        left_out, there = shown_pixels[:, :64], shown_pixels[:, 64:]
    else:
        left_out, there = shown_pixels[:32], shown_pixels[32:]
    assert (left_out == 255).all()
    assert (there == (248 if kind == "miniswhite" else 7)).all()
