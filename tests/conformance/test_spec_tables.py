"""The tables and worked examples of the specification are those of the code."""

import re
from dataclasses import fields

import numpy as np
import pytest

from pathae_codec.bitstream import limits
from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.bitstream.header import (
    HEADER,
    MAGIC,
    VERSION,
    ImageCoding,
    Mode,
    StreamCoding,
    TileHeader,
)
from pathae_codec.bitstream.rans import LOW, STATE_BYTES, WORD_BYTES
from pathae_codec.bitstream.tile import CRC, unpack_tile
from pathae_codec.codec.faces import CANARY_TOLERANCE
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import FormatError
from pathae_codec.model import architecture
from pathae_codec.model.artifact import Transform
from pathae_codec.model.artifact_file import ARTIFACT_VERSION, read_record, save_artifact
from pathae_codec.model.identity import transform_id
from pathae_codec.model.realism import with_noise
from pathae_codec.record.json_object import json_keys
from pathae_codec.record.lossy_history import LossyStep
from pathae_codec.record.slide_record import SlideRecord, Source
from pathae_codec.record.tally import Tally
from pathae_codec.tiff import tags
from tests.architecture.source import modules
from tests.conformance.vectors import SPEC, VECTORS, stored_model

TEXT = (SPEC / "v1" / "spec.md").read_text("utf-8")
CODES = {"u8": "B", "u16": "H", "u32": "I"}


def section(heading: str) -> str:
    level = heading.split(" ")[0]
    start = TEXT.index(f"\n{heading}")
    end = re.search(rf"\n#{{1,{len(level)}}} ", TEXT[start + len(heading) :])
    return TEXT[start : start + len(heading) + end.start()] if end else TEXT[start:]


def rows(heading: str) -> list[list[str]]:
    lines = [line for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_header_table_is_the_struct() -> None:
    _, _, *table = rows("### 3.1 Header")
    code = "<" + "".join("2s" if kind == "bytes" else CODES[kind] for _, _, kind, _, _ in table)
    assert code == HEADER.format
    offset = 0
    for stated, size, _, _, _ in table:
        assert int(stated) == offset
        offset += int(size)
    assert offset == HEADER.size
    names = [field for _, _, _, field, _ in table]
    assert names == ["magic", "version", *(field.name for field in fields(TileHeader))]


def test_tables_of_the_slide_record_have_its_keys() -> None:
    """A key that is added to the class needs a line in the text."""
    cells = [row[0].strip("`") for row in rows("## 6. Slide record")]
    main, source, tiles, steps = (i for i, cell in enumerate(cells) if cell == "key")
    assert set(cells[main + 2 : source]) == {"format", "version", *json_keys(SlideRecord)}
    # What every source has stands in the line of `source`.
    always = {"format", "compression", "metadata"}
    assert always | set(cells[source + 2 : tiles]) == set(json_keys(Source))
    assert set(cells[tiles + 2 : steps]) == set(json_keys(Tally))
    assert set(cells[steps + 2 :]) == set(json_keys(LossyStep))


def test_header_table_states_magic_and_version() -> None:
    values = {field: value for _, _, _, field, value in rows("### 3.1 Header")[2:]}
    assert values["magic"] == f"`{MAGIC.hex(' ')}`"
    assert values["version"] == str(VERSION)
    assert values["height"] == values["width"] == f"1 to {limits.MAX_TILE_SIDE}"
    assert values["channels"] == f"1 to {limits.MAX_PIXEL_CHANNELS}"
    assert f"0 to {limits.MAX_QUALITY}" in values["quality"]
    assert f"0 to {limits.MAX_LANES_LOG2}" in values["coding"]
    assert values["payload_length"] == f"0 to {2**32 - 1}"


def test_mode_and_coding_tables() -> None:
    modes = {int(code): name for code, name, _ in rows("### 3.2 Modes")[2:]}
    assert modes == {mode.value: mode.name.lower() for mode in Mode}
    codings = [int(code) for code, _ in rows("### 3.5 Fallback")[2:]]
    assert codings == [coding.value for coding in ImageCoding]
    cells = rows("### 3.7 Exact")
    streams = [int(row[0]) for row in cells if len(row) == 2 and row[0].isdigit()]
    assert streams == [coding.value for coding in StreamCoding]


def test_crc_and_payload_tables() -> None:
    ((offset, size, kind, _, _),) = rows("### 3.6 CRC")[2:]
    assert (offset, int(size), f"<{CODES[kind]}") == ("0", CRC.size, CRC.format)
    states, words = rows("### 4.2 rANS")[2:]
    assert states[1] == f"{STATE_BYTES} * L"
    assert str(LOW) in states[4]
    assert words[:2] == [states[1], f"{WORD_BYTES} * n"]


def test_limits_table_is_the_code() -> None:
    """Covers R-8-beyond and R-8-within as far as the numbers go."""
    stated = {name: int(value) for _, value, name in rows("## 8. Limits")[2:]}
    modules = vars(limits) | {k: v for k, v in vars(architecture).items() if k.startswith("MAX_")}
    actual = {name: value for name, value in modules.items() if name.startswith("MAX_")}
    assert stated == actual


def test_reasons_table_is_the_tree_of_errors() -> None:
    cells = [row[0] for row in rows("### 7.3 Classes of readers")]
    reasons = {cell.strip("`") for cell in cells if cell.startswith("`")}
    assert reasons == {kind.reason for kind in FormatError.__subclasses__()}


def test_canary_tolerance() -> None:
    assert f"off by more than {CANARY_TOLERANCE} " in TEXT


@pytest.mark.parametrize(
    ("document", "numbers"),
    [
        (
            "tiff_binding.md",
            (tags.RECORD_TAG, tags.PARAMETERS_TAG, tags.LEDGER_TAG, tags.NODATA_TAG),
        ),
        ("model_artifact.md", (f"{ARTIFACT_VERSION}; a reader",)),
    ],
)
def test_bindings_state_the_numbers(document: str, numbers: tuple[object, ...]) -> None:
    text = (SPEC / "v1" / document).read_text("utf-8")
    for number in numbers:
        assert f"| {number}" in text
    assert document != "tiff_binding.md" or f"| {tags.COMPRESSION} |" in text


def test_table_of_noise_is_the_generator() -> None:
    """Covers R-model-noise: each row worked out by whole numbers, then by the code."""
    text = (SPEC / "v1" / "model_artifact.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w{8})` \| (\d) \|(.*)\|$", text, re.MULTILINE)
    assert len(rows) == 6
    for seed, place, rest in rows:
        mixed, bits, total, noise = [cell.strip(" `") for cell in rest.split("|")]
        assert int(mixed, 16) == lowbias32(int(place) + 1)
        assert int(bits, 16) == lowbias32(int(seed, 16) ^ int(mixed, 16))
        assert int(total) == sum(bytes.fromhex(bits))
        seeds, latents = np.array([int(seed, 16)], np.uint32), np.zeros((1, 1, 2, 2), np.float32)
        drawn = with_noise(latents, seeds, 2)[0, 1:].ravel()
        assert f"{drawn.view(np.uint32)[int(place)]:08x}" == noise
        assert drawn[int(place)] == np.float32((int(total) - 510) / 148)


def lowbias32(x: int) -> int:
    x ^= x >> 16
    x = x * 0x7FEB352D % 2**32
    x ^= x >> 15
    x = x * 0x846CA68B % 2**32
    return x ^ x >> 16


def dump(heading: str) -> bytes:
    """Read the bytes of a worked example: the third column of its table."""
    cells = [row[2] for row in rows(heading)[2:]]
    return bytes.fromhex("".join(cell.strip("`") for cell in cells))


def test_worked_constant_tile() -> None:
    """Covers R-3.3-exact."""
    data = dump("## Appendix A")
    white = np.full((256, 256, 3), 255, np.uint8)
    assert data == encode_constant(white)
    assert np.array_equal(
        TileCodec(stored_model("model.safetensors")).decode_tiles([data])[0], white
    )


def test_worked_latent_tile() -> None:
    data = dump("## Appendix B")
    folder = VECTORS / "valid" / "latent-16x24-lanes2"
    assert data == (folder / "tile.pae").read_bytes()
    codec = TileCodec(stored_model("model.safetensors"))
    symbols = codec.decode_tile_symbols([unpack_tile(data)])[0]
    for channel, values in enumerate(symbols.tolist()):
        assert f"channel {channel}: {' '.join(map(str, values))}" in section("## Appendix B")


def test_worked_identity() -> None:
    text = (SPEC / "v1" / "model_artifact.md").read_text("utf-8")
    layers = (architecture.Conv(1, 3, 1), architecture.DepthToSpace(1))
    weights = {"0.weight": np.array([1, 0.5, 0], np.float16).reshape(3, 1, 1, 1)}
    transform = Transform(layers, weights | {"0.bias": np.zeros(3, np.float16)})
    assert transform_id(1, 1, transform) in text


def test_worked_digest() -> None:
    text = (SPEC / "v1" / "model_artifact.md").read_text("utf-8")
    digest = read_record((VECTORS / "digested.safetensors").read_bytes())["digest"]
    assert digest[:19] in text
    digested, plain = (stored_model(f"{name}.safetensors") for name in ("digested", "sets"))
    assert save_artifact(digested) == save_artifact(plain)


def test_sections_that_the_code_cites_exist() -> None:
    documents = {
        name: set(
            re.findall(r"^#+ ([\d.]*\d)", (SPEC / "v1" / file).read_text("utf-8"), re.MULTILINE)
        )
        for name, file in {"v1": "spec.md", "v1, model artifact": "model_artifact.md"}.items()
    }
    cited = [
        (path.name, document.replace("v1 model", "v1, model"), number)
        for path in modules()
        for document, number in re.findall(
            r"Spec: (v1(?:,? model artifact)?), section ([\d.]*\d)", path.read_text("utf-8")
        )
    ]
    assert len(cited) > 10
    assert [c for c in cited if c[2] not in documents[c[1]]] == []
