from pathlib import Path

import numpy as np
import pytest
import tifffile

from pathae_codec.slide.tiff_resolution import OmeImage
from pathae_codec.slide.tifffile_reader import TifffileReader

OME = """<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
<Instrument ID="Instrument:0"><Objective ID="Objective:0" NominalMagnification="5"/>
<Objective ID="Objective:1" NominalMagnification="40.0"/></Instrument>
<Image ID="Image:0"><Pixels SizeX="9"/></Image>
<Image ID="Image:1"><ObjectiveSettings ID="Objective:1"/><Pixels {sizes}/></Image></OME>"""


@pytest.mark.parametrize(
    ("resolution", "unit", "mpp"),
    [
        ((20_000, 40_000), "CENTIMETER", (0.5, 0.25)),
        ((50_800, 50_800), "INCH", (0.5, 0.5)),
        ((72, 72), "INCH", None),
        ((20_000, 72), "CENTIMETER", None),
        ((20_000, 20_000), "NONE", None),
        ((0, 0), "CENTIMETER", None),
    ],
)
def test_resolution_tags_give_mpp_only_if_a_slide_can_have_it(
    tmp_path: Path, resolution: tuple[int, int], unit: str, mpp: tuple[float, float] | None
) -> None:
    path, pixels = tmp_path / "a.tif", np.zeros((64, 64, 3), np.uint8)
    tifffile.imwrite(
        path, pixels, photometric="rgb", resolution=resolution, resolutionunit=unit, tile=(16, 16)
    )
    with TifffileReader(path) as reader:
        assert reader.properties.mpp == (None if mpp is None else pytest.approx(mpp))


@pytest.mark.parametrize(
    ("sizes", "mpp"),
    [
        ('PhysicalSizeX="0.25" PhysicalSizeY="0.5"', (0.25, 0.5)),
        ('PhysicalSizeX="250" PhysicalSizeXUnit="nm" PhysicalSizeY="0.25"', (0.25, 0.25)),
        ('PhysicalSizeX="0.25" PhysicalSizeY="0.25" PhysicalSizeYUnit="pixel"', None),
        ('PhysicalSizeX="0.25"', None),
        ('PhysicalSizeX="nan" PhysicalSizeY="0"', None),
    ],
)
def test_ome_sizes_give_mpp_in_microns(sizes: str, mpp: tuple[float, float] | None) -> None:
    found = OmeImage(OME.format(sizes=sizes), 1).mpp()
    assert found == (None if mpp is None else pytest.approx(mpp))


def test_ome_magnification_is_that_of_the_image() -> None:
    assert OmeImage(OME.format(sizes=""), 1).magnification() == 40.0
    assert OmeImage(OME.format(sizes=""), 0).magnification() is None


@pytest.mark.parametrize(("xml", "index"), [("", 0), ("<OME", 0), (OME, 7)])
def test_ome_that_says_nothing(xml: str, index: int) -> None:
    assert OmeImage(xml, index).mpp() is None
    assert OmeImage(xml, index).magnification() is None
