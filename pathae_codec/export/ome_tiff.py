"""OME-TIFF: levels as SubIFDs of the first directory, and what is said of them as OME-XML.

OME-TIFF 6.0, sub-resolutions; OME-XML 2016-06. OpenSlide opens such a file as a plain TIFF: level
0, its microns per pixel and ICC profile, and no other level.
"""

from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from pathae_codec.export.pyramid import Progress, Pyramid, history_text
from pathae_codec.export.settings import Coding
from pathae_codec.export.tiff import level_tiles, write_level
from pathae_codec.tiff.aperio import needs_bigtiff

_NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
_SCHEMA = f"{_NAMESPACE} {_NAMESPACE}/ome.xsd"
_REDUCED = 1


def write_ome_tiff(
    path: Path, pyramid: Pyramid, coding: Coding, progress: Progress | None = None
) -> None:
    """Write an OME-TIFF: the slide with its levels, then each associated image as one more."""
    from tifffile import TiffWriter

    with TiffWriter(path, bigtiff=needs_bigtiff(pyramid.levels)) as writer:
        for level, tiles in level_tiles(pyramid, progress):
            options: dict[str, object] = {"subfiletype": _REDUCED}
            if level.index == 0:
                options = {
                    "subifds": len(pyramid.levels) - 1,
                    "description": ome_xml(pyramid, coding),
                }
            write_level(writer, pyramid, level, tiles, coding, **options)
        for pixels in pyramid.associated.values():
            writer.write(
                pixels,
                photometric="rgb",
                compression="zlib",
                predictor=True,
                rowsperstrip=pixels.shape[0],
                metadata=None,
                software=False,
                iccprofile=pyramid.icc_profile,
            )


def ome_xml(pyramid: Pyramid, coding: Coding) -> str:
    """Return the OME-XML of the file, ASCII."""
    namespaces = {
        "xmlns": _NAMESPACE,
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation": _SCHEMA,
        "Creator": "PathAE",
    }
    ome = Element("OME", namespaces)
    if pyramid.magnification is not None:
        instrument = SubElement(ome, "Instrument", ID="Instrument:0")
        power = f"{pyramid.magnification:g}"
        SubElement(instrument, "Objective", ID="Objective:0", NominalMagnification=power)
    image = SubElement(ome, "Image", ID="Image:0", Name="slide")
    history = coding.after(pyramid.lossy_history)
    if history:
        SubElement(image, "Description").text = f"Lossy history: {history_text(history)}"
    if pyramid.magnification is not None:
        SubElement(image, "InstrumentRef", ID="Instrument:0")
        SubElement(image, "ObjectiveSettings", ID="Objective:0")
    full = pyramid.levels[0]
    pixels = _add_pixels(image, 0, full.width, full.height)
    if pyramid.mpp is not None:
        for axis, side in zip("XY", pyramid.mpp, strict=True):
            pixels.set(f"PhysicalSize{axis}", f"{side:.10g}")
            pixels.set(f"PhysicalSize{axis}Unit", "µm")
    for number, (name, associated) in enumerate(pyramid.associated.items(), 1):
        image = SubElement(ome, "Image", ID=f"Image:{number}", Name=name)
        _add_pixels(image, number, associated.shape[1], associated.shape[0])
    # Without a declaration of its own: ElementTree writes none for ASCII.
    text: bytes = tostring(ome, "us-ascii")
    return '<?xml version="1.0" encoding="UTF-8"?>' + text.decode("ascii")


def _add_pixels(image: Element, number: int, width: int, height: int) -> Element:
    """Describe the interleaved RGB pixels of a directory of the main chain."""
    pixels = SubElement(
        image,
        "Pixels",
        ID=f"Pixels:{number}",
        DimensionOrder="XYCZT",
        Type="uint8",
        SizeX=str(width),
        SizeY=str(height),
        SizeC="3",
        SizeZ="1",
        SizeT="1",
        Interleaved="true",
    )
    SubElement(pixels, "Channel", ID=f"Channel:{number}:0", SamplesPerPixel="3")
    SubElement(pixels, "TiffData", IFD=str(number), PlaneCount="1")
    return pixels
