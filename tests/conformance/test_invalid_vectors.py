"""Invalid vectors: each is refused with the reason that it states."""

from pathlib import Path

import pytest

from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import ArtifactError, ContainerError, FormatError
from pathae_codec.model.artifact_file import load_artifact
from tests.conformance.vectors import folders, read_case, stored_model

ALL = folders("invalid")
TILES = [folder for folder in ALL if (folder / "tile.pae").exists()]
ARTIFACTS = [folder for folder in ALL if (folder / "artifact.safetensors").exists()]


def name(folder: Path) -> str:
    return folder.name


@pytest.mark.parametrize("folder", TILES, ids=name)
def test_tile_is_refused(folder: Path) -> None:
    case = read_case(folder)
    codec = TileCodec(stored_model(case["model"]))
    with pytest.raises(FormatError) as caught:
        codec.decode_tiles([(folder / "tile.pae").read_bytes()])
    assert caught.value.reason == case["error"]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("folder", ARTIFACTS, ids=name)
def test_artifact_is_refused(folder: Path) -> None:
    with pytest.raises(FormatError) as caught:
        load_artifact((folder / "artifact.safetensors").read_bytes())
    assert caught.value.reason == read_case(folder)["error"]


def test_every_folder_is_read() -> None:
    assert len(TILES) + len(ARTIFACTS) == len(ALL)


OF_CONTAINERS = {ContainerError.reason}
"""Vectors are tiles and artifacts; tests/verification/test_validate.py damages whole containers."""


def test_every_reason_has_a_vector() -> None:
    reasons = {read_case(folder)["error"] for folder in ALL}
    kinds = {kind.reason for kind in FormatError.__subclasses__()} - OF_CONTAINERS
    assert reasons == kinds
    assert ArtifactError.reason in reasons
