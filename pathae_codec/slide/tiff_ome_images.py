"""Which `Image` of an OME-XML document the pixels of a TIFF belong to."""

from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPageSeries


def image_of_series(tiff: "TiffFile", series: "TiffPageSeries") -> int | None:
    """Return the place of the `Image` whose pixels a series has; None where none fits.

    Images without pixels in a file that is there are no series: the places of the two differ. So
    an image is found by what it refers to: the file, the directory in it, width and height.

    Args:
        tiff: The file that was opened; the series may lie in another one that it refers to.
        series: Of the file.
    """
    try:
        root = ElementTree.fromstring(tiff.ome_metadata or "")
    except ElementTree.ParseError:
        return None
    # A file that was renamed refers to itself by a name that is gone; tifffile gives no OME series.
    renamed = series.kind != "ome"
    fitting = [
        (number, image)
        for number, image in enumerate(root.findall("{*}Image"))
        if any(_fits(pixels, tiff, series, root, renamed) for pixels in image.findall("{*}Pixels"))
    ]
    named = [number for number, image in fitting if (image.get("Name") or "") == series.name]
    return next(iter(named or (number for number, _ in fitting)), None)


def _fits(
    pixels: ElementTree.Element,
    tiff: "TiffFile",
    series: "TiffPageSeries",
    root: ElementTree.Element,
    renamed: bool,
) -> bool:
    page = series.keyframe
    sides = (str(page.imagewidth), str(page.imagelength))
    if (pixels.get("SizeX", "").strip(), pixels.get("SizeY", "").strip()) != sides:
        return False
    return any(
        (renamed or _is_of(data.find("{*}UUID"), tiff, series, root)) and _holds(data, page.index)
        for data in pixels.findall("{*}TiffData")
    )


def _is_of(
    uuid: ElementTree.Element | None,
    tiff: "TiffFile",
    series: "TiffPageSeries",
    root: ElementTree.Element,
) -> bool:
    """Say whether planes lie in the file that the series lies in."""
    holder = series.keyframe.parent
    if uuid is None or (uuid.text is not None and uuid.text == root.get("UUID")):
        return holder is tiff
    return uuid.get("FileName", "").lower() == holder.filename.lower()


def _holds(data: ElementTree.Element, index: int | tuple[int, ...]) -> bool:
    """Say whether planes hold a directory; without a number of them, all do that follow."""
    directory = index if isinstance(index, int) else index[0]
    try:
        first = int(data.get("IFD", 0))
        stated = data.get("PlaneCount") or data.get("NumPlanes")
        count = int(stated) if stated else (1 if "IFD" in data.attrib else 0)
    except ValueError:
        return False
    return first <= directory and (count == 0 or directory < first + count)
