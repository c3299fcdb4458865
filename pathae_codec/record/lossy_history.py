"""What was lost on the way: each lossy step since the scanner, the oldest first.

Spec: v1, section 6.1. The terms are DICOM's (PS3.3, C.7.6.1.1.5): Lossy Image Compression Method
(0028,2114) and Ratio (0028,2112) have one value a step.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
Parameter = str | int | float | None


def dicom_method(method: str) -> str | None:
    """Return DICOM's term for a method, which may be such a term itself; None where it has none."""
    return method if _TERM.fullmatch(method) else DICOM_METHODS.get(method)


def method_of_term(term: str) -> str:
    """Return the method that a term of DICOM stands for: its short name, or the term."""
    names = {known: name for name, known in DICOM_METHODS.items()}
    return names.get(term) or (term if _TERM.fullmatch(term) else "unknown")


@dataclass(frozen=True)
class LossyStep:
    """One step that lost something; None where nobody said.

    Attributes:
        method: Short name: `JPEG`, `JPEG 2000`, `PathAE`, ...
        ratio: Bytes before by bytes after, above 0; 20.0 means 20:1.
        quality: On the method's own scale.
        software: Name and version.
        parameters: What else defines the step.
    """

    method: str
    ratio: float | None = None
    quality: float | None = None
    software: str | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the step as the slide record has it, without what nobody said."""
        step = {
            "method": self.method,
            "dicom_method": dicom_method(self.method),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "quality": self.quality,
            "software": self.software,
            "parameters": dict(self.parameters) or None,
        }
        return {key: value for key, value in step.items() if value is not None}


History = tuple[Mapping[str, Any], ...]
"""Steps as slide records have them: those of later versions may say more than `LossyStep`."""


def appended(history: Iterable[Mapping[str, Any]], step: LossyStep) -> History:
    """Return a history with one more step; the earlier ones stay as they are, whatever they say."""
    return (*(dict(earlier) for earlier in history), step.as_json())


def describe_step(step: Mapping[str, Any]) -> str:
    """Put a step of a slide record into words: `JPEG, quality 30, 12.5:1, by Aperio ...`."""
    parameters = step.get("parameters") or {}
    basis = f" (by {parameters['quality_from']})" if "quality_from" in parameters else ""
    floor = parameters.get("min_psnr")
    words = [
        str(step.get("method")),
        f"quality {step['quality']}{basis}" if step.get("quality") is not None else "",
        f"{step['ratio']:.3g}:1" if step.get("ratio") is not None else "",
        f"by {step['software']}" if step.get("software") else "",
        f"model {parameters['model']}" if parameters.get("model") else "",
        f"every tile {floor:g} dB or more" if isinstance(floor, int | float) else "",
    ]
    return ", ".join(filter(None, words))
