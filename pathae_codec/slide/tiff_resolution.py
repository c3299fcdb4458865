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
_ANGSTROM = "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}"
_MICRONS_PER_OME_UNIT = {
    "ym": 1e-18, "zm": 1e-15, "am": 1e-12, "fm": 1e-9, "pm": 1e-6, "nm": 1e-3, "µm": 1.0, "mm": 1e3,
    "cm": 1e4, "dm": 1e5, "m": 1e6, "dam": 1e7, "hm": 1e8, "km": 1e9, "Mm": 1e12, "Gm": 1e15,
    "Tm": 1e18, "Pm": 1e21, "Em": 1e24, "Zm": 1e27, "Ym": 1e30, _ANGSTROM: 1e-4, "thou": 25.4,
    "li": 25_400.0 / 12, "in": 25_400.0, "ft": 304_800.0, "yd": 914_400.0, "mi": 1_609_344_000.0,
    "pt": 25_400.0 / 72, "ua": 1.495978707e17, "ly": 9.4607304725808e21, "pc": 3.0856775814914e22,
}  # fmt: skip
"""OME-XML 2016-06, `UnitsLength`; `pixel` and `reference frame` are no lengths."""
_OTHER_SPELLINGS = {
    "\N{GREEK SMALL LETTER MU}m": "µm",
    "um": "µm",
    "micron": "µm",
    "microns": "µm",
    "micrometer": "µm",
    "micrometre": "µm",
    "\N{ANGSTROM SIGN}": _ANGSTROM,
    "angstrom": _ANGSTROM,
    "Angstrom": _ANGSTROM,
}
_RATIONALS = (5, 10)


def tag_mpp(page: "TiffPage") -> tuple[float, float] | None:
    """Return microns per pixel (x, y) from XResolution, YResolution and ResolutionUnit.

    A missing unit is TIFF's default, the inch. None where they are missing, have no unit of length,
    or are none that a slide can have.
    """
    unit = _stated(page, 296)
    microns = _MICRONS_PER_UNIT.get(_INCH if unit is None else int(unit))
    x, y = (_stated(page, code) for code in (282, 283))
    return None if not (microns and x and y) else plausible_mpp(microns / x, microns / y)


def plausible_mpp(x: float, y: float) -> tuple[float, float] | None:
    """Return microns per pixel; None for what no slide can have."""
    return (x, y) if all(SMALLEST_MPP <= side <= LARGEST_MPP for side in (x, y)) else None


def _stated(page: "TiffPage", code: int) -> float | None:
    """Return the first number of a tag, whatever type it is stored as.

    None where there is no such tag, 0 where it holds no number above zero.
    """
    tag = page.tags.get(code)
    if tag is None:
        return None
    values = tag.value if isinstance(tag.value, tuple) else (tag.value,)
    try:
        if int(tag.dtype) in _RATIONALS:
            numerator, denominator, *_ = values
            return positive(numerator / denominator) or 0.0
        return positive(values[0]) or 0.0
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return 0.0


class OmeImage:
    """One `Image` of an OME-XML document.

    Args:
        xml: The document. One that does not parse says nothing.
        index: Of the image; None for one that it does not describe.
    """

    def __init__(self, xml: str, index: int | None) -> None:
        try:
            self._root = ElementTree.fromstring(xml)
        except ElementTree.ParseError:
            self._root = ElementTree.Element("OME")
        images = self._root.findall("{*}Image")
        known = index is not None and index < len(images)
        self._image = images[index or 0] if known else ElementTree.Element("Image")

    def mpp(self) -> tuple[float, float] | None:
        """Return microns per pixel (x, y) of PhysicalSizeX and PhysicalSizeY; None without both."""
        pixels = self._image.find("{*}Pixels")
        if pixels is None:
            return None
        x, y = (_physical_size(pixels, name) for name in ("PhysicalSizeX", "PhysicalSizeY"))
        return None if x is None or y is None else plausible_mpp(x, y)

    def export_description(self) -> str:
        """Return the image's description where PathAE wrote the document; else nothing."""
        text = self._image.findtext("{*}Description") or ""
        return text if self._root.get("Creator") == "PathAE" else ""

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
    unit = pixels.get(f"{name}Unit", "µm").strip()
    microns = _MICRONS_PER_OME_UNIT.get(_OTHER_SPELLINGS.get(unit, unit))
    return None if size is None or microns is None else size * microns


def positive(text: object) -> float | None:
    """Parse a finite number above 0; anything else says nothing: None."""
    try:
        value = float(text or "")  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return value if isfinite(value) and value > 0 else None
