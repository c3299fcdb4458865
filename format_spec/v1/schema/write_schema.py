"""Write the schema of the slide record: `python -m format_spec.v1.schema.write_schema`.

It follows from `pathae_codec.record.slide_record.SlideRecord`; a test holds the two together.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pathae_codec.record.json_object import json_keys
from pathae_codec.record.slide_record import FORMAT, FORMAT_VERSION, SlideRecord

PATH = Path(__file__).with_name("slide_record.schema.json")
WIDTH = 100
NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}


def schema_text() -> str:
    """Return the text of the file."""
    keys = schema(SlideRecord)
    record = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"PathAE slide record, version {FORMAT_VERSION}",
        "description": "`attributes.pathae` in OME-Zarr, tag 65501 in TIFF. Readers ignore other "
        "keys.",
        "type": "object",
        "required": ["format", "version", *keys["required"]],
        "properties": {
            "format": {"const": FORMAT},
            "version": {"const": FORMAT_VERSION},
            **keys["properties"],
        },
    }
    return _text(record, 0) + "\n"


def schema(declared: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the JSON schema of a type as `pathae_codec.record.json_object` takes it."""
    origin, inner = get_origin(declared), get_args(declared)
    if origin is Annotated:
        return schema(inner[0]) | inner[1].keywords
    if origin in (Union, UnionType):
        # A keyword holds for values of its own type only, so that those of all stand together.
        every = [schema(one) for one in inner]
        merged = {name: rule for one in every for name, rule in one.items()}
        return merged | {"type": [one["type"] for one in every]}
    if origin is tuple:
        count = {} if ... in inner else {"minItems": len(inner), "maxItems": len(inner)}
        return {"type": "array", "items": schema(inner[0]), **count}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": schema(inner[1])}
    if declared in NAMES:
        return {"type": NAMES[declared]}
    keys = json_keys(declared)
    return {
        "type": "object",
        "required": [name for name, (_, needed) in keys.items() if needed],
        "properties": {name: schema(one) for name, (one, _) in keys.items()},
    }


def _text(value: object, indent: int) -> str:
    """Return JSON in which what fits on a line stands on one."""
    flat = json.dumps(value)
    if not isinstance(value, dict | list) or indent + len(flat) < WIDTH - 15:
        return flat
    margins = dict.fromkeys(("initial_indent", "subsequent_indent"), " " * (indent + 2))
    if isinstance(value, list):
        return "[\n" + fill(flat[1:-1], WIDTH, **margins) + f"\n{' ' * indent}]"
    lines = (f"{' ' * indent}  {json.dumps(k)}: {_text(v, indent + 2)}" for k, v in value.items())
    return "{\n" + ",\n".join(lines) + f"\n{' ' * indent}}}"


if __name__ == "__main__":
    PATH.write_text(schema_text(), "utf-8")
