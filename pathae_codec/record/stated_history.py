"""Lossy steps that an export states in words, read back: the inverse of `describe_step`.

Nothing of it is taken as text: each part follows a closed pattern, so that no name or number of a
patient comes along.
"""

import re

from pathae_codec.record.lossy_history import DICOM_METHODS, LossyStep, is_term

MAX_DERIVATION = 1024
"""Characters of DICOM's Derivation Description (0008,2111), of the type ST: a longer one is cut."""
UNKNOWN = LossyStep("unknown")
_METHODS = {*DICOM_METHODS, "JPEG XL", "JPEG XR", "WebP", "LERC", UNKNOWN.method}
_SOFTWARE = (
    r"pathae \d[\w.+-]{0,30}|"
    r"Aperio (?:Image Library|Leica Biosystems GT450(?: DX)?) v\d+(?:\.\d+){0,3}"
)
_NUMBER = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_STEP = re.compile(
    r"(?P<method>[A-Za-z0-9_ -]+?)"
    rf"(?:, quality (?P<quality>{_NUMBER})"
    r"(?: \(by (?P<basis>quantization tables|the nearest quantization tables|description)\))?)?"
    rf"(?:, (?P<ratio>{_NUMBER}):1)?"
    rf"(?:, by (?P<software>{_SOFTWARE}))?"
    r"(?:, model (?P<model>[a-z0-9][\w.-]{0,40}))?"
    rf"(?:, realism (?P<realism>{_NUMBER}))?"
    r"(?:, effort (?P<effort>[1-9]))?"
    rf"(?:, every tile (?P<floor>{_NUMBER}) dB or more)?"
)


def parse_history(text: str, *, whole: bool = True) -> tuple[LossyStep, ...]:
    """Return the steps of a text that `describe_step` gave, joined by semicolons.

    Args:
        text: The steps, the oldest first. Of one that is not understood only that it was is kept.
        whole: Whether the text was not cut; of a cut one the last step is left out.
    """
    parts = [part for part in text.split("; ") if part]
    return tuple(map(_parse_step, parts if whole else parts[:-1]))


def _parse_step(text: str) -> LossyStep:
    found = _STEP.fullmatch(text)
    if found is None or not (found["method"] in _METHODS or is_term(found["method"])):
        return UNKNOWN
    parameters: dict[str, str | float | None] = {
        "quality_from": found["basis"],
        "model": found["model"],
        "realism": _number(found["realism"]),
        "effort": _number(found["effort"]),
        "min_psnr": _number(found["floor"]),
    }
    return LossyStep(
        found["method"],
        _number(found["ratio"]) or None,
        _number(found["quality"]),
        found["software"],
        {name: value for name, value in parameters.items() if value is not None} or None,
    )


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    value = float(text)
    return int(value) if value.is_integer() else value
