"""The slide record is stated once: class, schema and reader say the same of every key."""

import copy
import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from format_spec.v1.schema.write_schema import PATH, schema_text
from pathae_codec.errors import ContainerError, FormatError
from pathae_codec.record.slide_record import RELIED_ON, SlideRecord
from tests.conformance.test_schemas import RECORD

SCHEMA = Draft202012Validator(json.loads(PATH.read_text("utf-8")))
PLACE = {"level": 0, "row": 3, "column": 4}
FULL: dict[str, Any] = {
    "format": "pathae",
    "version": 1,
    "software": "pathae 0.1.0",
    "address": "https://host/project",
    "model": {**RECORD["model"], "sources": ["https://host/model"]},
    "quality": 60,
    "tile": 256,
    "levels": [[500, 400], [250, 200]],
    "tiles": {
        "min_psnr": 25.0,
        "max_error": None,
        "modes": {"constant": 1, "latent": 2, "lossy": 0, "lossless": 1},
        "rungs": {"40": 1, "60": 1},
        "kept": 1,
        "worst_psnr": {"psnr": 26.125, **PLACE},
        "worst_error": {"max_error": 40, **PLACE},
        "blanked": [PLACE, {"level": 1, "row": 0, "column": 0}],
    },
    "root": RECORD["root"],
    "conversion": RECORD["root"],
    "mpp": [0.5, 1],
    "magnification": 20.0,
    "source": {
        "format": "aperio",
        "compression": "JPEG",
        "series": 1,
        "orientation": 6,
        "crop": [0, 20, 500, 400],
        "supplied": ["mpp", "magnification"],
        "metadata": {"aperio.User": "a"},
    },
    "lossy_history": [
        {"method": "WebP"},
        {
            "method": "JPEG",
            "dicom_method": "ISO_10918_1",
            "ratio": 15.48712,
            "quality": "high",
            "software": "Aperio Image Library v11.2.1",
            "parameters": {"quality_from": "description", "least": 2.5, "most": None},
        },
    ],
    "research_only": True,
    "intended_use": "research only; not for primary diagnosis",
    "icc_profile": "AAAA",
}
ODD = (
    None,
    True,
    -1,
    0,
    1,
    101,
    0.5,
    -0.5,
    "",
    "x",
    "ISO 1",
    "AA=A",
    [],
    [1],
    {},
    {"a": 1},
    {"a": "b"},
)
"""No whole number that is a float: JSON schema takes it as an integer, the reader does not."""


def places(value: object, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Return the path of each value in a value of JSON."""
    inner: Any = value.items() if isinstance(value, dict) else ()
    for key, one in enumerate(value) if isinstance(value, list) else inner:
        yield (*above, key)
        yield from places(one, (*above, key))


def changed(path: tuple[str | int, ...], *values: object) -> dict[str, Any]:
    """Return the full record with another value at a path, or without that key or item."""
    record = copy.deepcopy(FULL)
    *above, last = path
    holder: Any = record
    for key in above:
        holder = holder[key]
    if values:
        holder[last] = values[0]
    else:
        del holder[last]
    return record


def check_alike(record: dict[str, Any], key: str) -> None:
    """Hold schema and reader against each other, and what is read against what comes out."""
    valid = SCHEMA.is_valid(record)
    try:
        parsed = SlideRecord.parse(record)
    except FormatError:
        assert not valid, record
        assert key in (*RELIED_ON, "format", "version")
        return
    assert list(parsed.problems) == ([] if valid else [key]), record
    # Types too: 1 and 1.0 and True are equal.
    assert json.dumps(parsed.as_json(), sort_keys=True) == json.dumps(record, sort_keys=True)


def test_schema_follows_from_the_class() -> None:
    assert PATH.read_text("utf-8") == schema_text(), "python -m format_spec.v1.schema.write_schema"


def test_a_full_record_has_every_key_in_order() -> None:
    names = [field.name for field in fields(SlideRecord)]
    assert [name for name in names if name not in ("further", "problems")] == list(FULL)[2:]
    record = SlideRecord.parse(FULL).sound()
    assert json.dumps(record.as_json()) == json.dumps(FULL)
    assert SCHEMA.is_valid(FULL)


@pytest.mark.parametrize("path", list(places(FULL)), ids=lambda path: ".".join(map(str, path)))
def test_schema_and_reader_refuse_the_same(path: tuple[str | int, ...]) -> None:
    """Covers R-6-schema."""
    for value in ODD:
        check_alike(changed(path, value), str(path[0]))
    check_alike(changed(path), str(path[0]))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -(10**400)])
def test_numbers_are_finite(value: float) -> None:
    """A schema cannot say so: JSON has no such number, Python's has."""
    for path in (("mpp", 0), ("magnification",), ("lossy_history", 1, "ratio")):
        assert list(SlideRecord.parse(changed(path, value)).problems) == [path[0]]


@pytest.mark.parametrize("above", [(), ("model",), ("source",), ("tiles",), ("lossy_history", 0)])
def test_keys_of_a_later_version_survive(above: tuple[str | int, ...]) -> None:
    later = changed((*above, "later"), {"by": [1, None, {"a": 2}]})
    record = SlideRecord.parse(later).sound()
    assert record.as_json() == later
    assert SCHEMA.is_valid(later)


@pytest.mark.parametrize("key", ["levels", "tiles", "conversion", "research_only", "icc_profile"])
def test_absent_is_not_null(key: str) -> None:
    assert key not in SlideRecord.parse(changed((key,))).sound().as_json()
    assert not SCHEMA.is_valid(changed((key,), None))


@pytest.mark.parametrize("key", ["series", "orientation", "crop", "supplied", "metadata"])
def test_what_a_source_does_not_say_is_absent(key: str) -> None:
    path = ("source", key)
    assert key not in SlideRecord.parse(changed(path)).sound().as_json()["source"]
    assert not SCHEMA.is_valid(changed(path, None))


def test_what_is_wrong_is_told_and_refused_where_it_is_relied_on() -> None:
    record = SlideRecord.parse(FULL | {"magnification": "20x", "quality": -3})
    assert record.problems == {
        "quality": "slide record quality: not as the schema says: -3",
        "magnification": "slide record magnification: not as the schema says: '20x'",
    }
    with pytest.raises(ContainerError, match=r"quality: not as .* pathae validate lists all"):
        record.sound()
    for key in RELIED_ON:
        with pytest.raises(ContainerError, match=f"slide record {key}"):
            SlideRecord.parse(FULL | {key: 0})
