"""Values whose safetensors form a reader must refuse."""

import json
from collections.abc import Iterator
from typing import Any

from format_spec.v1.vectors.vector import Vector, case_file

Header = dict[str, Any]


def safetensors_cases(good: bytes) -> Iterator[Vector]:
    """Return the vectors of `invalid/` that are not as safetensors are, or have no record."""
    length = int.from_bytes(good[:8], "little")
    header, body = json.loads(good[8 : 8 + length]), good[8 + length :]
    names = sorted((n for n in header if n != "__metadata__"), key=lambda n: _offsets(header, n))
    last = names[-1]
    codewords = "bottleneck.0.codewords"

    def changed(name: str, **fields: object) -> Header:
        return header | {name: header[name] | fields}

    begin, end = _offsets(header, last)
    text = header["__metadata__"]["pathae"]
    bad: dict[str, bytes] = {
        "hole": _join(changed(last, data_offsets=[begin + 4, end + 4]), body + bytes(4)),
        "trailing": good + b"\0",
        "overlap": _join(changed(last, data_offsets=[begin - 4, end - 4]), body[:-4]),
        "offset-beyond": _join(changed(last, data_offsets=[begin, end + 64]), body),
        "offset-below": _join(changed(last, data_offsets=[end, begin]), body),
        "shape-beyond": _join(changed(codewords, shape=[6]), body),
        "dtype-unknown": _join(changed(codewords, dtype="F20"), body),
        "header-cut": good[: 8 + length // 2],
        "header-length": (2**62).to_bytes(8, "little") + good[8:],
        "header-no-json": _packed(b"{" * length, body),
        "header-list": _packed(json.dumps([header]).encode(), body),
        "no-metadata": _join({n: header[n] for n in names}, body),
        "no-record": _join(header | {"__metadata__": {"other": text}}, body),
        "record-no-json": _join(header | {"__metadata__": {"pathae": "{"}}, body),
        "record-list": _join(header | {"__metadata__": {"pathae": "[1]"}}, body),
    }
    for name, value in bad.items():
        case = case_file(
            tests=f"safetensors: {name}", rules=["R-model-safetensors"], error="invalid_artifact"
        )
        files = {"artifact.safetensors": value, "case.json": case}
        yield Vector(f"invalid/safetensors-{name}", files)


def _offsets(header: Header, name: str) -> list[int]:
    return list(header[name]["data_offsets"])


def _join(header: Header, body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return _packed(text + b" " * (-len(text) % 8), body)


def _packed(header: bytes, body: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header + body
