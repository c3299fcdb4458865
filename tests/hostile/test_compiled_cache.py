"""Whatever lies in the cache of compiled code, tiles decode, and it is said once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="numba is not installed: the extra pathae[fast]")
ROOT = Path(__file__).parents[2]
CODE = """
import logging
logging.basicConfig()
import numpy as np
from pathae_codec.bitstream.rans import decode_symbols, encode_symbols, fastest_lanes
from pathae_codec.bitstream.frequencies import FrequencyTables
tables = FrequencyTables((np.array([[16000, 383, 1]], np.uint16),))
symbols = (np.arange(3000, dtype=np.uint16) % 7 % 3).reshape(1, 1, 3000)
sets = np.zeros(1, np.intp)
payloads = encode_symbols(symbols, tables, sets, 8)
assert (decode_symbols(payloads, tables, sets, 3000, 8) == symbols).all()
print(fastest_lanes().__name__)
"""


def decode(cache: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, timeout=120,
        check=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cache = tmp_path_factory.mktemp("filled")
    assert "lanes_compiled" in decode(cache).stdout
    return cache


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", ["empty", "cut", "noise"])
def test_a_broken_cache_is_compiled_anew(
    damage: str, ending: str, filled: Path, tmp_path: Path
) -> None:
    cache = shutil.copytree(filled, tmp_path / "cache")
    files = sorted(cache.rglob(f"*.{ending}"))
    assert files
    for file in files:
        data = file.read_bytes()
        broken = {"empty": b"", "cut": data[: len(data) // 2], "noise": bytes(len(data))}
        file.write_bytes(broken[damage])
    ended = decode(cache)
    assert "lanes_compiled" in ended.stdout
    assert ended.stderr.count("cache of compiled code cannot be read") == 1


def test_code_of_something_else_is_not_taken(filled: Path, tmp_path: Path) -> None:
    """As a cache that two machines share by mistake has it."""
    cache = shutil.copytree(filled, tmp_path / "cache")
    (other,) = cache.rglob("*_encode*.nbc")
    (file,) = cache.rglob("*_decode*.nbc")
    shutil.copyfile(other, file)
    ended = decode(cache)
    assert ended.stdout.strip() == "pathae_codec.bitstream.lanes"
    assert ended.stderr.count("does not do what it should") == 1
