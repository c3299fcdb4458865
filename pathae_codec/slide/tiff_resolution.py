"""Microns per pixel and magnification, as far as a TIFF or its OME-XML states them."""

from math import isfinite
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from tifffile import TiffPage

# What a scanner or a microscope's camera can give; outside are 72 dpi and other made-up values.
SMALLEST_MPP, LARGEST_MPP = 0.01, 20.0

_INCH, _CENTIMETER = 2, 3
_MICRONS_PER_UNIT = {_INCH: 25_400.0, _CENTIMETER: 10_000.0}
_MICRONS_PER_OME_UNIT = {
    "pm": 1e-6, "nm": 1e-3, "µm": 1.0, "μm": 1.0, "um": 1.0, "mm": 1e3, "cm": 1e4, "m": 1e6,
    "in": 25_400.0,
}  # fmt: skip


def tag_mpp(page: "TiffPage") -> tuple[float, float] | None:
    """Return microns per pixel (x, y) from XResolution, YResolution and ResolutionUnit.

    None where they are missing, have no unit of length, or are none that a slide can have.
    """
    unit = page.tags.valueof(296)
    if unit not in _MICRONS_PER_UNIT:
        return None
    values = []
    for code in (282, 283):
        numerator, denominator = page.tags.valueof(code) or (0, 0)
        if not numerator or not denominator:
            return None
        values.append(_MICRONS_PER_UNIT[unit] * denominator / numerator)
    x, y = values
    return (x, y) if all(SMALLEST_MPP <= value <= LARGEST_MPP for value in values) else None


class OmeImage:
    """One `Image` of an OME-XML document.

    Args:
        xml: The document. One that does not parse says nothing.
        index: Of the image.
    """

    def __init__(self, xml: str, index: int) -> None:
        try:
            self._root = ElementTree.fromstring(xml)
        except ElementTree.ParseError:
            self._root = ElementTree.Element("OME")
        images = self._root.findall("{*}Image")
        self._image = images[index] if index < len(images) else ElementTree.Element("Image")

    def mpp(self) -> tuple[float, float] | None:
        """Return microns per pixel (x, y) of PhysicalSizeX and PhysicalSizeY; None without both."""
        pixels = self._image.find("{*}Pixels")
        if pixels is None:
            return None
        x, y = (_physical_size(pixels, name) for name in ("PhysicalSizeX", "PhysicalSizeY"))
        return None if x is None or y is None else (x, y)

    def magnification(self) -> float | None:
        """Return the nominal magnification of the objective that the image refers to."""
        settings = self._image.find("{*}ObjectiveSettings")
        if settings is None:
            return None
        for objective in self._root.iterfind("{*}Instrument/{*}Objective"):
            if objective.get("ID") == settings.get("ID"):
                return positive(objective.get("NominalMagnification"))
        return None


def _physical_size(pixels: ElementTree.Element, name: str) -> float | None:
    size = positive(pixels.get(name))
    microns = _MICRONS_PER_OME_UNIT.get(pixels.get(f"{name}Unit", "µm"))
    return None if size is None or microns is None else size * microns


def positive(text: str | None) -> float | None:
    """Parse a finite number above 0; anything else says nothing: None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) and value > 0 else None
