"""Layouts of scanners, as OpenSlide recognizes them: Aperio, Leica, Hamamatsu, Philips, Ventana."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image

from tests.layouts.material import GLASS, MAGNIFICATION, MPP, Built, padded, picture, resized

_BARE: dict[str, Any] = {"photometric": "rgb", "metadata": None}
_JPEG: dict[str, Any] = {"compression": "jpeg", "compressionargs": {"level": 88}, **_BARE}
_SIZES = ((900, 700), (225, 175), (112, 87))
_NDPI = {"format": 65420, "lens": 65421, "x": 65422, "y": 65423, "z": 65424, "reference": 65427}
_QUALITIES = {"jpeg": "JPEG/RGB Q=88", 33005: "J2K/KDU Q=70"}
_SCN = """<?xml version="1.0" encoding="UTF-8"?>
<scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01" uuid="u">
<collection name="c" uuid="v" sizeX="500000" sizeY="400000"><image name="i" uuid="w">
<creationDate>2020-01-01T00:00:00Z</creationDate><device model="Leica SCN400" version="1"/>
<pixels sizeX="900" sizeY="700"><dimension sizeX="900" sizeY="700" r="0" ifd="0"/>
<dimension sizeX="225" sizeY="175" r="1" ifd="1"/></pixels>
<view sizeX="225000" sizeY="175000" offsetX="100000" offsetY="120000" spacingZ="0"/>
<scanSettings><objectiveSettings><objective>40</objective></objectiveSettings>
<illuminationSettings><numericalAperture>0.65</numericalAperture>
<illuminationSource>brightfield</illuminationSource></illuminationSettings></scanSettings></image>
</collection></scn>"""
_ISCAN = (
    '<?xml version="1.0"?><Metadata><iScan Magnification="40" ScanRes="0.25" '
    'UnitNumber="1" BuildVersion="3.3.1.1" ScanWhitePoint="244"/></Metadata>'
)


def _aperio(path: Path, sizes: tuple[tuple[int, int], ...], tile: int, **coding: Any) -> Built:  # noqa: ANN401
    with tifffile.TiffWriter(path) as tiff:
        for number, (width, height) in enumerate(sizes):
            scaled = f" -> {width}x{height}" if number else ""
            text = (
                f"Aperio Image Library v12.0.15\r\n{sizes[0][0]}x{sizes[0][1]} [0,0 "
                f"{sizes[0][0]}x{sizes[0][1]}] ({tile}x{tile}){scaled} "
                f"{_QUALITIES[coding['compression']]}|AppMag = {MAGNIFICATION}|MPP = {MPP}"
            )
            level = resized(picture(), width, height)
            tiff.write(level, tile=(tile, tile), description=text, software=False, **_BARE | coding)
            if number == 0:
                thumbnail = resized(picture(), 300, 233)
                tiff.write(thumbnail, description=text, rowsperstrip=16, software=False, **_JPEG)
    return Built(path)


def aperio_jpeg(folder: Path) -> Built:
    """Write tiles of 240 in JPEG, 4x levels and a thumbnail in strips."""
    return _aperio(folder / "aperio.svs", _SIZES, 240, **_JPEG)


def aperio_jp2k(folder: Path) -> Built:
    """Write tiles of 256 in Aperio's JPEG 2000 (compression 33005)."""
    lossy = {"compressionargs": {"level": 70}}
    return _aperio(folder / "jp2k.svs", _SIZES[:2], 256, compression=33005, **lossy)


def leica_scn(folder: Path) -> Built:
    """Write a scanned area on a canvas that is larger; it is cropped to its bounds."""
    path = folder / "leica.scn"
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        options = {"tile": (512, 512), "software": False, **_JPEG}
        options |= {"resolution": (1e4 / MPP,) * 2, "resolutionunit": "CENTIMETER"}
        tiff.write(picture(), description=_SCN, **options)
        tiff.write(resized(picture(), 225, 175), subfiletype=1, **options)
    return Built(path, ("--crop", "bounds"))


def hamamatsu_ndpi(folder: Path) -> Built:
    """Write each level as one strip, one JPEG, and a macro of lens -1."""
    path = folder / "hamamatsu.ndpi"
    images = [(picture()[:, :896], 40.0), (resized(picture()[:, :896], 224, 175), 10.0)]
    images.append((resized(picture(), 320, 160), -1.0))
    with tifffile.TiffWriter(path) as tiff:
        for pixels, lens in images:
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "JPEG", quality=88, subsampling=2)
            tags: list[Any] = [(_NDPI["format"], 4, 1, 1, True), (_NDPI["lens"], 11, 1, lens, True)]
            tags += [(_NDPI[name], 9, 1, 0, True) for name in ("x", "y", "z")]
            tags += [(271, 2, None, "Hamamatsu", True), (272, 2, None, "C12000", True)]
            tiff.write(
                iter([file.getvalue()]),
                shape=pixels.shape,
                dtype="uint8",
                rowsperstrip=pixels.shape[0],
                compression="jpeg",
                photometric="ycbcr",
                subsampling=(2, 2),
                resolution=(1e4 / MPP * lens / 40, 1e4 / MPP * lens / 40) if lens > 0 else None,
                resolutionunit="CENTIMETER",
                software="NDP.scan",
                extratags=tags,
                metadata=None,
            )
    return Built(path)


def philips_tiff(folder: Path) -> Built:
    """Write levels of whole tiles of 512, filled up with glass; spacings are in the XML."""
    path, tile = folder / "philips.tiff", 512
    sizes = ((900, 700), (450, 350), (225, 175))
    spacings = "".join(
        f'<DataObject ObjectType="PixelDataRepresentation"><Attribute Name="DICOM_PIXEL_SPACING">'
        f"&quot;{MPP * 2**n / 1000:.9f}&quot; &quot;{MPP * 2**n / 1000:.9f}&quot;</Attribute>"
        f'<Attribute Name="PIIM_PIXEL_DATA_REPRESENTATION_NUMBER">{n}</Attribute></DataObject>'
        for n in range(3)
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8" ?><DataObject ObjectType="DPUfsImport">'
        '<Attribute Name="DICOM_MANUFACTURER">PHILIPS</Attribute>'
        '<Attribute Name="PIM_DP_SCANNED_IMAGES"><Array><DataObject ObjectType="DPScannedImage">'
        '<Attribute Name="PIM_DP_IMAGE_TYPE">WSI</Attribute>'
        f'<Attribute Name="DICOM_PIXEL_SPACING">&quot;{MPP / 1000}&quot; '
        f"&quot;{MPP / 1000}&quot;</Attribute>"
        '<Attribute Name="PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE"><Array>'
        f"{spacings}</Array></Attribute></DataObject></Array></Attribute></DataObject>"
    )
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        for number, size in enumerate(sizes):
            level = padded(resized(picture(), *size), tile, GLASS)
            reduced = {"subfiletype": 1} if number else {"description": xml}
            tiff.write(level, tile=(tile, tile), software="Philips DP v1.0", **_JPEG | reduced)
    return Built(path)


def ventana_bif(folder: Path) -> Built:
    """Write a label, then levels by their descriptions, with the joints of tiles in XMP."""
    path, tile = folder / "ventana.bif", 256
    columns, rows = 3, 2
    area = picture()[: rows * tile, : columns * tile]
    joints = "".join(
        f'<TileJointInfo FlagJoined="1" Confidence="98" Direction="{direction}" Tile1="{one}" '
        f'Tile2="{two}" OverlapX="0" OverlapY="0"/>'
        # From the lower left corner to the right, then back above: as the stage went.
        for direction, one, two in (
            ("RIGHT", 1, 2),
            ("RIGHT", 2, 3),
            ("UP", 3, 4),
            ("RIGHT", 6, 5),
            ("RIGHT", 5, 4),
            ("UP", 2, 5),
            ("UP", 1, 6),
        )
    )
    stitch = (
        '<?xml version="1.0"?><EncodeInfo Ver="2"><SlideInfo/><SlideStitchInfo>'
        f'<ImageInfo AOIScanned="1" AOIIndex="0" NumRows="{rows}" NumCols="{columns}" '
        f'Width="{tile}" Height="{tile}" Pos-X="0" Pos-Y="0">{joints}</ImageInfo>'
        '</SlideStitchInfo><AoiOrigin><AOI0 OriginX="0" OriginY="0"/></AoiOrigin></EncodeInfo>'
    )
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        label = np.full((200, 150, 3), 250, np.uint8)
        xmp = _ISCAN.encode()
        tiff.write(
            label, description="Label_Image", extratags=[(700, 1, len(xmp), xmp, True)], **_BARE
        )
        for number in range(2):
            level = area if number == 0 else resized(area, columns * tile // 2, rows * tile // 2)
            xmp = stitch.encode()
            tags = [(700, 1, len(xmp), xmp, True)] if number == 0 else []
            tiff.write(
                padded(level, tile, GLASS) if number else level,
                tile=(tile, tile),
                description=f"level={number} mag={MAGNIFICATION >> number} quality=95",
                extratags=tags,
                **_JPEG,
            )
    return Built(path)


def trestle(folder: Path) -> Built:
    """Write what MedScan wrote: levels without a mark, sizes of background in the description."""
    path = folder / "trestle.tif"
    text = "Background Color=E6E6E6;White Balance=CCD3D9;Objective Power=20;JPEG Quality=90;"
    text += "OverlapsXY= 0 0 0 0 0 0"
    with tifffile.TiffWriter(path) as tiff:
        for size in ((900, 700), (450, 350), (225, 175)):
            tiff.write(
                resized(picture(), *size),
                tile=(256, 256),
                description=text,
                software="MedScan 4.0",
                resolution=(MPP * 900 / size[0],) * 2,
                **_JPEG,
            )
    return Built(path)
