"""Frozen dataclasses as JSON objects: schema, reading and writing follow from their fields.

* A field without a default is a key that must be there; None in its type is null.
* A field with the default None is a key that may be absent; null it may not be.
* `Limits` in an `Annotated` narrow a type by keywords of JSON schema.
* A key that no field declares is kept in `further`: a later version of the format knows it.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

_MOST = 1e300
"""Of a number: JSON's can be longer than a float, and infinite."""
_CHECKS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "minItems": lambda items, least: len(items) >= least,
    "maxItems": lambda items, most: len(items) <= most,
    "pattern": lambda text, pattern: re.fullmatch(pattern, text) is not None,
    "required": lambda value, names: value.keys() >= set(names),
    "propertyNames": lambda value, rule: all(re.fullmatch(rule["pattern"], n) for n in value),
}


class Limits:
    """What a type is narrowed to: keywords of JSON schema, each of them in `_CHECKS`."""

    def __init__(self, **keywords: object) -> None:
        self.keywords = keywords


@dataclass(frozen=True, kw_only=True)
class JsonObject:
    """An object of JSON: a field a key, in the order in which they are declared.

    Fields with a factory are no keys.

    Attributes:
        further: The keys that the class does not declare, as they were read.
    """

    further: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, Any]:
        """Return the object as JSON: what was read comes out as it was, unknown keys last."""
        stated = [(key, getattr(self, key.name)) for key in _keys(type(self))]
        known = {k.name: _as_json(v) for k, v in stated if v is not None or k.default is MISSING}
        return known | dict(self.further)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON schema of the object."""
        return dict(_kind(cls).schema)


def read_fields(cls: type[JsonObject], value: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Read an object's fields from JSON.

    Returns:
        The arguments of `cls`, and the names of keys that are not as the schema says: for these
        the arguments have an empty text, nothing, or -1, which no count, side or rung is.
    """
    kinds, wrong = _field_kinds(cls), set()
    read = {name: kind.neutral if needed else None for name, (kind, needed) in kinds.items()}
    for name, (kind, needed) in kinds.items():
        if name not in value:
            wrong |= {name} if needed else set()
            continue
        try:
            read[name] = kind.read(value[name])
        except ValueError:
            wrong.add(name)
    return read | {"further": {k: v for k, v in value.items() if k not in kinds}}, wrong


@dataclass(frozen=True)
class _Kind:
    """A kind of JSON value.

    Attributes:
        schema: Its JSON schema.
        read: Returns a value of JSON as Python has it; ValueError for one of another kind.
        neutral: Stands for a value that is of another kind.
    """

    schema: Mapping[str, Any]
    read: Callable[[Any], Any]
    neutral: Any


def _kind(declared: Any) -> _Kind:  # noqa: ANN401
    origin, inner = get_origin(declared), get_args(declared)
    if declared in _PLAIN:
        return _PLAIN[declared]
    if origin is Annotated:
        return _limited(_kind(inner[0]), inner[1].keywords)
    if origin in (Union, UnionType):
        return _union([_kind(one) for one in inner])
    if origin is tuple:
        many = _array(_kind(inner[0]))
        count = len(inner)
        return many if ... in inner else _limited(many, {"minItems": count, "maxItems": count})
    return _object(declared) if is_dataclass(declared) else _map(_kind(inner[1]))


def _plain(name: str, neutral: object, *types: type) -> _Kind:
    def read(value: Any) -> Any:  # noqa: ANN401
        # Python's bool is an int, JSON's none; NaN is below nothing.
        if type(value) not in types or (name in ("integer", "number") and not abs(value) < _MOST):
            raise ValueError
        return value

    return _Kind({"type": name}, read, neutral)


_PLAIN = {
    str: _plain("string", "", str),
    bool: _plain("boolean", False, bool),
    int: _plain("integer", -1, int),
    float: _plain("number", -1, int, float),
    NoneType: _plain("null", None, NoneType),
}


def _limited(kind: _Kind, limits: Mapping[str, Any]) -> _Kind:
    def read(value: Any) -> Any:  # noqa: ANN401
        found = kind.read(value)
        if not all(_CHECKS[name](found, limit) for name, limit in limits.items()):
            raise ValueError
        return found

    return _Kind({**kind.schema, **limits}, read, kind.neutral)


def _union(kinds: list[_Kind]) -> _Kind:
    def read(value: Any) -> Any:  # noqa: ANN401
        for kind in kinds:
            try:
                return kind.read(value)
            except ValueError:
                continue
        raise ValueError

    # A keyword holds for values of its own type only, so that those of all can stand together.
    merged = {name: rule for kind in kinds for name, rule in kind.schema.items()}
    # None comes last by custom, and stands for what is not known.
    return _Kind(merged | {"type": [k.schema["type"] for k in kinds]}, read, kinds[-1].neutral)


def _array(item: _Kind) -> _Kind:
    array = _plain("array", (), list)
    schema = {"type": "array", "items": item.schema}
    return _Kind(schema, lambda value: tuple(map(item.read, array.read(value))), ())


def _map(entry: _Kind) -> _Kind:
    def read(value: Any) -> Any:  # noqa: ANN401
        return {name: entry.read(one) for name, one in _OBJECT.read(value).items()}

    return _Kind({"type": "object", "additionalProperties": entry.schema}, read, {})


def _object(cls: type[JsonObject]) -> _Kind:
    kinds = _field_kinds(cls)

    def read(value: Any) -> Any:  # noqa: ANN401
        arguments, wrong = read_fields(cls, _OBJECT.read(value))
        if wrong:
            raise ValueError
        return cls(**arguments)

    schema = {
        "type": "object",
        "required": [name for name, (_, needed) in kinds.items() if needed],
        "properties": {name: kind.schema for name, (kind, _) in kinds.items()},
    }
    return _Kind(schema, read, cls(**read_fields(cls, {})[0]))


_OBJECT = _plain("object", None, dict)


@cache
def _field_kinds(cls: type[JsonObject]) -> Mapping[str, tuple[_Kind, bool]]:
    """Return the kind of each key, and whether it must be there."""
    types, kinds = get_type_hints(cls, include_extras=True), {}
    for key in _keys(cls):
        needed, kind = key.default is MISSING, types[key.name]
        if not needed:
            kind = Union[tuple(one for one in get_args(kind) if one is not NoneType)]  # noqa: UP007
        kinds[key.name] = _kind(kind), needed
    return kinds


def _keys(cls: type[JsonObject]) -> Iterator[Field[Any]]:
    return (key for key in fields(cls) if key.default_factory is MISSING)


def _as_json(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, JsonObject):
        return value.as_json()
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value
