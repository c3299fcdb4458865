"""OME-XML documents of several images, and TIFFs that carry them."""

from pathlib import Path
from typing import Any

import tifffile

from tests.tiny_model import draw_tissue

PICTURE = draw_tissue(70, 90)
_IMAGE = """<Image ID="Image:{n}" Name="{name}">{settings}
<Pixels ID="Pixels:{n}" DimensionOrder="XYCZT" Type="uint8" SizeX="90" SizeY="70" SizeC="3"
 SizeZ="1" SizeT="1" Interleaved="true" {sizes}>
<Channel ID="Channel:{n}:0" SamplesPerPixel="3"/>{data}</Pixels></Image>"""
DATA = '<TiffData IFD="{ifd}" PlaneCount="1"/>'
ELSEWHERE = (
    '<TiffData IFD="0" PlaneCount="1"><UUID FileName="gone.ome.tif">urn:uuid:gone</UUID></TiffData>'
)


def ome(*images: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        '<Instrument ID="Instrument:0"><Objective ID="Objective:0" NominalMagnification="5"/>'
        '<Objective ID="Objective:1" NominalMagnification="40"/></Instrument>'
        f"{''.join(images)}</OME>"
    )


def image(number: int, size: str, data: str, objective: int, name: str = "") -> str:
    return _IMAGE.format(
        n=number,
        name=name,
        sizes=f'PhysicalSizeX="{size}" PhysicalSizeY="{size}"',
        data=data,
        settings=f'<ObjectiveSettings ID="Objective:{objective}"/>',
    )


def write(path: Path, description: str, pages: int = 1, **options: object) -> Path:
    chosen: dict[str, Any] = {"photometric": "rgb", "tile": (32, 32), "metadata": None, **options}
    with tifffile.TiffWriter(path) as tiff:
        for number in range(pages):
            text = description if number == 0 else None
            tiff.write(PICTURE, description=text, **chosen)
    return path
