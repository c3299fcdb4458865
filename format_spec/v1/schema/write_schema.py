"""Write the schema of the slide record: `python -m format_spec.v1.schema.write_schema`.

It follows from `pathae_codec.record.slide_record.SlideRecord`; a test holds the two together.
"""

import json
from pathlib import Path

from pathae_codec.record.slide_record import SlideRecord

PATH = Path(__file__).with_name("slide_record.schema.json")
WIDTH = 100


def schema_text() -> str:
    """Return the text of the file: what fits on a line stands on one."""
    return _text(SlideRecord.schema(), 0) + "\n"


def _text(value: object, indent: int) -> str:
    flat = json.dumps(value)
    if not isinstance(value, dict) or indent + len(flat) < WIDTH * 0.9:
        return flat
    lines = (
        f"{' ' * (indent + 2)}{json.dumps(k)}: {_text(v, indent + 2)}" for k, v in value.items()
    )
    return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"


if __name__ == "__main__":
    PATH.write_text(schema_text(), "utf-8")
