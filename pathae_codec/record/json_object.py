"""Frozen dataclasses as JSON objects: what is read and written follows from their fields.

* A field without a default is a key that must be there; None in its type is null.
* A field with the default None is a key that may be absent; null it may not be.
* `Limits` in an `Annotated` narrow a type by keywords of JSON schema.
* A key that no field declares is kept in `further`: a later version of the format knows it.
"""

import operator
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

_MOST = 1e300
"""Of a number: JSON's can be longer than a float, and infinite."""
_CHECKS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "multipleOf": lambda value, step: value % step == 0,
    "enum": lambda value, known: value in known,
    "minItems": lambda items, least: len(items) >= least,
    "maxItems": lambda items, most: len(items) <= most,
    "pattern": lambda text, pattern: re.fullmatch(pattern, text) is not None,
    "required": lambda value, names: value.keys() >= set(names),
    "propertyNames": lambda value, rule: all(re.fullmatch(rule["pattern"], n) for n in value),
}
_NEUTRAL: Mapping[Any, Any] = {str: "", int: -1, float: -1, tuple: (), Mapping: {}}


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
        keys = json_keys(type(self)).items()
        stated = ((name, getattr(self, name), needed) for name, (_, needed) in keys)
        known = {name: _as_json(one) for name, one, needed in stated if needed or one is not None}
        return known | dict(self.further)


def _json_keys(cls: Any) -> Mapping[str, tuple[Any, bool]]:  # noqa: ANN401
    types = get_type_hints(cls, include_extras=True)
    keys = {}
    for key in (key for key in fields(cls) if key.default_factory is MISSING):
        needed, declared = key.default is MISSING, types[key.name]
        stated = tuple(one for one in get_args(declared) if one is not NoneType)
        keys[key.name] = declared if needed else Union[stated], needed  # noqa: UP007
    return keys


json_keys: Callable[[type], Mapping[str, tuple[Any, bool]]] = cache(_json_keys)
"""Return the type of each key of a `JsonObject`, and whether it must be there."""


def read_fields(cls: type[JsonObject], value: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Read an object's fields from JSON.

    Returns:
        The arguments of `cls`, and the names of keys that are not as they are declared: for these
        the arguments have an empty text, nothing, or -1, which no count, side or rung is.
    """
    keys, wrong = json_keys(cls), set()
    arguments: dict[str, Any] = {"further": {n: v for n, v in value.items() if n not in keys}}
    for name, (declared, needed) in keys.items():
        arguments[name] = None
        try:
            if needed or name in value:
                arguments[name] = _read(declared, value.get(name, MISSING))
        except ValueError:
            wrong.add(name)
            arguments[name] = _neutral(declared) if needed else None
    return arguments, wrong


def _read(declared: Any, value: Any) -> Any:  # noqa: ANN401
    """Return a value of JSON as Python has it; ValueError where it is not as declared."""
    origin, inner = get_origin(declared), get_args(declared)
    if origin is Annotated:
        found = _read(inner[0], value)
        if all(_CHECKS[name](found, limit) for name, limit in inner[1].keywords.items()):
            return found
    elif origin in (Union, UnionType):
        for one in inner:
            with suppress(ValueError):
                return _read(one, value)
    elif origin is tuple and isinstance(value, list) and (... in inner or len(value) == len(inner)):
        return tuple(_read(inner[0], one) for one in value)
    elif origin is Mapping and isinstance(value, dict):
        return {name: _read(inner[1], one) for name, one in value.items()}
    elif origin is None and issubclass(declared, JsonObject) and isinstance(value, dict):
        arguments, wrong = read_fields(declared, value)
        if not wrong:
            return declared(**arguments)
    elif _is_plain(declared, value):
        return value
    raise ValueError


def _is_plain(declared: type, value: Any) -> bool:  # noqa: ANN401
    # Python's bool is an int, JSON's is none; NaN is below nothing.
    if type(value) in (int, float):
        return declared in (type(value), float) and abs(value) < _MOST
    return type(value) is declared


def _neutral(declared: Any) -> Any:  # noqa: ANN401
    origin, inner = get_origin(declared), get_args(declared)
    if origin is Annotated:
        return _neutral(inner[0])
    if NoneType in inner:
        return None
    if declared in _NEUTRAL or origin in _NEUTRAL:
        return _NEUTRAL[origin or declared]
    return declared(**read_fields(declared, {})[0])


def _as_json(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, JsonObject):
        return value.as_json()
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value
