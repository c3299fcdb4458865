"""Changes of inputs that know what they change: seeded, so that a run can be repeated."""

import base64
import json
import random
import zlib
from collections.abc import Callable
from struct import Struct
from typing import Any

from tests.fuzz.zarr_pack import SEPARATOR

Mutate = Callable[[bytes, random.Random], bytes]
_NUMBERS = (0, 1, 2, 3, 7, 8, 16, 63, 64, 65, 127, 128, 255, 256, 4095, 4096, 4097, 32767, 32768,
            65535, 65536, 2**24, 2**24 + 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63,
            2**64 - 1)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    *_NUMBERS, -1, -(2**63), 2**70, 0.5, 1e308, float("nan"), float("inf"), None, True, False, "",
    "0", "1", "../0", "/etc/passwd", "c", "\0", "a" * 300, "pathae", "uint16", "http://x/", [], {},
    [[]], [0], [3, 0, 0], [3, 2**31, 2**31], {"a": 1}, ["0"] * 70,
)  # fmt: skip
_ENTRY = Struct("<HHII")
_TAGS = (254, 256, 257, 258, 259, 262, 270, 277, 282, 284, 317, 322, 323, 324, 325, 34675, 42113,
         65501, 65502)  # fmt: skip
_HEAD = 24
_DEEP = b"[" * 5000


def mutate_bytes(data: bytes, chance: random.Random) -> bytes:
    """Flip, set, cut, repeat and insert; one to four times."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        _change_bytes(changed, chance)
    return bytes(changed)


def mutate_tile(data: bytes, chance: random.Random) -> bytes:
    """Change the payload of a tile mostly, its header at times: few headers are sound."""
    if chance.random() < 0.25:
        return mutate_bytes(data, chance)
    header, payload = bytearray(data[:16]), mutate_bytes(data[16:-4], chance)
    if chance.random() < 0.2:
        place, values = chance.choice(
            ((4, (8, 16, 24, 32, 0)), (6, (8, 16, 24, 64)), (9, (20, 60)), (10, (0, 1, 2, 3)),
             (11, range(9)))
        )  # fmt: skip
        header[place : place + 1] = bytes((chance.choice(values),))
    return bytes(header) + payload[: len(payload) & ~1] + data[-4:]


def mutate_exact(data: bytes, chance: random.Random) -> bytes:
    """Change a part of an exact tile and state its new length; at times anything."""
    if chance.random() < 0.1 or len(data) < 30:
        return mutate_bytes(data, chance)
    header, payload = bytearray(data[:16]), data[16:-4]
    count = max(1, min(payload[0] * payload[1], (len(payload) - 2) // 8))
    lengths = [int.from_bytes(payload[p : p + 4], "little") for p in range(2, 2 + 8 * count, 4)]
    parts, place = [], 2 + 8 * count
    for length in lengths:
        parts.append(payload[place : place + length])
        place += length
    number = chance.randrange(len(parts))
    # Headers of image and frame, which say how large all is, take few bytes.
    head = _HEAD if chance.random() < 0.4 else len(parts[number])
    parts[number] = mutate_bytes(parts[number][:head], chance) + parts[number][head:]
    stated = [len(part) for part in parts]
    if chance.random() < 0.1:
        stated[number] = chance.choice(_NUMBERS) & 0xFFFFFFFF
    if chance.random() < 0.1:
        at, values = chance.choice(((4, (8, 16, 32, 255)), (6, (8, 16, 32)), (10, range(4)),
                                    (11, range(6))))  # fmt: skip
        header[at] = chance.choice(values)
    grid = bytes(payload[:2]) if chance.random() < 0.9 else chance.randbytes(2)
    body = grid + b"".join(n.to_bytes(4, "little") for n in stated) + b"".join(parts)
    header[12:16] = len(body).to_bytes(4, "little")
    return bytes(header) + body + data[-4:]


def mutate_tiff(data: bytes, chance: random.Random) -> bytes:
    """Change entries of the directories; at times bytes anywhere."""
    if chance.random() < 0.2:
        return mutate_bytes(data, chance)
    changed = bytearray(data)
    places = _entries(data)
    for _ in range(chance.choice((1, 1, 2, 3))):
        if not places:
            break
        place = chance.choice(places)
        entry = list(_ENTRY.unpack_from(changed, place))
        field = chance.randrange(5)
        if field == 0:
            entry[0] = chance.choice(_TAGS)
        elif field == 1:
            entry[1] = chance.randrange(20)
        elif field < 4:
            entry[field] = chance.choice(_NUMBERS) & 0xFFFFFFFF
        else:
            entry[3] = chance.randrange(len(data))
        _ENTRY.pack_into(changed, place, *entry)
    if chance.random() < 0.3:
        # Where tables and texts of the tags lie: behind the first directory, and at the end.
        place = chance.choice(
            (chance.randrange(len(changed)), chance.randrange(min(4096, len(changed))))
        )
        changed[place] ^= 1 << chance.randrange(8)
    return bytes(changed)


def mutate_zarr(data: bytes, chance: random.Random) -> bytes:
    """Change members of the JSON, the parameters in them, or the shards."""
    parts = data.split(SEPARATOR)
    number = chance.randrange(len(parts))
    name, _, content = parts[number].partition(b"\n")
    if name.endswith((b".json", b".zarray", b".zattrs", b".zgroup")) and chance.random() < 0.9:
        content = _mutate_json(content, chance, _change_configuration)
    elif chance.random() < 0.2:
        name = chance.choice((b"../0/zarr.json", b"zarr.json", b".zattrs", b"1/zarr.json", b""))
    else:
        content = mutate_bytes(content, chance)
    parts[number] = name + b"\n" + content
    return SEPARATOR.join(parts)


def mutate_json(data: bytes, chance: random.Random) -> bytes:
    """Change a member of a JSON text; at times bytes anywhere."""
    return _mutate_json(data, chance, lambda value, chance: None)


def mutate_artifact(data: bytes, chance: random.Random) -> bytes:
    """Change the header of a safetensors value, the record in it, or the tensors."""
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length])
        record = json.loads(header["__metadata__"]["pathae"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return mutate_bytes(data, chance)
    if not isinstance(record, dict):
        return mutate_bytes(data, chance)
    body, kind = data[8 + length :], chance.random()
    if kind < 0.45:
        # A digest would refuse all that follows: what was written before there was one has none.
        record.pop("digest", None)
        record = _change_value(record, chance)
        header["__metadata__"]["pathae"] = json.dumps(record)
    elif kind < 0.7:
        header = _change_value(header, chance)
    elif kind < 0.95:
        record.pop("digest", None)
        header["__metadata__"]["pathae"] = json.dumps(record)
        body = mutate_bytes(body, chance) if body else body
    else:
        return mutate_bytes(data, chance)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def _change_bytes(data: bytearray, chance: random.Random) -> None:
    if not data:
        data += chance.randbytes(chance.randrange(1, 40))
        return
    place, kind = chance.randrange(len(data)), chance.randrange(8)
    end = min(len(data), place + chance.choice((1, 2, 4, 16, 64)))
    if kind == 0:
        data[place] ^= 1 << chance.randrange(8)
    elif kind == 1:
        data[place] = chance.randrange(256)
    elif kind == 2:
        size = chance.choice((1, 2, 4, 8))
        number = chance.choice(_NUMBERS) & (2 ** (8 * size) - 1)
        data[place : place + size] = number.to_bytes(size, chance.choice(("little", "big")))
    elif kind == 3:
        del data[place:end]
    elif kind == 4:
        del data[place:]
    elif kind == 5:
        data[place:place] = data[place:end]
    elif kind == 6:
        data[place:place] = chance.randbytes(chance.randrange(1, 20))
    else:
        data[place:end] = bytes((chance.choice((0, 255)),)) * (end - place)


def _entries(data: bytes) -> list[int]:
    """Return where the entries of a classic TIFF's directories lie."""
    places: list[int] = []
    offset = int.from_bytes(data[4:8], "little")
    while 0 < offset < len(data) - 2 and len(places) < 1000:
        count = int.from_bytes(data[offset : offset + 2], "little")
        places += [offset + 2 + _ENTRY.size * number for number in range(count)]
        end = offset + 2 + _ENTRY.size * count
        offset = int.from_bytes(data[end : end + 4], "little")
    return [place for place in places if place + _ENTRY.size <= len(data)]


def _mutate_json(
    content: bytes, chance: random.Random, special: Callable[[Any, random.Random], None]
) -> bytes:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return mutate_bytes(content, chance)
    kind = chance.random()
    if kind < 0.02:
        return _DEEP
    if kind < 0.15:
        return mutate_bytes(content, chance)
    if kind < 0.35:
        special(value, chance)
    else:
        value = _change_value(value, chance)
    return json.dumps(value).encode()


def _change_configuration(value: Any, chance: random.Random) -> None:  # noqa: ANN401
    """Change the codec parameters in an array's metadata, compressed anew."""
    for node in _nodes(value):
        if isinstance(node, dict) and isinstance(node.get("parameters"), str):
            try:
                parameters = zlib.decompress(base64.b64decode(node["parameters"]))
            except (ValueError, zlib.error):
                continue
            kind = chance.random()
            if kind < 0.1:
                parameters = bytes(chance.choice((2**20, 65 * 2**20)))
            else:
                parameters = mutate_artifact(parameters, chance)
            node["parameters"] = base64.b64encode(zlib.compress(parameters, 1)).decode()


def _change_value(value: Any, chance: random.Random) -> Any:  # noqa: ANN401
    """Replace, remove, add or repeat one member somewhere in a JSON value."""
    inner = [node for node in _nodes(value) if isinstance(node, (dict, list)) and node]
    if not inner:
        return chance.choice(_VALUES)
    node, kind = chance.choice(inner), chance.random()
    key: Any = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
    if kind < 0.7:
        node[key] = chance.choice(_VALUES)
    elif kind < 0.8:
        del node[key]
    elif kind < 0.9 and isinstance(node, dict):
        node[chance.choice(("", "op", "x", "levels", "digest"))] = chance.choice(_VALUES)
    elif isinstance(node, list):
        node.extend([node[key]] * chance.choice((1, 70)))
    else:
        node[key] = [node[key]]
    return value


def _nodes(value: Any) -> list[Any]:  # noqa: ANN401
    found, waiting = [], [value]
    while waiting:
        node = waiting.pop()
        found.append(node)
        if isinstance(node, dict):
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return found
