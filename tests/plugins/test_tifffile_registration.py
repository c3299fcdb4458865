"""`register` and `unregister`: all of it, once, and nothing of tifffile's own changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from pathae_plugins import tifffile_codec

from pathae_codec.errors import BackendUnavailableError
from pathae_codec.tiff.tags import COMPRESSION, PARAMETERS_TAG
from tests.tiny_model import draw_tissue, encode_tiny, tiny_parameters

pytestmark = pytest.mark.usefixtures("tiny_model_folder", "registered")
SIDE = 64
TIFF: Any = tifffile.TIFF


@pytest.fixture
def registered() -> Iterator[None]:
    tifffile_codec.register()
    yield
    tifffile_codec.register()


def write_tiff(path: Path) -> None:
    """Write a TIFF of one tile."""
    parameters = tiny_parameters()
    tag: Any = (PARAMETERS_TAG, 7, len(parameters), parameters, True)
    tifffile.imwrite(
        path,
        iter(encode_tiny(draw_tissue(SIDE, SIDE)[None])),
        shape=(SIDE, SIDE, 3),
        dtype="uint8",
        tile=(SIDE, SIDE),
        photometric="rgb",
        compression=COMPRESSION,
        extratags=[tag],
        metadata=None,
    )


def test_register_is_idempotent_and_undone(tmp_path: Path) -> None:
    write_tiff(tmp_path / "a.tif")
    tifffile_codec.register()
    tifffile_codec.unregister()
    assert COMPRESSION not in TIFF.IMAGE_COMPRESSIONS
    assert COMPRESSION not in TIFF.DECOMPRESSORS._codecs
    assert "PATHAE" not in tifffile.COMPRESSION.__members__
    assert not hasattr(tifffile.TiffPage.__dict__["decode"].func, "__wrapped__")
    with pytest.raises(ValueError, match=f"{COMPRESSION}"):
        tifffile.imread(tmp_path / "a.tif")
    tifffile_codec.register()
    assert tifffile.imread(tmp_path / "a.tif").shape == (SIDE, SIDE, 3)


def test_other_compressions_are_left_alone(tmp_path: Path) -> None:
    image = draw_tissue(150, 200)
    tifffile.imwrite(tmp_path / "z.tif", image, tile=(SIDE, SIDE), compression="zlib")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "z.tif"), image)
    with tifffile.TiffFile(tmp_path / "z.tif") as tiff:
        assert tiff.pages.first.nodata == 0
        assert tiff.pages.first.maxworkers <= max(TIFF.MAXWORKERS, 1)


def test_tifffile_of_another_build_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    tifffile_codec.unregister()
    with monkeypatch.context() as patch:
        patch.delattr(tifffile.TiffPage, "maxworkers")
        with pytest.raises(BackendUnavailableError, match="install another tifffile"):
            tifffile_codec.register()
    assert COMPRESSION not in TIFF.DECOMPRESSORS._codecs
