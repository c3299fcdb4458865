"""What vendors' metadata say of lossy steps: Aperio's descriptions, DICOM's attributes.

Nothing of it is taken as text: methods and software are told by closed patterns, so that no name
or number of a patient comes along.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from pathae_codec.record.lossy_history import PATHAE, LossyStep, method_of_term
from pathae_codec.record.stated_history import MAX_DERIVATION, parse_history

_EXPORTS = re.compile(r";(?=Aperio )")
_SOFTWARE = re.compile(
    r"Aperio (?:Image Library|Leica Biosystems GT450(?: DX)?) v\d+(?:\.\d+){0,3}(?!\S)"
)
_CODING = re.compile(r"\b(JPEG|J2K)(?=/|\s|$)(?:/\S*)?(?:\s+Q=(\d{1,3})\b)?")
_APERIO_NAMES = {"JPEG": "JPEG", "J2K": "JPEG 2000"}
_EXPORTED = re.compile(
    r"(?:Aperio Image Library PathAE\n[^|;]*(?:\|[^|;=]+ = [^|;]*)*?\||Exported from PathAE\|)"
    r"Lossy history = ([^|]*)"
    r"|Lossy history: (.*)"
    r"|Exported from PathAE\. Lossy steps: (.*)"
)
"""Descriptions of our exports to TIFF, OME-TIFF and DICOM."""
_LOSSY_SYNTAXES = {
    "1.2.840.10008.1.2.4.50": "JPEG",
    "1.2.840.10008.1.2.4.51": "JPEG",
    "1.2.840.10008.1.2.4.81": "JPEG-LS",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.203": "HTJ2K",
}


def aperio_history(description: str, coding: LossyStep | None) -> tuple[LossyStep, ...]:
    """Return the steps of an Aperio file, the oldest first.

    Each program that saved it has put its line before those of the earlier ones.

    Args:
        description: ImageDescription of level 0.
        coding: What the file itself shows of the last step; None where it lost nothing.
    """
    latest, *earlier = _EXPORTS.split(description)
    if exported := exported_history(latest):
        return with_coding(exported, coding)
    steps = [step for part in reversed(earlier) for step in _aperio_steps(part)]
    if coding is not None:
        stated = _aperio_step(latest)
        software = stated.software if stated else None
        if coding.quality is None and stated is not None:
            coding = replace(coding, quality=stated.quality, parameters=stated.parameters)
        steps.append(replace(coding, software=software))
    return tuple(steps)


def dicom_history(stated: Mapping[str, str]) -> tuple[LossyStep, ...]:
    """Return the steps that a DICOM slide states, or the one that its transfer syntax shows.

    Args:
        stated: OpenSlide's properties: `dicom.LossyImageCompressionMethod`, with `[0]`, `[1]`, ...
            where there are several, and likewise the others.
    """
    methods = _values(stated, "dicom.LossyImageCompressionMethod")
    ratios = _values(stated, "dicom.LossyImageCompressionRatio")
    steps = [
        LossyStep(method_of_term(term), _ratio(ratio)) for term, ratio in _paired(methods, ratios)
    ]
    exported = exported_history(stated.get("dicom.DerivationDescription", ""))
    if exported:
        return with_coding(exported, steps[-1] if steps else None)
    shown = _LOSSY_SYNTAXES.get(stated.get("dicom.TransferSyntaxUID", ""))
    if not steps and shown is not None and stated.get("dicom.LossyImageCompression") != "00":
        steps = [LossyStep(shown, _ratio(ratios[-1] if ratios else None))]
    return tuple(steps)


def exported_history(description: str) -> tuple[LossyStep, ...]:
    """Return the steps that an export of PathAE states, its own too; none for other files.

    Args:
        description: Of TIFF's ImageDescription, OME-XML's Image or DICOM's derivation.
    """
    found = _EXPORTED.match(description)
    if found is None:
        return ()
    text = next(filter(None, found.groups()), "").rstrip("\0 ")
    of_dicom = found.lastindex == 3
    return parse_history(text, whole=not of_dicom or len(description) < MAX_DERIVATION)


def with_coding(steps: tuple[LossyStep, ...], coding: LossyStep | None) -> tuple[LossyStep, ...]:
    """Return the steps that a file states and what its pixels show of the last one.

    Args:
        steps: As stated, the oldest first.
        coding: What the file itself shows; None where it lost nothing.
    """
    if coding is None:
        return steps
    if not steps or steps[-1].method != coding.method:
        return (*steps, coding)
    last = steps[-1]
    if None not in (last.quality, coding.quality) and last.quality != coding.quality:
        return (*steps, coding)
    quality = last.quality if coding.quality is None else coding.quality
    return (*steps[:-1], replace(coding, quality=quality, software=last.software))


def for_research(history: tuple[LossyStep, ...]) -> bool:
    """Say whether a file is for research only: one of PathAE's that no longer says otherwise."""
    return any(step.method == PATHAE for step in history)


def _aperio_steps(line: str) -> tuple[LossyStep, ...]:
    step = _aperio_step(line)
    return exported_history(line) or ((step,) if step else ())


def _aperio_step(line: str) -> LossyStep | None:
    coding, software = _CODING.search(line), _SOFTWARE.match(line)
    if coding is None:
        return None
    quality = int(coding[2]) if coding[2] else None
    return LossyStep(
        _APERIO_NAMES[coding[1]],
        quality=quality,
        software=software[0] if software else None,
        parameters={"quality_from": "description"} if quality is not None else None,
    )


def _values(stated: Mapping[str, str], name: str) -> list[str]:
    if name in stated:
        return [stated[name]]
    values: list[str] = []
    while (value := stated.get(f"{name}[{len(values)}]")) is not None:
        values.append(value)
    return values


def _paired(methods: list[str], ratios: list[str]) -> list[tuple[str, str | None]]:
    """Return each method with its ratio; with None if there is not one ratio for each method."""
    if len(methods) != len(ratios):
        return [(method, None) for method in methods]
    return list(zip(methods, ratios, strict=True))


def _ratio(text: str | None) -> float | None:
    try:
        ratio = float(text or "")
    except ValueError:
        return None
    return ratio if 0 < ratio < float("inf") else None
