"""Invalid vectors: each is refused with the reason that it states."""

from pathlib import Path

import pytest

from pathae_codec.errors import ArtifactError, FormatError, ModelMismatchError
from tests.conformance.run_vectors import complaint
from tests.conformance.vectors import folders, read_case

ALL = folders("invalid")
CONTAINERS = folders("containers/invalid")


def name(folder: Path) -> str:
    return folder.name


@pytest.mark.parametrize("folder", ALL, ids=name)
def test_it_is_refused(folder: Path) -> None:
    assert complaint(folder) is None


@pytest.mark.parametrize("folder", CONTAINERS, ids=name)
def test_a_container_is_refused(folder: Path) -> None:
    assert complaint(folder) is None


def test_every_vector_is_a_tile_or_an_artifact() -> None:
    for folder in ALL:
        assert {"tile.pae", "artifact.safetensors"} & {path.name for path in folder.iterdir()}


def test_every_reason_has_a_vector() -> None:
    reasons = {read_case(folder)["error"] for folder in [*ALL, *CONTAINERS]}
    kinds = {kind.reason for kind in FormatError.__subclasses__()}
    assert reasons == kinds | {ModelMismatchError.reason}
    assert ArtifactError.reason in reasons
