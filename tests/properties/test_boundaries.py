"""Hypothesis at the boundaries that `tests.fuzz` knows: errors of this package, or a result.

Covers R-9-hostile. More inputs: `python -m tests.fuzz --inputs 200000`.
"""

import random
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathae_codec.errors import PathAEError
from tests.fuzz.targets import TARGETS, Target

EXAMPLES = {
    "header": 300, "tile": 150, "exact": 60, "tiff": 60, "zarr": 60, "artifact": 100, "record": 150,
    "geojson": 100, "answer": 20,
}  # fmt: skip


def check(target: Target, data: bytes) -> None:
    with suppress(PathAEError):
        target.run(data)


@pytest.mark.parametrize("name", ["tiff", "zarr", "record", "geojson"])
def test_sound_files_are_taken(name: str) -> None:
    """Inputs are made from these: where they are refused, nothing behind that is reached."""
    target = TARGETS[name]
    for seed in target.seeds():
        target.run(seed)


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_changed_inputs_end_in_typed_errors(target: Target) -> None:
    seeds = target.seeds()

    @settings(
        max_examples=EXAMPLES[target.name],
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(range(len(seeds))), st.integers(0, 2**32))
    def changed(number: int, seed: int) -> None:
        check(target, target.mutate(seeds[number], random.Random(seed)))

    changed()


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_any_bytes_end_in_typed_errors(target: Target) -> None:
    heads = [b"", b"\x50\xae\x01", b"II*\0\x08\0\0\0", b"II+\0\x08\0\0\0", b"zarr.json\n{"]

    most = min(60, EXAMPLES[target.name])

    @settings(max_examples=most, deadline=None, derandomize=True)
    @given(st.sampled_from(heads), st.binary(max_size=300))
    def anything(head: bytes, tail: bytes) -> None:
        check(target, head + tail)

    anything()
