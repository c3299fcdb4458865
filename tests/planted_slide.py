"""A slide whose every corner names a patient, and what looks for the name in a file's bytes."""

import base64
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from struct import pack
from typing import Any

import numpy as np
import tifffile

from pathae_codec.arrays import Pixels
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.model.artifact_file import save_artifact
from tests.tiny_model import draw_tissue, tiny_model

PLANTED = {
    "patient": "QUIXANO^ALONSA",
    "accession": "S21-987654",
    "user": "dr.pancha.zanka",
    "date": "03/04/1999",
    "time": "05:06:07",
    "scanner": "SS7788-XQ",
    "title": "Left breast of Quixano",
    "barcode": "BC00112233X",
    "datetime": "1999:03:04 05:06:08",
    "artist": "Artist Zanka",
    "host": "HOST-LAB-77",
    "make": "Make Serial 4711",
    "model": "Model Serial 4712",
    "software": "Scanner 9.9 of Zanka",
    "document": "Document of Alonsa",
    "copyright": "Copyright Zanka Hospital",
    "xmp": "xmp-note-of-quixano",
    "icc description": "ScanScope SS1234 of Zanka",
    "icc copyright": "Colour by Sancha",
    "icc private": "private-ICC-note",
    "icc device": "Device 99-XY",
    "icc tail": "behind-the-curve",
}
FILE_NAME = f"{PLANTED['accession']}_{PLANTED['patient'].replace('^', '-')}"
SOURCES = (f"{FILE_NAME}.svs", f"{FILE_NAME}.tif")
CONTAINERS = ("out.tif", "out.ome.zarr")
TAGS = {
    269: "document", 271: "make", 272: "model", 305: "software", 306: "datetime", 315: "artist",
    316: "host", 33432: "copyright",
}  # fmt: skip
LABEL_COLOUR = (250, 3, 248)
"""No tissue and no glass has it."""


def write_sources(folder: Path) -> Path:
    """Write the sources and a tiny model into a folder and return it."""
    (folder / "tiny.safetensors").write_bytes(save_artifact(tiny_model()))
    for name in SOURCES:
        write_planted(folder / name, aperio=name.endswith(".svs"))
    return folder


def convert_planted(folder: Path, source: str, out: Path, **options: object) -> Path:
    """Convert one of the sources by the tiny model, which the file then holds."""
    model = str(folder / "tiny.safetensors")
    merged: dict[str, Any] = {"tile": 64, "embed_model": True, "min_psnr": 0, **options}
    convert_slide(folder / source, out, ConvertSettings(model=model, **merged))
    return out


def write_planted(path: Path, *, aperio: bool) -> None:
    """Write a pyramid with label and macro; Aperio's, or a plain one that tifffile reads.

    Label and macro are as Aperio's GT450 has them: told by NewSubfileType only.
    """
    pixels = draw_tissue(320, 448)
    described = _description(448, 320) if aperio else f"note: {PLANTED['patient']}"
    with tifffile.TiffWriter(path) as tiff:
        _write(tiff, pixels, described, tile=(64, 64), compression="jpeg", iccprofile=planted_icc())
        if aperio:
            _write(tiff, pixels[::4, ::4].copy(), described, rowsperstrip=16)
        small = pixels[::2, ::2].copy()
        reduced = described.replace("448x320 (", "448x320 -> 224x160 (")
        _write(tiff, small, reduced, tile=(64, 64), compression="jpeg", subfiletype=not aperio)
        _write(tiff, label(), None, rowsperstrip=16, compression="lzw", subfiletype=1)
        _write(tiff, label()[:, ::-1].copy(), None, rowsperstrip=16, subfiletype=9)


def label() -> Pixels:
    """Draw a label of noise in one colour and its opposite: uint8 (70, 90, 3)."""
    bars = np.random.default_rng(5).integers(0, 2, (70, 90)).astype(bool)
    return np.where(bars[..., None], LABEL_COLOUR, (4, 251, 9)).astype(np.uint8)


def planted_icc() -> bytes:
    """Return a profile of sRGB's colours, version 2, with names wherever there is room."""
    curve = b"curv" + bytes(4) + pack(">IH", 1, 0x0233) + PLANTED["icc tail"].encode()
    colorants = {b"rXYZ": (28578, 14581, 912), b"gXYZ": (25241, 46981, 6362)}
    colorants |= {b"bXYZ": (9376, 3972, 46799), b"wtpt": (63190, 65536, 54061)}
    elements = {name: b"XYZ " + bytes(4) + pack(">3i", *xyz) for name, xyz in colorants.items()}
    elements |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    text = PLANTED["icc description"].encode() + b"\0"
    elements[b"desc"] = b"desc" + bytes(4) + pack(">I", len(text)) + text + bytes(78)
    elements[b"cprt"] = b"text" + bytes(4) + PLANTED["icc copyright"].encode() + b"\0"
    device = PLANTED["icc device"].encode("utf-16-be")
    elements[b"dmdd"] = (
        b"mluc" + bytes(4) + pack(">II4sII", 1, 12, b"enUS", len(device), 28) + device
    )
    elements[b"ssid"] = b"text" + bytes(4) + PLANTED["icc private"].encode() + b"\0"
    table, body, start = pack(">I", len(elements)), b"", 132 + 12 * len(elements)
    for name, element in elements.items():
        table += pack(">4sII", name, start + len(body), len(element))
        body += element + bytes(-len(element) % 4)
    header = pack(">I4sI", start + len(body), b"APPL", 0x02100000) + b"scnrRGB XYZ "
    header += pack(">6H", 1999, 3, 4, 5, 6, 7) + b"acspMSFT" + bytes(4) + b"ZANKSS77" + bytes(12)
    header += pack(">3i", 63190, 65536, 54061) + b"ZNKA" + bytes(range(1, 17)) + bytes(28)
    return header + table + body


def occurrences(path: Path, strings: list[str]) -> set[str]:
    """Return the strings that occur anywhere in a container, stored or decompressed."""
    blobs = [blob.lower() for blob in all_bytes(path)]
    found = set()
    for string in strings:
        forms = {
            string.lower().encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")
        }
        if any(form in blob for form in forms for blob in blobs):
            found.add(string)
    return found


def all_bytes(path: Path) -> Iterator[bytes]:
    """Return the names and bytes of a container's files, and all that unpacks in them."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in files:
        data = file.read_bytes()
        yield from unpacked(data)
        yield from (p.encode() for p in file.relative_to(path).parts)
    for image in decoded_images(path):
        yield image.tobytes()
    if path.is_file():
        with tifffile.TiffFile(path) as tiff:
            for page in tiff.pages:
                yield from (v for t in page.aspage().tags if isinstance(v := t.value, bytes))


def unpacked(data: bytes, depth: int = 3) -> Iterator[bytes]:
    """Return bytes, what zlib makes of them wherever it can begin, and base64 and JSON in them."""
    yield data
    if not depth:
        return
    for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        try:
            inner = zlib.decompressobj().decompress(data[found.start() :])
        except zlib.error:
            continue
        if len(inner) > 8:
            yield from unpacked(inner, depth - 1)
    for text in re.findall(rb"[A-Za-z0-9+/]{64,}={0,2}", data):
        yield from unpacked(base64.b64decode(text[: len(text) // 4 * 4]), depth - 1)
    if data[:1] == b"{":
        yield json.dumps(json.loads(data.rstrip(b"\0")), ensure_ascii=False).encode()


def decoded_images(path: Path) -> Iterator[Pixels]:
    """Return the pixels of every image of a container that is no level."""
    if path.is_file():
        with tifffile.TiffFile(path) as tiff:
            for page in tiff.pages:
                if not page.aspage().is_tiled:
                    yield page.asarray()
        return
    from pathae_codec.container import open_container

    reader = open_container(path)
    for name in reader.associated:
        yield reader.associated_image(name)


def shows_label(image: Pixels) -> bool:
    """Say whether some pixels of an image are of the label's colour, coding losses aside."""
    near = np.abs(image.astype(int) - LABEL_COLOUR).max(axis=-1) < 60
    return bool(near.any())


def _description(width: int, height: int) -> str:
    said = {"AppMag": 20, "Filename": FILE_NAME, "Date": PLANTED["date"], "Time": PLANTED["time"],
            "User": PLANTED["user"], "MPP": 0.5, "ScanScope ID": PLANTED["scanner"],
            "Title": PLANTED["title"], "Patient": PLANTED["patient"],
            "Slide ID": PLANTED["barcode"]}  # fmt: skip
    head = f"Aperio Image Library v11.2.1\r\n{width}x{height} (64x64) JPEG/RGB Q=80"
    return "|".join([head, *(f"{name} = {value}" for name, value in said.items())])


def _write(tiff: Any, pixels: Pixels, description: str | None, **options: Any) -> None:  # noqa: ANN401
    extratags = [(tag, 2, 0, PLANTED[name], True) for tag, name in TAGS.items()]
    xmp = f"<x:xmpmeta>{PLANTED['xmp']}</x:xmpmeta>".encode()
    extratags.append((700, 1, len(xmp), xmp, True))
    if description is not None:
        extratags.append((270, 2, 0, description, True))
    merged = {"photometric": "rgb", "metadata": None, "software": False, **options}
    tiff.write(pixels, extratags=extratags, **merged)
