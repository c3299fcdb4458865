"""What a file says of the slide, against what the source says."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from pathae_codec.geometry import Level
from pathae_codec.privacy.deidentification import deidentified
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.slide.interface import SlideProperties

Scale = tuple[float, float] | None
SMALLEST_STEP = 1e-6
"""Relative: what writing a resolution as a ratio or as text may round away."""


@dataclass(frozen=True)
class Comparison:
    """One line of metadata.

    Attributes:
        name: What.
        source, file: What each says, in words.
        same: Whether they agree.
    """

    name: str
    source: str
    file: str
    same: bool


def compare_metadata(
    levels: tuple[Level, ...],
    properties: SlideProperties,
    stored: tuple[Level, ...],
    record: SlideRecord,
    icc_profile: bytes | None,
) -> tuple[Comparison, ...]:
    """Compare dimensions, levels, microns per pixel, magnification and ICC profile.

    Args:
        levels: Of the source, with those that a conversion makes.
        properties: Of the source.
        stored: The levels of the file.
        record: Of the file.
        icc_profile: Of the file.
    """
    return (
        *_compare_levels(levels, stored),
        _as_supplied("mpp", _compare_mpp(properties.mpp, record.mpp), properties, record),
        _as_supplied(
            "magnification",
            _compare_magnification(properties.magnification, record.magnification),
            properties,
            record,
        ),
        _compare_profile(properties, icc_profile),
        *_compare_kept(properties, record),
    )


def _compare_levels(levels: tuple[Level, ...], stored: tuple[Level, ...]) -> Iterator[Comparison]:
    count, have = len(levels), len(stored)
    yield Comparison("levels", str(count), str(have), count == have)
    for theirs, ours in zip(levels, stored, strict=False):
        sizes = [f"{level.width} x {level.height}" for level in (theirs, ours)]
        name = f"level {theirs.index}"
        yield Comparison(name, f"{sizes[0]} pixels", f"{sizes[1]} pixels", sizes[0] == sizes[1])


def _as_supplied(
    name: str, found: Comparison, properties: SlideProperties, record: SlideRecord
) -> Comparison:
    """Let pass what the file says a user supplied, where the source indeed does not state it."""
    supplied = name in (record.source.supplied or ())
    if not supplied or getattr(properties, name) is not None:
        return found
    return replace(found, file=f"{found.file}, supplied by the user", same=True)


def _compare_mpp(source: Scale, stored: Scale) -> Comparison:
    same = source is stored is None
    if source is not None and stored is not None:
        same = all(abs(a - b) <= SMALLEST_STEP * a for a, b in zip(source, stored, strict=True))
    words = [f"{p[0]:.6g} x {p[1]:.6g}" if p else "not stated" for p in (source, stored)]
    return Comparison("microns per pixel", words[0], words[1], same)


def _compare_magnification(source: float | None, stored: float | None) -> Comparison:
    words = [f"{m:g}x" if m else "not stated" for m in (source, stored)]
    return Comparison("objective power", words[0], words[1], source == stored)


def _compare_profile(properties: SlideProperties, stored: bytes | None) -> Comparison:
    """Compare with the source's profile, and with what a conversion leaves of it unasked."""
    colours = deidentified(properties).icc_profile
    words = _describe_profile(stored)
    if properties.icc_profile != colours == stored:
        words += "; the same colours, without names" if stored else "; the source's is none to read"
    same = stored in (properties.icc_profile, colours)
    return Comparison("ICC profile", _describe_profile(properties.icc_profile), words, same)


def _compare_kept(properties: SlideProperties, record: SlideRecord) -> Iterator[Comparison]:
    """Compare other metadata if any were kept; they may name people, so that they are counted."""
    known, kept = dict(properties.metadata), record.source.metadata
    if kept is not None:
        words = [f"{len(terms)} terms" for terms in (known, kept)]
        yield Comparison("other metadata", words[0], words[1], kept == known)


def _describe_profile(profile: bytes | None) -> str:
    if profile is None:
        return "none"
    return f"{len(profile)} bytes, SHA-256 {sha256(profile).hexdigest()[:16]}…"
