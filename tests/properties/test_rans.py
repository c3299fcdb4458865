"""The entropy coder: an exact inverse, one payload for its symbols, errors for all else."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathae_codec.bitstream import rans
from pathae_codec.bitstream.frequencies import TOTAL, FrequencyTables, normalize_counts
from pathae_codec.bitstream.limits import MAX_LANE_STEPS, MAX_SYMBOLS_PER_BYTE
from pathae_codec.bitstream.rans import LOW, choose_lanes_log2, decode_symbols, encode_symbols
from pathae_codec.errors import ArtifactError, PayloadError
from tests.properties.strategies import counts, sets_for, symbols_for, tables

FIRST = np.zeros(1, int)


@pytest.fixture(scope="module", params=["lanes", "lanes_compiled"], autouse=True)
def lanes_module(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything here holds for both ways of coding a channel."""
    if request.param == "lanes_compiled" and not find_spec("numba"):
        pytest.skip("numba is not installed")
    module = import_module(f"pathae_codec.bitstream.{request.param}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rans, "fastest_lanes", lambda: module)
        yield


@given(st.data(), tables(), st.integers(0, 8))
def test_decoding_inverts_encoding(data: st.DataObject, model: FrequencyTables, log2: int) -> None:
    """Covers R-4.2-rest and R-7.1-symbols."""
    symbols = data.draw(symbols_for(model))
    sets = data.draw(sets_for(model, len(symbols)))
    payloads = encode_symbols(symbols, model, sets, 1 << log2)
    decoded = decode_symbols(payloads, model, sets, symbols.shape[2], 1 << log2)
    assert np.array_equal(decoded, symbols)


@given(st.data(), tables(), st.integers(0, 3))
def test_a_batch_is_its_tiles(data: st.DataObject, model: FrequencyTables, log2: int) -> None:
    symbols = data.draw(symbols_for(model))
    sets = data.draw(sets_for(model, len(symbols)))
    together = encode_symbols(symbols, model, sets, 1 << log2)
    alone = [
        encode_symbols(symbols[i : i + 1], model, sets[i : i + 1], 1 << log2)[0]
        for i in range(len(symbols))
    ]
    assert together == alone


@given(tables(), st.binary(max_size=80), st.integers(1, 30), st.integers(0, 3))
def test_any_payload_decodes_or_is_refused(
    model: FrequencyTables, payload: bytes, positions: int, log2: int
) -> None:
    """What decodes is what an encoder writes: a payload is the only one for its symbols."""
    try:
        symbols = decode_symbols([payload], model, FIRST, positions, 1 << log2)
    except PayloadError:
        return
    assert encode_symbols(symbols, model, FIRST, 1 << log2) == [payload]


@given(st.data(), tables(), st.integers(0, 2))
def test_reference_decoder_agrees(data: st.DataObject, model: FrequencyTables, log2: int) -> None:
    """The pseudocode of section 4.2, as it stands there. Covers R-4.1-integers."""
    symbols = data.draw(symbols_for(model))[:1]
    lanes = 1 << log2
    sets = data.draw(sets_for(model, 1))
    (payload,) = encode_symbols(symbols, model, sets, lanes)
    tables = [table[sets[0]] for table in model.channels]
    assert reference_decode(payload, tables, symbols.shape[2], lanes) == symbols[0].tolist()


def reference_decode(
    payload: bytes, tables: list[np.ndarray], positions: int, lanes: int
) -> list[list[int]]:
    states = [int.from_bytes(payload[4 * i : 4 * i + 4], "little") for i in range(lanes)]
    rest = payload[4 * lanes :]
    words = iter([int.from_bytes(rest[i : i + 2], "little") for i in range(0, len(rest), 2)])
    result = []
    for table in tables:
        symbols = [0] * positions
        for p in range(positions if len(table) > 1 else 0):
            x = states[p % lanes]
            slot = x % TOTAL
            start = symbol = 0
            while start + int(table[symbol]) <= slot:
                start += int(table[symbol])
                symbol += 1
            x = int(table[symbol]) * (x // TOTAL) + slot - start
            if x < LOW:
                x = x * 65536 + next(words)
            symbols[p], states[p % lanes] = symbol, x
        result.append(symbols)
    assert states == [LOW] * lanes
    assert next(words, None) is None
    return result


@given(counts)
def test_normalized_counts_are_a_table(values: list[int]) -> None:
    """Covers R-4.1-sum."""
    table = normalize_counts(np.array(values))
    assert table.sum(dtype=int) == TOTAL
    assert table.min() >= 1


@pytest.mark.parametrize("table", [[], [TOTAL - 1], [TOTAL, 0], [1, TOTAL], [4] * 4097], ids=str)
def test_wrong_tables_are_refused(table: list[int]) -> None:
    """Covers R-4.1-sum and R-4.1-alphabet."""
    with pytest.raises(ArtifactError):
        FrequencyTables((np.array(table, np.uint16)[None],))


@settings(max_examples=300)
@given(st.integers(0, 10**7), st.integers(1, MAX_LANE_STEPS << 8), st.integers(0, 1024))
def test_chosen_lanes_are_allowed(information: int, positions: int, channels: int) -> None:
    """Covers R-4.2-lane-steps and R-4.2-symbols."""
    symbols = channels * positions
    log2 = choose_lanes_log2(information, positions, symbols)
    assert 0 <= log2 <= 8
    assert positions <= MAX_LANE_STEPS << log2
    payload = max(4 << log2, (2 << log2) + information)
    assert log2 == 8 or symbols <= MAX_SYMBOLS_PER_BYTE * payload


@pytest.mark.parametrize("channels", [4, 5])
def test_symbols_for_each_byte(channels: int) -> None:
    """Covers R-4.2-symbols: a payload of four bytes holds 16384 symbols, and no more."""
    model = FrequencyTables((np.array([[TOTAL - 1, 1]], np.uint16),) * channels)
    symbols = np.zeros((1, channels, MAX_LANE_STEPS), np.uint16)
    (payload,) = encode_symbols(symbols, model, FIRST, 1)
    assert len(payload) == 4
    if symbols.size <= 4 * MAX_SYMBOLS_PER_BYTE:
        assert np.array_equal(decode_symbols([payload], model, FIRST, MAX_LANE_STEPS, 1), symbols)
        return
    with pytest.raises(PayloadError, match="expected 5 bytes or more for 20480 symbols, got 4"):
        decode_symbols([payload], model, FIRST, MAX_LANE_STEPS, 1)


def test_a_payload_without_words_is_refused_at_once() -> None:
    """Covers R-4.2-words: the work ends with the channel in which the words do."""
    uniform = normalize_counts(np.full(64, 1))
    model = FrequencyTables((uniform[None],) * 1000)
    with pytest.raises(PayloadError, match="ran out"):
        decode_symbols([LOW.to_bytes(4, "little")], model, FIRST, 16, 1)


def test_without_numba_the_plain_lanes_are_taken() -> None:
    broken = "import sys; sys.modules['numba'] = None\n"
    code = f"{broken}from pathae_codec.bitstream.rans import fastest_lanes\n"
    command = [sys.executable, "-c", f"{code}print(fastest_lanes().__name__)"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["pathae_codec.bitstream.lanes"]
