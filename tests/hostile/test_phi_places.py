"""`info --phi` lists every free text and every byte that no reader of ours accounts for."""

from pathlib import Path

import pytest

from pathae_codec.privacy.disclosures import Disclosure, file_disclosures
from pathae_codec.privacy.image_texts import deflate_strays, jpeg_strays, jpegxl_strays
from tests.hostile.changed_files import NAMES, TIFF, ZARR2, ZARR3, Files, loaded
from tests.hostile.planted_in_zarr import IN_ZARR, SHARD
from tests.hostile.planted_texts import (
    CODEC_PARAMETERS,
    IN_TIFF,
    PLANTED,
    RECORD,
    TEXT,
    Plant,
)

PLACES: list[tuple[str, str, Plant]] = [
    *((name, place, plant) for name in NAMES for place, plant in RECORD.items()),
    *((name, place, plant) for name in NAMES for place, plant in CODEC_PARAMETERS.items()),
    *((TIFF, place, plant) for place, plant in IN_TIFF.items()),
    *((name, place, plant) for name in (ZARR3, ZARR2) for place, plant in IN_ZARR.items()),
    (ZARR3, "between the chunks of a shard", SHARD),
]


def written(files: Files, path: Path) -> Path:
    for name, data in files.items():
        file = path / name if name else path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path


def beside_the_model(found: tuple[Disclosure, ...]) -> list[Disclosure]:
    return [entry for entry in found if "tiny" not in entry.what and entry.what != "CC0-1.0"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_as_it_is_written_has_nothing_to_list(name: str, tmp_path: Path) -> None:
    found = file_disclosures(written(loaded(name), tmp_path / name))
    # The model of these files is none that this machine has.
    assert {entry.where.split()[0] for entry in found} == {"model"}
    assert beside_the_model(found) == []


@pytest.mark.parametrize(
    ("name", "place", "plant"), PLACES, ids=[f"{name}, {place}" for name, place, _ in PLACES]
)
def test_planted_texts_are_listed(name: str, place: str, plant: Plant, tmp_path: Path) -> None:
    files = loaded(name)
    before = dict(files)
    plant(files)
    assert files != before
    found = beside_the_model(file_disclosures(written(files, tmp_path / name)))
    shown = [f"{entry.where} {entry.what}" for entry in found]
    if place == "rest of an entry":  # Two bytes are no text.
        assert any("2 bytes" in line for line in shown)
        return
    assert any(PLANTED in line for line in shown), shown


@pytest.mark.parametrize("name", [ZARR3, ZARR2])
def test_an_empty_folder_is_listed(name: str, tmp_path: Path) -> None:
    path = written(loaded(name), tmp_path / name)
    (path / PLANTED).mkdir()
    assert beside_the_model(file_disclosures(path)) == [Disclosure("folder", PLANTED)]


def test_there_are_as_many_kinds_of_places_as_were_missed() -> None:
    assert len({place for _, place, _ in PLACES}) >= 27


def test_texts_of_images() -> None:
    picture = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xda\0\4\1\2ab\xff\0c\xff\xd9"
    assert list(jpeg_strays(picture)) == []
    assert list(jpeg_strays(picture[:-2] + b"\xff\xfe\0\5abc\xff\xd9")) == [("comment", b"abc")]
    assert list(jpeg_strays(picture + TEXT)) == [("bytes behind its end", TEXT)]
    assert list(jpeg_strays(picture[:20] + b"xyz" + picture[20:])) == [
        ("bytes between segments", b"xyz")
    ]
    assert list(jpegxl_strays(b"\xff\x0a")) == []
    assert list(deflate_strays(b"no", 3)) == [("bytes that do not inflate", b"no")]
