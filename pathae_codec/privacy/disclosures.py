"""What a file still says of where it comes from: people, places, times, devices, numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathae_codec.container import open_container
from pathae_codec.container.interface import ContainerReader
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.privacy.icc_profile import profile_disclosures
from pathae_codec.privacy.model_texts import model_strays
from pathae_codec.privacy.record_texts import record_strays
from pathae_codec.privacy.tiff_gaps import tiff_gaps
from pathae_codec.privacy.tiff_strays import tiff_strays
from pathae_codec.privacy.tile_texts import tile_strays
from pathae_codec.privacy.zarr_strays import zarr_strays
from pathae_codec.slide import open_slide

_IDENTIFIERS = (
    re.compile(r"\d{5,}"),
    re.compile(r"(?<!\d)(19|20)?\d\d[-_.]?[01]\d[-_.]?[0-3]\d(?!\d)"),
    re.compile(r"[A-Za-z]{1,4}[-_ ]?\d{2}[-_ ]\d{3,}"),
    re.compile(r"[A-Z]{2,}-[A-Z0-9]{2}-[A-Z0-9]{4}"),
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE),
)
"""Long numbers, dates, accession numbers (S12-3456), barcodes of TCGA, UUIDs."""


@dataclass(frozen=True)
class Disclosure:
    """Something that may tell where a slide comes from.

    Attributes:
        where: Its place in the file.
        what: Its text, or what it is.
    """

    where: str
    what: str


def file_disclosures(path: Path) -> tuple[Disclosure, ...]:
    """Return all that a PathAE file says of where it comes from, and where it says so.

    Looked at are the file's name, associated images, every text of the slide record and of the
    codec parameters, the ICC profile, every tag, attribute and file that is none of the format's,
    and every byte that no reader accounts for. The pixels are not looked at. Name, licence and
    sources of a model that this machine has are known.

    Args:
        path: A PathAE TIFF or OME-Zarr.

    Raises:
        SlideNotFoundError: There is nothing at `path`.
        NotPathAEError: It is something else.
        FormatError: It is damaged.
    """
    container = open_container(path)
    found = [
        *_name(path),
        *container_strays(container, load_artifact(container.parameters)),
        *record_strays(container.record.sound()),
        *_profile(container.icc_profile),
    ]
    return tuple(Disclosure(*entry) for entry in dict.fromkeys(found))


def source_disclosures(path: Path) -> tuple[Disclosure, ...]:
    """Return all that a source says of where it comes from; by default no conversion keeps it.

    Raises:
        SlideError: It is no slide.
    """
    with open_slide(path) as slide:
        stated = slide.properties
        images = {name: image.shape for name, image in slide.associated_images().items()}
    found = [
        *(
            (f"image {name}", f"{shape[1]} x {shape[0]} pixels; it can show names and numbers")
            for name, shape in images.items()
        ),
        *((name, text) for name, text in stated.metadata.items()),
        *_profile(stated.icc_profile),
    ]
    return tuple(Disclosure(*entry) for entry in found)


def _name(path: Path) -> Iterator[tuple[str, str]]:
    stem = path.name.partition(".")[0]
    if any(pattern.search(stem) for pattern in _IDENTIFIERS):
        yield "name of the file", f"{path.name}: looks like an identifier or a date"


def container_strays(container: ContainerReader, model: ModelArtifact) -> Iterator[tuple[str, str]]:
    """Return what a container holds beside what its binding says, down to single bytes.

    Returns:
        Of each its place, and its text or what it is.

    Raises:
        FormatError: It is damaged.
    """
    if container.kind == "tiff":
        yield from tiff_strays(container.storage)
        yield from tiff_gaps(container.storage)
    else:
        yield from zarr_strays(container, model)
    yield from tile_strays(container, model)
    yield from model_strays(container.parameters, model)


def _profile(profile: bytes | None) -> Iterator[tuple[str, str]]:
    for where, what in profile_disclosures(profile) if profile else ():
        yield f"ICC profile {where}", what
