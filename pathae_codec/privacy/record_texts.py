"""The free texts of a slide record: all that is none of the format's words, numbers or digests."""

import re
from collections.abc import Iterator

from pathae_codec.privacy.model_texts import known_texts, unknown_texts
from pathae_codec.record.json_object import JsonObject
from pathae_codec.record.lossy_history import DICOM_METHODS, LossyStep, is_term
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.record.tally import MODES
from pathae_codec.slide.tiff_coding import COMPRESSION_NAMES
from pathae_codec.version import ADDRESS

_SOFTWARE = re.compile(r"pathae [\w.+-]{1,40}|Aperio [A-Za-z]+( Biosystems)? \w+( DX)? v[\d.]+")
_IDENTITY = re.compile("sha256:[0-9a-f]{64}")
_USES = {"research only; not for primary diagnosis", "as the card of the model says"}
_FORMATS = {
    "aperio", "dicom", "generic-tiff", "hamamatsu", "leica", "mirax", "ome-tiff", "pathae",
    "philips", "sakura", "synthetic", "tiff", "trestle", "ventana", "zeiss",
}  # fmt: skip
_METHODS = {*COMPRESSION_NAMES.values(), *DICOM_METHODS, "unknown", "other"}
_NUMBERS = {"min_psnr", "max_error", "realism", "effort", "requantized_from"}
_BASES = {"quantization tables", "the nearest quantization tables", "description"}
"""Where the quality of a JPEG is known from."""


def record_strays(record: SlideRecord) -> Iterator[tuple[str, str]]:
    """Return every text of a record that its reader does not know word for word.

    Returns:
        Of each its place, and the text.
    """
    steps = {f"lossy_history {n} ": step for n, step in enumerate(record.lossy_history, 1)}
    parts: dict[str, JsonObject] = {
        "": record, "source.": record.source, "model.": record.model, **steps,
    }  # fmt: skip
    yield from _further(parts | _tally_parts(record))
    for name, text in (record.source.metadata or {}).items():
        yield f"slide record source.metadata {name}", text
    known = known_texts(record.model.decoder)
    for key in ("name", "license", "sources"):
        yield from unknown_texts(f"model {key} in the record", getattr(record.model, key), known)
    yield from _stated(record)
    for place, step in steps.items():
        for key, text in _step_texts(step, record):
            yield f"slide record {place}{key}", text


def _tally_parts(record: SlideRecord) -> dict[str, JsonObject]:
    tally = record.tiles
    if tally is None:
        return {}
    parts: dict[str, JsonObject | None] = {
        "tiles.": tally,
        "tiles.worst_psnr.": tally.worst_psnr,
        "tiles.worst_error.": tally.worst_error,
    }
    parts |= {f"tiles.blanked[{n}].": place for n, place in enumerate(tally.blanked)}
    return {place: part for place, part in parts.items() if part is not None}


def _further(parts: dict[str, JsonObject]) -> Iterator[tuple[str, str]]:
    for place, part in parts.items():
        for key, value in sorted(part.further.items()):
            yield f"slide record {place}{key}", str(value)


def _stated(record: SlideRecord) -> Iterator[tuple[str, str]]:
    if not _SOFTWARE.fullmatch(record.software):
        yield "slide record software", record.software
    if record.address is not None and record.address != ADDRESS:
        yield "slide record address", record.address
    for half in ("decoder", "encoder"):
        stated = getattr(record.model, half)
        if not _IDENTITY.fullmatch(stated):
            yield f"slide record model.{half}", stated
    source = record.source
    if source.format not in _FORMATS:
        yield "slide record source.format", source.format
    if source.compression is not None and source.compression not in _METHODS:
        yield "slide record source.compression", source.compression
    if record.intended_use not in _USES:
        yield "slide record intended_use", record.intended_use
    for mode, number in (record.tiles.modes if record.tiles else {}).items():
        if mode not in MODES:
            yield f"slide record tiles.modes {mode}", str(number)


def _step_texts(step: LossyStep, record: SlideRecord) -> Iterator[tuple[str, str]]:
    if step.method not in _METHODS and not is_term(step.method):
        yield "method", step.method
    term = step.dicom_method
    if term is not None and not is_term(term) and term not in DICOM_METHODS.values():
        yield "dicom_method", term
    if isinstance(step.quality, str):
        yield "quality", step.quality
    if step.software is not None and not _SOFTWARE.fullmatch(step.software):
        yield "software", step.software
    known = known_texts(record.model.decoder) | {record.model.name}
    for key, value in (step.parameters or {}).items():
        text = isinstance(value, str)
        sound = (
            (key in _NUMBERS and not text)
            or (key == "quality_from" and value in _BASES)
            or (key == "model" and value in known)
            or (key == "decoder" and text and _IDENTITY.fullmatch(str(value)) is not None)
        )
        if not sound:
            yield f"parameters {key}", str(value)
