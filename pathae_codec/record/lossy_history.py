"""What was lost on the way: each lossy step since the scanner, the oldest first.

Spec: v1, section 6.1. The terms are DICOM's (PS3.3, C.7.6.1.1.5): Lossy Image Compression Method
(0028,2114) and Ratio (0028,2112) have one value a step.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from pathae_codec.record.json_object import JsonObject, Limits

PATHAE = "PathAE"
DICOM_METHODS = {
    "JPEG": "ISO_10918_1",
    "JPEG-LS": "ISO_14495_1",
    "JPEG 2000": "ISO_15444_1",
    "HTJ2K": "ISO_15444_15",
    PATHAE: "PATHAE_1",
}
"""DICOM's terms for (0028,2114), and a private one of ours. WebP, JPEG XR and JPEG XL have none."""
_TERM = re.compile(r"ISO_\d{4,5}_\d{1,2}")
Term = Annotated[str, Limits(pattern="^[A-Z0-9_ ]{1,16}$")]
"""A code string of DICOM (PS3.5, 6.2, CS)."""


def is_term(method: str) -> bool:
    """Say whether a method is named by a term of DICOM."""
    return _TERM.fullmatch(method) is not None


def dicom_method(method: str) -> str | None:
    """Return DICOM's term for a method, which may be such a term itself; None where it has none."""
    return method if _TERM.fullmatch(method) else DICOM_METHODS.get(method)


def method_of_term(term: str) -> str:
    """Return the method that a term of DICOM stands for: its short name, or the term."""
    names = {known: name for name, known in DICOM_METHODS.items()}
    return names.get(term) or (term if _TERM.fullmatch(term) else "unknown")


@dataclass(frozen=True)
class LossyStep(JsonObject):
    """One step that lost something; None where nobody said.

    Attributes:
        method: Short name: `JPEG`, `JPEG 2000`, `PathAE`, ...
        dicom_method: DICOM's term for it; `appended` finds it.
        ratio: Bytes before by bytes after, above 0; 20.0 means 20:1.
        quality: On the method's own scale.
        software: Name and version.
        parameters: What else defines the step.
    """

    method: str
    dicom_method: Term | None = field(default=None, kw_only=True)
    ratio: Annotated[float, Limits(exclusiveMinimum=0)] | None = None
    quality: float | str | None = None
    software: str | None = None
    parameters: Mapping[str, str | float | None] | None = None


History = tuple[LossyStep, ...]


def appended(history: History, *steps: LossyStep) -> History:
    """Return a history with further steps; the earlier ones stay as they are, whatever they say."""
    return history + tuple(
        replace(
            step,
            dicom_method=dicom_method(step.method),
            ratio=None if step.ratio is None else round(step.ratio, 3),
        )
        for step in steps
    )


def describe_step(step: LossyStep) -> str:
    """Put a step into words: `JPEG, quality 30, 12.5:1, by Aperio ...`."""
    parameters = step.parameters or {}
    basis = f" (by {parameters['quality_from']})" if "quality_from" in parameters else ""
    floor, realism = parameters.get("min_psnr"), parameters.get("realism")
    effort = parameters.get("effort")
    words = [
        step.method,
        f"quality {step.quality}{basis}" if step.quality is not None else "",
        f"{step.ratio:.3g}:1" if step.ratio is not None else "",
        f"by {step.software}" if step.software else "",
        f"model {parameters['model']}" if parameters.get("model") else "",
        f"realism {realism:g}" if isinstance(realism, int | float) else "",
        f"effort {effort:g}" if isinstance(effort, int | float) else "",
        f"every tile {floor:g} dB or more" if isinstance(floor, int | float) else "",
    ]
    return ", ".join(filter(None, words))
