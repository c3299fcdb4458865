"""Microns per pixel of every type of tag and every unit, and no guess."""

from pathlib import Path
from struct import pack
from typing import Any

import pytest
import tifffile

from tests.field_faults.exact_conversion import convert, record
from tests.field_faults.ome_documents import DATA, PICTURE, image, ome, write

pytestmark = pytest.mark.usefixtures("tiny_model_folder")


@pytest.mark.parametrize(
    ("unit", "size", "expected"),
    [
        ("\N{ANGSTROM SIGN}", "2500", 0.25),
        ("\N{LATIN CAPITAL LETTER A WITH RING ABOVE}", "2500", 0.25),
        ("thou", "0.01", 0.254),
        ("pt", "0.00072", 0.254),
        ("li", "0.00012", 0.254),
        ("ft", "0.000001", 0.3048),
        ("dm", "0.000005", 0.5),
        ("\N{GREEK SMALL LETTER MU}m", "0.25", 0.25),
        ("µm", "1e9", None),
        ("µm", "0.001", None),
        ("m", "0.25", None),
        ("pixel", "0.25", None),
        ("reference frame", "0.25", None),
    ],
)
def test_ome_units(tmp_path: Path, unit: str, size: str, expected: float | None) -> None:
    units = f'PhysicalSizeXUnit="{unit}" PhysicalSizeYUnit="{unit}" '
    text = ome(image(0, size, DATA.format(ifd=0), 0).replace("Interleaved", units + "Interleaved"))
    # tifffile writes ASCII: of other letters it is told as it is stored.
    path, reserved = tmp_path / "a.ome.tif", b"placeholder" * 100
    content = write(path, reserved.decode()).read_bytes()
    path.write_bytes(content.replace(reserved, text.encode().ljust(len(reserved))))
    convert(path, tmp_path / "c.tif")
    found = record(tmp_path / "c.tif")["mpp"]
    assert found == (None if expected is None else pytest.approx([expected, expected]))


@pytest.mark.parametrize(
    ("kind", "form", "number"),
    [(11, "<f", 40_000.0), (12, "<d", 40_000.0), (4, "<I", 40_000), (3, "<H", 50_000)],
)
@pytest.mark.parametrize("unit", [3, None])
def test_resolution_of_every_type(
    tmp_path: Path, kind: int, form: str, number: float, unit: int | None
) -> None:
    """FLOAT, DOUBLE, LONG and SHORT; without a unit it is pixels an inch, TIFF's default."""
    path = tmp_path / "a.tif"
    options: dict[str, Any] = {"resolution": (1, 1), "resolutionunit": "CENTIMETER"}
    tifffile.imwrite(path, PICTURE, photometric="rgb", tile=(32, 32), metadata=None, **options)
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        tags = tiff.pages.first.tags
        for code in (282, 283):
            tag, value = tags[code], pack(form, number)
            content[tag.offset + 2 : tag.offset + 8] = pack("<HI", kind, 1)
            # A value of up to four bytes lies in the entry; what was a rational has place for more.
            place = tag.valueoffset if len(value) > 4 else tag.offset + 8
            content[place : place + len(value)] = value
        if unit is None:
            content[tags[296].offset : tags[296].offset + 2] = pack("<H", 65_000)
    path.write_bytes(content)
    convert(path, tmp_path / "c.tif")
    expected = (10_000 if unit == 3 else 25_400) / number
    assert record(tmp_path / "c.tif")["mpp"] == pytest.approx([expected, expected])
