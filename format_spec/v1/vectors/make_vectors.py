"""Make the conformance vectors.

From the root of the repository:

    python -m format_spec.v1.vectors.make_vectors [--update]

Add-only: a vector that is there and whose bytes would change is an error, unless `--update` is
given. Symbols are drawn as integers, never by a network, so that every machine makes the same
bytes. Payloads of JPEG XL are kept as long as they decode to the same pixels: their bytes are up
to the library.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.frequencies import FrequencyTables, normalize_counts
from pathae_codec.bitstream.header import ImageCoding, Mode, TileHeader
from pathae_codec.bitstream.rans import encode_symbols
from pathae_codec.bitstream.tile import pack_tile, unpack_tile
from pathae_codec.codec import TileCodec
from pathae_codec.constant import encode_constant
from pathae_codec.fallback import decode_fallback, encode_fallback
from pathae_codec.model.artifact import Bottleneck, ModelArtifact
from pathae_codec.model.quantizer import Quantizer
from pathae_codec.model.storage import load_artifact, save_artifact

HERE = Path(__file__).resolve().parent
MODEL, SYMBOLS_MODEL = "model.safetensors", "symbols.safetensors"
QUALITY = 60
PEAK_ERROR, RMS_ERROR = 2, 0.5
EDGE_ALPHABETS = (1, 2, 3, 4096)

Files = dict[str, bytes]


@dataclass(frozen=True)
class Vector:
    """One folder: its files, and which of them may differ as long as they decode to the same."""

    folder: str
    files: Files
    free: bool = False


def make_vectors() -> Iterator[Vector]:
    """Give every vector, the models first."""
    model, edges = stored_model(), edge_model()
    yield Vector("", {MODEL: model, SYMBOLS_MODEL: save_artifact(edges)})
    yield from _constants()
    yield from _latents(load_artifact(model))
    yield from _edges(edges)
    yield from _fallbacks()
    yield from _invalid_headers()
    yield from _invalid_payloads(load_artifact(model))
    yield from _invalid_artifacts(edges, model)


def stored_model() -> bytes:
    """Give the model that is there already; it is an input. Only the first run draws one."""
    path = HERE / MODEL
    if path.exists():
        return path.read_bytes()
    from tests.tiny_model import tiny_parameters

    return tiny_parameters(embed=True)


def edge_model() -> ModelArtifact:
    """Give parameters whose alphabets are at the limits; all symbols but one are rare."""
    tables, codewords = [], []
    for alphabet in EDGE_ALPHABETS:
        counts = np.zeros(alphabet, np.int64)
        counts[alphabet // 2] = 1000
        tables.append(normalize_counts(counts))
        codewords.append(np.arange(alphabet, dtype=np.float32))
    return ModelArtifact(
        name="symbols-only",
        factor=8,
        latent_channels=len(EDGE_ALPHABETS),
        decoder_id="sha256:" + "0" * 64,
        encoder_id="sha256:" + "0" * 64,
        analysis=None,
        synthesis=None,
        bottlenecks={
            0: Bottleneck(Quantizer(tuple(codewords), None), FrequencyTables(tuple(tables)))
        },
        canary=None,
        card={"license": "CC0-1.0", "sources": []},
    )


def _case(**fields: object) -> bytes:
    return (json.dumps({"license": "CC0-1.0"} | fields, indent=2, sort_keys=True) + "\n").encode()


def _npy(array: NDArray[Any]) -> bytes:
    stream = BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _valid(name: str, files: Files, *, free: bool = False, **case: object) -> Vector:
    files = files | {"case.json": _case(**case)}
    return Vector(f"valid/{name}", files, free)


def _constants() -> Iterator[Vector]:
    shapes = {
        "white": ((255, 255, 255), 16, 24),
        "colour": ((200, 30, 90), 8, 8),
        "gray": ((127,), 5, 3),
        "gray-alpha": ((127, 0), 1, 1),
        "rgba": ((1, 2, 3, 4), 2, 7),
    }
    for name, (colour, height, width) in shapes.items():
        pixels = np.tile(np.array(colour, np.uint8), (height, width, 1))
        tile = encode_constant(pixels)
        assert tile is not None
        yield _valid(
            f"constant-{name}",
            {"tile.pae": tile, "pixels.npy": _npy(pixels)},
            tests=f"a constant tile of {len(colour)} channels, {width} x {height}",
            rules=["R-3.3-length", "R-3.3-exact", "R-8-within"],
            rms_error=0,
            peak_error=0,
        )


def _latents(model: ModelArtifact) -> Iterator[Vector]:
    codec = TileCodec(model)
    sizes = {
        "8x8-lanes1": (8, 8, 1),
        "8x8-lanes4": (8, 8, 4),
        "16x24-lanes1": (16, 24, 1),
        "16x24-lanes2": (16, 24, 2),
        "32x32-lanes1": (32, 32, 1),
        "32x32-lanes2": (32, 32, 2),
        "32x32-lanes8": (32, 32, 8),
        "64x64-lanes256": (64, 64, 256),
    }
    for seed, (name, (height, width, lanes)) in enumerate(sizes.items()):
        symbols = _draw(model, QUALITY, height, width, seed)
        yield _latent(codec, name, symbols, QUALITY, lanes, "symbols drawn by their frequencies")
    alphabets = [len(t) for t in model.bottlenecks[20].tables.channels]
    middle = np.array([a // 2 for a in alphabets], np.uint16)
    for name, value, tests in [
        ("all-likeliest", middle, "the likeliest symbol everywhere: the fewest words"),
        ("all-zero", np.zeros_like(middle), "symbol 0 everywhere, one of the rarest"),
        ("all-last", np.array(alphabets, np.uint16) - 1, "the last symbol of each alphabet"),
    ]:
        symbols = np.tile(value[:, None, None], (1, 2, 3))
        yield _latent(codec, name, symbols, 20, 2, tests)


def _edges(model: ModelArtifact) -> Iterator[Vector]:
    codec = TileCodec(model)
    last = np.array(EDGE_ALPHABETS, np.uint16) - 1
    for name, shape, lanes in [("one-position", (1, 1), 1), ("more-lanes", (3, 5), 16)]:
        symbols = np.tile(last[:, None, None], (1, *shape))
        yield _latent(
            codec, f"alphabets-{name}", symbols, 0, lanes, "alphabets of 1, 2, 3 and 4096"
        )
    # Wide enough that each of two lanes holds as many symbols of a channel as it may.
    symbols = np.tile((np.array(EDGE_ALPHABETS, np.uint16) // 2)[:, None, None], (1, 64, 128))
    yield _latent(codec, "lane-full", symbols, 0, 2, "4096 symbols of a channel in each lane")


def _draw(model: ModelArtifact, quality: int, height: int, width: int, seed: int) -> NDArray[Any]:
    generator = np.random.default_rng(seed)
    shape = (height // model.factor, width // model.factor)
    return np.stack(
        [
            generator.choice(np.repeat(np.arange(len(table)), table), shape)
            for table in model.bottlenecks[quality].tables.channels
        ]
    ).astype(np.uint16)


def latent_tile(
    model: ModelArtifact, symbols: NDArray[np.uint16], quality: int, lanes: int
) -> bytes:
    """Pack symbols, (channels, h, w), as a latent tile."""
    channels, height, width = symbols.shape
    flat = symbols.reshape(1, channels, -1)
    (payload,) = encode_symbols(flat, model.bottlenecks[quality].tables, lanes)
    sides = height * model.factor, width * model.factor
    log2 = lanes.bit_length() - 1
    return pack_tile(TileHeader(Mode.LATENT, *sides, 3, quality, 0, log2, len(payload)), payload)


def _latent(
    codec: TileCodec, name: str, symbols: NDArray[np.uint16], quality: int, lanes: int, tests: str
) -> Vector:
    model = codec.model
    tile = latent_tile(model, symbols, quality, lanes)
    files = {"tile.pae": tile, "symbols.npy": _npy(symbols)}
    rules = ["R-4.1-integers", "R-4.2-rest", "R-7.1-symbols", "R-8-within"]
    case: dict[str, Any] = {"symbols_sha256": sha256(symbols.astype("<u2").tobytes()).hexdigest()}
    if model.synthesis:
        files["pixels.npy"] = _npy(codec.decode_tiles([tile])[0])
        rules += ["R-5-codeword", "R-7.2-peak"]
        case |= {"rms_error": RMS_ERROR, "peak_error": PEAK_ERROR}
    return _valid(
        f"latent-{name}",
        files,
        tests=f"{tests}; {lanes} lanes",
        model=MODEL if model.synthesis else SYMBOLS_MODEL,
        rules=rules,
        **case,
    )


def _fallbacks() -> Iterator[Vector]:
    generator = np.random.default_rng(11)
    for channels, height, width in [
        (1, 8, 8),
        (2, 8, 8),
        (3, 8, 8),
        (4, 8, 8),
        (3, 1, 5),
        (1, 3, 1),
    ]:
        pixels = generator.integers(0, 256, (height, width, channels), np.uint8)
        yield _valid(
            f"fallback-lossless-{channels}x{height}x{width}",
            {"tile.pae": encode_fallback(pixels, None), "pixels.npy": _npy(pixels)},
            free=True,
            tests=f"lossless JPEG XL, {channels} channels, {width} x {height}",
            rules=["R-3.5-image", "R-8-within"],
            rms_error=0,
            peak_error=0,
        )


def _invalid(name: str, tile: bytes, error: str, tests: str, *rules: str) -> Vector:
    case = _case(tests=tests, rules=list(rules), error=error, model=MODEL)
    return Vector(f"invalid/{name}", {"tile.pae": tile, "case.json": case})


def repair_crc(data: bytes) -> bytes:
    """Put the right CRC at the end of a changed tile bitstream."""
    return data[:-4] + crc32(data[:-4]).to_bytes(4, "little")


def _with(tile: bytes, offset: int, value: bytes) -> bytes:
    return repair_crc(tile[:offset] + value + tile[offset + len(value) :])


def _invalid_headers() -> Iterator[Vector]:
    white = encode_constant(np.full((16, 24, 3), 255, np.uint8))
    assert white is not None
    latent = pack_tile(TileHeader(Mode.LATENT, 16, 24, 3, QUALITY, 0, 0, 4), b"\0\0\1\0")
    fallback = pack_tile(TileHeader(Mode.FALLBACK, 8, 8, 3, 0, 0, ImageCoding.JPEG_XL, 0), b"")
    fields = [
        ("magic", 1),
        ("version", 2),
        ("mode", 3),
        ("height", 5),
        ("width", 7),
        ("channels", 8),
    ]
    fields += [("quality", 9), ("table-set", 10), ("coding", 11), ("length", 15)]
    yield _invalid("truncated-empty", b"", "truncated", "no bytes at all", "R-3-truncated")
    for name, size in [*fields, ("header", 16), ("payload", 18), ("crc", len(white) - 1)]:
        tests = f"the bytes end in or before the field: {name}"
        yield _invalid(f"truncated-{name}", white[:size], "truncated", tests, "R-3-truncated")
    trailing = "trailing_bytes"
    yield _invalid("trailing-byte", white + b"\0", trailing, "a byte behind", "R-3-trailing")
    yield _invalid("trailing-tile", white * 2, trailing, "a tile behind the tile", "R-3-trailing")
    for name, magic in [("zero", b"\0\0"), ("swapped", b"\xae\x50"), ("jpeg", b"\xff\xd8")]:
        data = _with(white, 0, magic)
        yield _invalid(f"magic-{name}", data, "bad_magic", "another magic", "R-3.1-magic")
    for version in (0, 2, 255):
        data = _with(white, 2, bytes([version]))
        tests = f"version {version}"
        yield _invalid(f"version-{version}", data, "unsupported_version", tests, "R-3.1-version")
    bad: list[tuple[str, bytes, int, bytes, str]] = [
        ("mode-3", white, 3, b"\3", "R-3.2-mode"),
        ("mode-255", white, 3, b"\xff", "R-3.2-mode"),
        ("height-zero", white, 4, b"\0\0", "R-3.1-range"),
        ("width-zero", white, 6, b"\0\0", "R-3.1-range"),
        ("height-4097", white, 4, b"\x01\x10", "R-8-beyond"),
        ("width-65535", white, 6, b"\xff\xff", "R-8-beyond"),
        ("channels-zero", white, 8, b"\0", "R-3.1-range"),
        ("channels-5", white, 8, b"\5", "R-8-beyond"),
        ("quality-101", latent, 9, b"\x65", "R-8-beyond"),
        ("quality-in-constant", white, 9, b"\1", "R-3.1-quality"),
        ("quality-in-fallback", fallback, 9, b"\1", "R-3.1-quality"),
        ("table-set-1", latent, 10, b"\1", "R-3.1-table-set"),
        ("lanes-log2-9", latent, 11, b"\x09", "R-8-beyond"),
        ("coding-in-constant", white, 11, b"\1", "R-3.1-range"),
        ("coding-fallback-0", fallback, 11, b"\0", "R-3.1-range"),
        ("coding-fallback-2", fallback, 11, b"\2", "R-3.1-range"),
        ("quality-absent", latent, 9, b"\x1e", "R-3.4-quality"),
        ("latent-height-9", latent, 4, b"\x09\0", "R-3.4-multiple"),
        ("latent-width-4", latent, 6, b"\4\0", "R-3.4-multiple"),
        ("latent-one-channel", latent, 8, b"\1", "R-3.4-channels"),
        ("latent-four-channels", latent, 8, b"\4", "R-3.4-channels"),
        ("lane-too-full", latent, 4, b"\0\2\x08\2", "R-4.2-lane-steps"),
    ]
    for name, tile, offset, value, rule in bad:
        data = _with(tile, offset, value)
        yield _invalid(name, data, "field_out_of_range", f"a header field: {name}", rule)
    rules = ("R-3.6-crc", "R-3.6-no-pixels")
    for name, place in [("header", 5), ("payload", 17), ("crc", len(white) - 1)]:
        changed = bytearray(white)
        changed[place] ^= 1
        tests = f"one bit of the {name} flipped"
        yield _invalid(f"crc-{name}", bytes(changed), "checksum_mismatch", tests, *rules)


def _repack(tile: bytes, payload: bytes) -> bytes:
    header, _ = unpack_tile(tile)
    return pack_tile(replace(header, payload_length=len(payload)), payload)


def _invalid_payloads(model: ModelArtifact) -> Iterator[Vector]:
    error = "invalid_payload"
    white = encode_constant(np.full((16, 24, 3), 255, np.uint8))
    assert white is not None
    for size in (0, 2, 4):
        data = _repack(white, b"\xff" * size)
        tests = f"{size} bytes for 3 channels"
        yield _invalid(f"constant-{size}-bytes", data, error, tests, "R-3.3-length")
    tile = latent_tile(model, _draw(model, QUALITY, 16, 24, 3), QUALITY, 2)
    _, good = unpack_tile(tile)
    states, words = good[:8], good[8:]
    low = (0xFFFF).to_bytes(4, "little")
    bad: dict[str, tuple[bytes, str]] = {
        "empty": (b"", "R-4.2-length"),
        "states-cut": (states[:6], "R-4.2-length"),
        "odd": (good + b"\0", "R-4.2-length"),
        "state-low": (low + good[4:], "R-4.2-state"),
        "state-zero": (states[:4] + b"\0\0\0\0" + words, "R-4.2-state"),
        "word-left": (good + b"\0\0", "R-4.2-rest"),
        "word-missing": (good[:-2], "R-4.2-words"),
        "no-words": (states, "R-4.2-words"),
        "state-changed": (bytes([good[0] ^ 1]) + good[1:], "R-4.2-rest"),
        "word-changed": (good[:-1] + bytes([good[-1] ^ 0x80]), "R-4.2-rest"),
    }
    for name, (payload, rule) in bad.items():
        yield _invalid(f"latent-{name}", _repack(tile, payload), error, f"payload: {name}", rule)
    yield from _invalid_images()


def _image(pixels: NDArray[np.uint8]) -> bytes:
    return unpack_tile(encode_fallback(pixels, None))[1]


def _invalid_images() -> Iterator[Vector]:
    generator = np.random.default_rng(12)
    pixels = generator.integers(0, 256, (8, 8, 3), np.uint8)
    tile = encode_fallback(pixels, None)
    _, good = unpack_tile(tile)
    payloads = {
        "empty": b"",
        "garbage": bytes(range(64)),
        "signature-only": b"\xff\x0a",
        "cut": good[: len(good) // 2],
        "other-size": _image(pixels[:4]),
        "swapped-sides": _image(np.zeros((4, 16, 3), np.uint8)),
        "other-channels": _image(pixels[..., :1]),
        "too-large": _image(np.zeros((2048, 2048, 1), np.uint8)),
    }
    for name, payload in payloads.items():
        rules = ("R-3.5-image", "R-3.5-before-allocation")
        case = _case(
            tests=f"JPEG XL: {name}", rules=list(rules), error="invalid_payload", model=MODEL
        )
        files = {"tile.pae": _repack(tile, payload), "case.json": case}
        yield Vector(f"invalid/image-{name}", files, free=True)


def _invalid_artifacts(edges: ModelArtifact, model: bytes) -> Iterator[Vector]:
    from safetensors.numpy import load, save

    small = replace(edges, bottlenecks={0: _tiny_bottleneck()}, latent_channels=2, factor=1)
    data = save_artifact(small)
    record = json.loads(
        json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]["pathae"]
    )
    tensors = load(data)

    def build(change: Mapping[str, Any], **arrays: NDArray[Any]) -> bytes:
        named = {f"bottleneck.0.{key}": value for key, value in arrays.items()}
        text = json.dumps(record | change, sort_keys=True)
        return save(tensors | named, {"pathae": text})

    def u16(*values: int) -> NDArray[np.uint16]:
        return np.array(values, np.uint16)

    def f32(*values: float) -> NDArray[np.float32]:
        return np.array(values, np.float32)

    bad: dict[str, tuple[bytes, str, str]] = {
        "not-safetensors": (b"not safetensors", "invalid_artifact", "R-model-tensors"),
        "cut": (data[:-2], "invalid_artifact", "R-model-tensors"),
        "version-2": (build({"artifact_version": 2}), "unsupported_version", "R-model-version"),
        "factor-65": (build({"factor": 65}), "invalid_artifact", "R-8-beyond"),
        "latent-channels-4": (build({"latent_channels": 4}), "invalid_artifact", "R-8-beyond"),
        "alphabet-zero": (build({}, alphabets=u16(0, 5)), "invalid_artifact", "R-4.1-alphabet"),
        "sum": (build({}, frequencies=u16(1, 1, 1, 8192, 8192)), "invalid_artifact", "R-4.1-sum"),
        "zero": (
            build({}, frequencies=u16(0, 16384, 1, 1, 16382)),
            "invalid_artifact",
            "R-4.1-sum",
        ),
        "descending": (
            build({}, codewords=f32(1, 0, 0, 1, 2)),
            "invalid_artifact",
            "R-model-codewords",
        ),
        "nan": (
            build({}, codewords=f32(0, np.nan, 0, 1, 2)),
            "invalid_artifact",
            "R-model-codewords",
        ),
        "float-frequencies": (
            build({}, frequencies=f32(1, 1, 1, 1, 1)),
            "invalid_artifact",
            "R-model-tensors",
        ),
        "unknown-op": (
            build({"decoder": {"id": "x", "layers": [{"op": "exec"}]}}),
            "invalid_artifact",
            "R-model-layers",
        ),
        "identity": (
            _other_weights(model),
            "invalid_artifact",
            "R-model-identity",
        ),
    }
    for name, (artifact, error, rule) in bad.items():
        case = _case(tests=f"an artifact: {name}", rules=[rule], error=error)
        yield Vector(
            f"invalid/artifact-{name}", {"artifact.safetensors": artifact, "case.json": case}
        )


def _tiny_bottleneck() -> Bottleneck:
    tables = (normalize_counts(np.array([1, 1])), normalize_counts(np.array([1, 2, 1])))
    words = (np.arange(2, dtype=np.float32), np.arange(3, dtype=np.float32))
    return Bottleneck(Quantizer(words, None), FrequencyTables(tables))


def _other_weights(model: bytes) -> bytes:
    artifact = load_artifact(model)
    assert artifact.synthesis is not None
    name = "0.bias"
    weights = artifact.synthesis.weights | {name: artifact.synthesis.weights[name] + np.float16(1)}
    return save_artifact(replace(artifact, synthesis=replace(artifact.synthesis, weights=weights)))


def same(vector: Vector, name: str, stored: bytes) -> bool:
    """Say whether a stored file is what the generator makes.

    Pixels of a network may differ by the tolerance; a free tile need only decode alike.
    """
    made = vector.files[name]
    if stored == made:
        return True
    if name == "pixels.npy" and "symbols.npy" in vector.files:
        ours, theirs = (np.load(BytesIO(data)).astype(int) for data in (made, stored))
        return ours.shape == theirs.shape and bool(abs(ours - theirs).max() <= PEAK_ERROR)
    if not vector.free or name != "tile.pae":
        return False
    if "pixels.npy" not in vector.files:
        return True
    header, payload = unpack_tile(stored)
    return np.array_equal(
        decode_fallback(header, payload), np.load(BytesIO(vector.files["pixels.npy"]))
    )


def differences() -> list[str]:
    """Give the paths of all stored files that are missing or not what the generator makes."""
    return [
        f"{vector.folder}/{name}"
        for vector in make_vectors()
        for name in vector.files
        if not (path := HERE / vector.folder / name).exists()
        or not same(vector, name, path.read_bytes())
    ]


def write_vectors(*, update: bool) -> list[str]:
    """Write what is missing, and what differs if `update`; give the paths that were refused."""
    refused = []
    for vector in make_vectors():
        folder = HERE / vector.folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in vector.files.items():
            path = folder / name
            if path.exists() and same(vector, name, path.read_bytes()):
                continue
            if path.exists() and not update:
                refused.append(f"{vector.folder}/{name}")
            else:
                path.write_bytes(data)
    return refused


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Make the conformance vectors; add-only.")
    parser.add_argument("--update", action="store_true", help="overwrite vectors that differ")
    refused = write_vectors(update=parser.parse_args().update)
    for path in refused:
        print(f"{path}: differs from the stored vector; left as it is", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
