"""Mutants are found, installed and caught; those that are listed to survive exist."""

import pytest

from pathae_codec.bitstream.header import parse_header
from tests.mutation.__main__ import KINDS, caught_by, read_survivors
from tests.mutation.mutants import Mutant, mutants


@pytest.fixture(scope="module")
def found() -> dict[str, Mutant]:
    return {mutant.key: mutant for mutant in mutants()}


@pytest.mark.slow
def test_what_is_listed_to_survive_is_a_mutant(found: dict[str, Mutant]) -> None:
    """A check that is gone, or reads otherwise, leaves the list; `--listed` tries the others."""
    listed = [key for keys in read_survivors().values() for key in keys]
    assert sorted(set(listed) - set(found)) == []
    assert len(listed) == len(set(listed))


@pytest.mark.slow
def test_every_kind_of_mutant_is_found(found: dict[str, Mutant]) -> None:
    assert {mutant.kind for mutant in found.values()} == {*KINDS, "bound"}


@pytest.mark.slow
def test_a_check_that_does_not_fire_is_caught_and_stays_in_the_child(
    found: dict[str, Mutant],
) -> None:
    module = "pathae_codec.bitstream.header.parse_header"
    mutant = next(m for key, m in found.items() if key.startswith(f"{module}: never: data[:2]"))
    assert caught_by(mutant, ["valid/constant-white", "invalid/magic-zero"]) == "invalid/magic-zero"
    assert caught_by(mutant, ["valid/constant-white"]) is None
    with pytest.raises(ValueError, match="magic"):
        parse_header(b"\0" * 16)
