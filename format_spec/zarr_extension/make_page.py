"""Make the page of the codec `pathae` for the registry of Zarr extensions, ready to submit.

From the root of the repository:

    python -m format_spec.zarr_extension.make_page

The text is part 1 of the OME-Zarr binding without the names of its rules, the schema that of a
codec object around the configuration's. A test holds that what is stored is what this makes.
"""

import json
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
V1 = HERE.parent / "v1"
FOLDER = HERE / "codecs" / "pathae"
HEAD = """# pathae codec

Defines an `array -> bytes` codec that turns a chunk of an RGB image, such as a tile of a
whole-slide image, into the entropy-coded latent of an autoencoder. Chunks of one colour take 23
bytes, and chunks that the autoencoder cannot hold are JPEG XL. Only chunks of one colour and
lossless JPEG XL are exact.

> This document is a proposed extension. It is licensed under the
> [Creative Commons Attribution 3.0 Unported License](https://creativecommons.org/licenses/by/3.0/).
"""
TAIL = """## Format and algorithm

The bytes of a chunk, from the 16-byte header over interleaved rANS to the CRC-32, and the
artifact in `parameters` are specified in `format_spec/v1` of PathAE (`spec.md` and
`model_artifact.md`), with JSON schemas and conformance vectors, valid and invalid. Bytes to
symbols is exact integer arithmetic; symbols to pixels is a network of known layers, within 2 of
255 steps of the reference. Reading never downloads and runs nothing that a file brings along.

## Current maintainers

The PathAE maintainers. The Python implementation is the package `pathae`, which registers the
codec for zarr-python and, as `pathae` with the same members, for numcodecs and Zarr v2.
"""


def make_page() -> dict[str, str]:
    """Return the text of each file of the codec's folder."""
    binding = (V1 / "ome_zarr_binding.md").read_text("utf-8")
    part = binding[binding.index("## Codec name") : binding.index("# Part 2.")].rstrip()
    part = re.sub(r"\s*\[R-[^\]]+\]", "", part)
    part = part.replace(
        "[schema/codec.schema.json](schema/codec.schema.json)",
        "the `configuration` of [schema.json](schema.json)",
    )
    part = re.sub(r"\[(\w+\.md)\]\(\1\)", r"`\1`", part)
    schema = json.loads((V1 / "schema" / "codec.schema.json").read_text("utf-8"))
    draft = schema.pop("$schema")
    codec = {
        "$schema": draft,
        "title": "Zarr codec `pathae`",
        "type": "object",
        "required": ["name", "configuration"],
        "properties": {"name": {"const": "pathae"}, "configuration": schema},
        "additionalProperties": False,
    }
    return {
        "README.md": f"{HEAD}\n{part}\n\n{TAIL}",
        "schema.json": json.dumps(codec, indent=2) + "\n",
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in make_page().items():
        (FOLDER / name).write_text(text, "utf-8")
